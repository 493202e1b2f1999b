"""Starts Kafka and all stages, keeps them running, and stops them in the order of the data flow.

Out: the exit code of `newsmon run`. I/O: child processes, the state directory, signals, the terminal.
"""

from __future__ import annotations

import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from newsmon.app.supervisor.kafka_keeper import KafkaKeeper
from newsmon.app.supervisor.lag import LagPoller
from newsmon.app.supervisor.ports import open_sockets
from newsmon.app.supervisor.process import LineSink
from newsmon.app.supervisor.screen.live import LiveView
from newsmon.app.supervisor.screen.log_file import LogFile, LogFileStream
from newsmon.app.supervisor.screen.scrape import Scraper
from newsmon.app.supervisor.screen.status import SHOWN, Status, status_of, summary_fields
from newsmon.app.supervisor.stages import START_ORDER, Stages
from newsmon.app.supervisor.whole import KafkaPhase, unhealthy_whole, unready_whole
from newsmon.errors import DependencyError
from newsmon.host.disk_watch import DiskWatch
from newsmon.host.disks import directories
from newsmon.kafka.broker.children import Children, end_orphans
from newsmon.kafka.broker.owner import own
from newsmon.kafka.watch import KafkaWatch
from newsmon.liveness.stop_request import STOP, StopRequest, catch_stop_signals
from newsmon.logs import LineStream, catch_the_uncaught, configure_logs, get_logger, is_json
from newsmon.net.listening import port_of
from newsmon.net.monitoring import Health, MonitoringServer
from newsmon.settings import Settings

STOP_BUDGETS_S = (("producer", 5.0), ("processor", 6.0), ("deliver", 4.0), ("store", 4.0))  # 25 s together with the broker
BROKER_STOP_S = 6.0
KILL_WAIT_S = 5.0
TURN_S = 0.2
SHOW_EVERY_S = 1.0
NUMBERS_EVERY_S = 5.0  # of a live view
LOG_STATUS_EVERY_S = 60.0
NUMBERS_BEFORE_LOG_S = 5.0
LEAST_START_BYTES = 64 * 1024**2  # a broker that starts with less stops again before the first article

log = get_logger(__name__)


@dataclass
class WholeHealth(Health):
    """The health of all of newsmon on this machine; the main loop computes it each turn. whole.py has the rule."""

    unready: dict[str, str] = field(default_factory=dict)
    unhealthy: dict[str, str] = field(default_factory=dict)

    def unready_because(self) -> dict[str, str]:
        return super().unready_because() | self.unready

    def unhealthy_because(self) -> dict[str, str]:
        return super().unhealthy_because() | self.unhealthy


class Supervisor:
    """Runs everything that `newsmon run` starts. `run()` blocks until all of it has stopped."""

    def __init__(
        self, settings: Settings, config_file: Path | None, *, terminal: bool, stderr: LineStream, database_file: Path | None = None,
        stop: StopRequest = STOP,
    ) -> None:  # fmt: skip
        """`stderr` gets all log lines without a terminal; `database_file` is the SQLite file, whose disk is watched too."""
        self._settings = settings
        self._config_file = config_file
        self._terminal = terminal
        self._stop = stop
        self._exit_code = 0
        self._served = False  # it got as far as running; a failed start has reported its own error
        self._log_file: LogFile | None = None
        self._health = WholeHealth("run")
        self.is_held_up = False
        """True after `run` if a download goes on that cannot be interrupted; the process should end without waiting for it."""
        self._database_file = database_file
        self._kafka_watch: KafkaWatch | None = None
        self._stderr = stderr
        self._as_json = terminal or is_json(settings.log, stderr)

    def run(self, *, on_logs: Callable[[], None] = lambda: None) -> int:
        """0 after a clean stop, 2 if a stage refused its settings. After a DependencyError or SettingsError nothing is left running.

        `on_logs` is called once log lines have somewhere to go.
        """
        with ExitStack() as stack:
            for number in (signal.SIGINT, signal.SIGTERM):
                stack.callback(signal.signal, number, signal.getsignal(number))
            catch_stop_signals()
            if self._stop.is_asked:
                return 0
            stack.enter_context(own(self._settings.state_dir, command="newsmon run"))
            check_free_space(self._settings.state_dir)
            self._set_up_logs(stack)
            on_logs()
            for orphan in end_orphans(self._settings.state_dir):  # they hold ports, and our own Kafka
                log.warning("run.orphan_ended", stage=orphan.role, pid=orphan.pid, reason=orphan.ending)
            sockets = open_sockets(self._settings)
            for one in sockets.values():
                stack.callback(one.close)
            children = Children(self._settings.state_dir)
            stages = Stages(
                self._settings, self._config_file, sockets, children, on_line=self._on_line()
            )  # fmt: skip
            kafka = KafkaKeeper(self._settings, children, lack_of_space=lambda: lack_of_space(self._settings.state_dir))
            stack.callback(self._stop_everything, stages, kafka, children)
            monitoring = self._settings.monitoring
            server = MonitoringServer(
                self._health, bind=monitoring.bind, port=monitoring.run_port, setting="monitoring.run_port", handed=sockets["run"]
            )  # fmt: skip
            stack.enter_context(server)
            stack.enter_context(DiskWatch(lambda: directories(self._settings, self._database_file)))
            kafka.start()
            if self._wait_for_kafka(kafka, stages, stack):
                self._supervise(kafka, stages, sockets, children, stack)
            self._served = True
        return self._exit_code

    def _set_up_logs(self, stack: ExitStack) -> None:
        stream = self._stderr
        if self._terminal:
            self._log_file = LogFile(self._settings.state_dir / "logs" / "newsmon.log")
            stack.callback(self._log_file.close)
            stream = LogFileStream(self._log_file)
        configure_logs(self._settings.log, stage="run", stream=stream)
        catch_the_uncaught()

    def _watch_kafka(self, kafka: KafkaKeeper, stack: ExitStack) -> None:
        """Say from now on, by log and metric, when Kafka does not answer."""
        if self._kafka_watch is None:
            self._kafka_watch = stack.enter_context(KafkaWatch(self._settings, stage="run", servers=lambda: kafka.addresses))

    def _wait_for_kafka(self, kafka: KafkaKeeper, stages: Stages, stack: ExitStack) -> bool:
        """True once Kafka answers for the first time, False if asked to stop before. Raises what cannot heal by itself."""
        said = ""
        while not kafka.was_up and not self._stop.is_asked:
            self._turn(kafka, stages)
            if kafka.view.phase is KafkaPhase.DOWN:  # the first start of our own takes a while; one that failed, or a cluster, is away
                self._watch_kafka(kafka, stack)
            if self._terminal and kafka.view.detail != said:
                said = kafka.view.detail
                print(f"{said} ...", file=sys.stderr)
            time.sleep(TURN_S)
        return not self._stop.is_asked

    def _turn(self, kafka: KafkaKeeper, stages: Stages) -> None:
        """What every turn of the main loop does, also before the stages run."""
        self._health.beat()
        has_ended = not kafka.is_alive()  # asked first: it may end just now
        if kafka.fatal is not None:
            raise kafka.fatal
        if has_ended:
            raise RuntimeError("the thread that keeps Kafka has ended; its traceback stands above")
        view, views = kafka.view, stages.views()
        self._health.unready = unready_whole(view, views)
        self._health.unhealthy = unhealthy_whole(view, views, now_s=time.monotonic())

    def _supervise(
        self, kafka: KafkaKeeper, stages: Stages, sockets: dict[str, socket.socket], children: Children, stack: ExitStack
    ) -> None:
        addresses = {name: (str(one.getsockname()[0]), port_of(one)) for name, one in sockets.items()}
        scraper = Scraper(addresses, is_running=lambda name: name not in START_ORDER or stages.is_running(name), shown=SHOWN)
        lag = LagPoller(kafka.settings_for_stages, on_answer=kafka.heard)
        self._watch_kafka(kafka, stack)
        for thread in (scraper, lag):
            thread.start()
            stack.callback(thread.stop)
        log.info("run.metrics", **{f"{process}_port": port for process, (_bind, port) in addresses.items()})
        run_port = addresses["run"][1]
        screen = None
        if self._log_file:
            screen = stack.enter_context(LiveView(kafka.settings_for_stages(), self._log_file, metrics_port=run_port))
        show_every_s, numbers_every_s = (SHOW_EVERY_S, NUMBERS_EVERY_S) if screen is not None else (LOG_STATUS_EVERY_S, LOG_STATUS_EVERY_S)
        next_show_s = time.monotonic() + min(show_every_s, LOG_STATUS_EVERY_S / 4)
        next_numbers_s = next_show_s - NUMBERS_BEFORE_LOG_S
        stages.use_kafka(kafka.addresses)
        while not self._stop.is_asked and stages.refused is None:
            children.save()
            if kafka.has_returned():
                stages.use_kafka(kafka.addresses)  # another port, if somebody took the one of before
                stages.kafka_is_back()
            stages.keep(scraper.answers)
            self._turn(kafka, stages)
            now_s = time.monotonic()
            if now_s >= next_numbers_s:
                next_numbers_s = now_s + numbers_every_s
                scraper.want_samples()
            if now_s >= next_show_s:
                next_show_s = now_s + show_every_s
                status = self._status(scraper, stages)
                if screen is not None:
                    screen.show(status)
                else:
                    log.info("run.status", **summary_fields(status))
            time.sleep(TURN_S)
        self._exit_code = stages.refused or 0
        log.info("run.draining")

    def _on_line(self) -> LineSink | None:
        """Where a stage's JSON lines go: the log file below a live view, else our own standard error. None: it writes there itself."""
        if self._log_file is not None:
            return self._log_file.write
        return self._write_line if self._as_json else None

    def _write_line(self, _stage: str, line: str) -> None:
        with suppress(OSError):  # nobody reads our standard error any more, or its disk is full
            self._stderr.write(line + "\n")

    def _status(self, scraper: Scraper, stages: Stages) -> Status:
        receivers = tuple(receiver.id for receiver in self._settings.receivers)
        return status_of(scraper.samples, stages.statuses(), now_s=time.time(), receivers=receivers)

    def _stop_everything(self, stages: Stages, kafka: KafkaKeeper, children: Children) -> None:
        """Drain producer, processor, deliver, store, then the broker, within 25 s. A second signal stops them at once."""
        for name, budget_s in STOP_BUDGETS_S:
            process = stages[name].process
            if process is None:
                continue
            process.ask_to_stop()
            deadline_s = time.monotonic() + budget_s
            while not process.wait(0.1) and time.monotonic() < deadline_s and not self._stop.is_urgent:
                pass
            if process.poll() is None:
                log.warning("run.stage_killed", stage=name, reason="did not drain in time")
                process.kill()
            if process.wait(KILL_WAIT_S):
                children.forget(process.pid)
        kafka.stop(0.5 if self._stop.is_urgent else BROKER_STOP_S)
        self.is_held_up = kafka.is_alive()
        if self._served:
            log.info("run.stopped", status=self._exit_code)


def check_free_space(directory: Path) -> None:
    """DependencyError if the state directory's disk is almost full."""
    lack = lack_of_space(directory)
    if lack is not None:
        raise DependencyError("state directory", f"{lack}; free some space for Kafka and the database, or set state_dir to another disk.")


def lack_of_space(directory: Path) -> str | None:
    """`DIR: only N MiB free` if that is too little; None if there is enough or the disk cannot be asked."""
    try:
        free_bytes = shutil.disk_usage(directory).free
    except OSError:
        return None
    return f"{directory}: only {free_bytes // 1024**2} MiB free" if free_bytes < LEAST_START_BYTES else None
