"""Starts a broker and all stages, keeps them running, and stops them in the order of the data flow.

Out: the exit code of `newsmon run`. I/O: child processes, the state directory, signals, the terminal.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from newsmon import metrics
from newsmon.app.supervisor.lag import LagPoller
from newsmon.app.supervisor.ports import choose_metrics_ports, served_ports_in_use
from newsmon.app.supervisor.process import LineSink, StageProcess
from newsmon.app.supervisor.restart import decide_restart
from newsmon.app.supervisor.screen.live import LiveView
from newsmon.app.supervisor.screen.log_file import LogFile, LogFileStream
from newsmon.app.supervisor.screen.scrape import Scraper
from newsmon.app.supervisor.screen.status import StageStatus, Status, status_of, summary_fields
from newsmon.errors import DependencyError, SettingsError
from newsmon.host.disk_watch import DiskWatch
from newsmon.host.disks import directories
from newsmon.kafka.admin import ensure_topics
from newsmon.kafka.broker.children import Children, end_orphans
from newsmon.kafka.broker.owner import own
from newsmon.kafka.broker.process import LocalBroker
from newsmon.kafka.watch import KafkaWatch
from newsmon.logs import LineStream, catch_the_uncaught, configure_logs, get_logger, is_json
from newsmon.net.monitoring import Health, MonitoringServer
from newsmon.settings import Settings

# Sinks first, so that whatever the other stages write has a reader waiting. Stopped the other way round.
START_ORDER = ("store", "deliver", "processor", "producer")
STOP_BUDGETS_S = (("producer", 5.0), ("processor", 6.0), ("deliver", 4.0), ("store", 4.0))  # 25 s together with the broker
BROKER_STOP_S = 6.0
TURN_S = 0.2
LOG_STATUS_EVERY_S = 60.0
LEAST_START_BYTES = 64 * 1024**2  # a broker that starts with less stops again before the first article

log = get_logger(__name__)


@dataclass
class SupervisedStage:
    """One stage: its process, or when to start it again."""

    name: str
    process: StageProcess | None = None
    start_at_s: float = 0.0
    failures_in_row: int = 0
    restart_count: int = 0


class Supervisor:
    """Runs everything that `newsmon run` starts. `run()` blocks until all of it has stopped."""

    def __init__(
        self, settings: Settings, config_file: Path | None, *, terminal: bool, stderr: LineStream, database_file: Path | None = None
    ) -> None:
        """`stderr` gets all log lines without a terminal; `database_file` is the SQLite file, whose disk is watched too."""
        self._settings = settings
        self._config_file = config_file
        self._terminal = terminal
        self._stages = {name: SupervisedStage(name) for name in START_ORDER}
        self._broker: LocalBroker | None = None
        self._broker_failures = 0
        self._stopping = threading.Event()
        self._stop_now = threading.Event()
        self._exit_code = 0
        self._served = False  # it got as far as running; a failed start has reported its own error
        self._log_file: LogFile | None = None
        self._health = Health("run")
        self._database_file = database_file
        self._stderr = stderr
        self._as_json = terminal or is_json(settings.log, stderr)

    def run(self, *, on_logs: Callable[[], None] = lambda: None) -> int:
        """0 after a clean stop, 2 if a stage refused its settings. After a DependencyError or SettingsError nothing is left running.

        `on_logs` is called once log lines have somewhere to go.
        """
        ports, problems = choose_metrics_ports(self._settings.monitoring)
        if problems:
            raise SettingsError(problems)
        with ExitStack() as stack:
            stack.enter_context(own(self._settings.state_dir, command="newsmon run"))
            if problems := served_ports_in_use(self._settings):  # after own(): a second `newsmon run` hears of the first
                raise SettingsError(problems)
            check_free_space(self._settings.state_dir)
            self._set_up_logs(stack)
            on_logs()
            for orphan in end_orphans(self._settings.state_dir):
                log.warning("run.orphan_ended", stage=orphan.role, pid=orphan.pid, reason=orphan.ending)
            self._catch_signals(stack)
            children = Children(self._settings.state_dir)
            stack.callback(self._stop_everything, children)
            settings = self._start_broker(children)
            if settings is not None and not self._stopping.is_set():
                for warning in ensure_topics(settings).warnings:
                    log.warning("run.topic_differs", topic=warning.where, reason=warning.message)
                self._supervise(settings, ports, children, stack)
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

    def _catch_signals(self, stack: ExitStack) -> None:
        def on_signal(number: int, _frame: FrameType | None) -> None:
            if self._stopping.is_set():
                self._stop_now.set()
            self._stopping.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            stack.callback(signal.signal, number, signal.signal(number, on_signal))

    def _start_broker(self, children: Children) -> Settings | None:
        """The settings for the stages, with the address of the broker started here, if any. None: asked to stop meanwhile."""
        if not self._settings.starts_own_kafka:
            return self._settings
        if self._terminal:
            print("starting Kafka ...", file=sys.stderr)
        directory, heap_mb = self._settings.state_dir / "kafka", self._settings.kafka.heap_mb
        self._broker = LocalBroker(directory, heap_mb=heap_mb, children=children, give_up=self._stopping.is_set)
        try:
            address = self._broker.start()
        except DependencyError:
            if self._stopping.is_set():
                return None
            raise
        assert self._broker.pid is not None
        children.record("kafka", self._broker.pid)
        log.info("run.kafka_up", pid=self._broker.pid, address=address)
        return self._settings.model_copy(update={"kafka": self._settings.kafka.model_copy(update={"bootstrap_servers": (address,)})})

    def _supervise(self, settings: Settings, ports: Mapping[str, int], children: Children, stack: ExitStack) -> None:
        for name in START_ORDER:
            metrics.STAGE_UP.labels(name)
            metrics.STAGE_RESTARTS.labels(name)
        monitoring = settings.monitoring
        stack.enter_context(MonitoringServer(self._health, bind=monitoring.bind, port=ports["run"], setting="monitoring.run_port"))
        stack.enter_context(KafkaWatch(settings, stage="run", servers=self._kafka_servers(settings)))
        stack.enter_context(DiskWatch(lambda: directories(settings, self._database_file)))
        scraper, lag = Scraper(monitoring.bind, ports), LagPoller(settings)
        for thread in (scraper, lag):
            thread.start()
            stack.callback(thread.stop)
        log.info("run.metrics", **{f"{process}_port": port for process, port in ports.items()})
        screen = stack.enter_context(LiveView(settings, self._log_file, metrics_port=ports["run"])) if self._log_file else None
        environ = self._environment(settings, ports)
        next_log_s = time.monotonic() + LOG_STATUS_EVERY_S / 4
        while not self._stopping.is_set():
            self._health.beat()
            children.save()
            moved_to = self._keep_broker(children)
            if moved_to is not None:
                environ["NEWSMON_KAFKA__BOOTSTRAP_SERVERS"] = moved_to
            for stage in self._stages.values():
                self._keep(stage, environ, children)
            if screen is not None:
                screen.show(self._status(scraper, ports))
            elif time.monotonic() >= next_log_s:
                next_log_s = time.monotonic() + LOG_STATUS_EVERY_S
                log.info("run.status", **summary_fields(self._status(scraper, ports)))
            self._stopping.wait(TURN_S)
        log.info("run.draining")

    def _kafka_servers(self, settings: Settings) -> Callable[[], tuple[str, ...]]:
        """The addresses of the cluster, or of our own broker wherever it is now."""
        broker = self._broker
        return lambda: settings.kafka.bootstrap_servers if broker is None else (broker.bootstrap_servers,)

    def _environment(self, settings: Settings, ports: Mapping[str, int]) -> dict[str, str]:
        environ = dict(os.environ)
        environ["NEWSMON_KAFKA__BOOTSTRAP_SERVERS"] = ",".join(settings.kafka.bootstrap_servers)
        for stage in START_ORDER:
            environ[f"NEWSMON_MONITORING__{stage.upper()}_PORT"] = str(ports[stage])
        if self._as_json:
            environ["NEWSMON_LOG__FORMAT"] = "json"
        return environ

    def _keep(self, stage: SupervisedStage, environ: Mapping[str, str], children: Children) -> None:
        """Start the stage when it is due. If it has ended, decide when to restart it."""
        now_s = time.monotonic()
        if stage.process is None:
            if now_s >= stage.start_at_s:
                arguments = ["--config", str(self._config_file)] if self._config_file else []
                stage.process = StageProcess(stage.name, arguments, environ, self._on_line())
                children.record(stage.name, stage.process.pid)
                metrics.STAGE_UP.labels(stage.name).set(1)
            return
        exit_code = stage.process.poll()
        if exit_code is None:
            return
        children.forget(stage.process.pid)
        metrics.STAGE_UP.labels(stage.name).set(0)
        decision = decide_restart(exit_code, lived_s=stage.process.lived_s, failures_in_row=stage.failures_in_row)
        stage.process = None
        if decision.delay_s is None:
            log.error("run.stage_refused", stage=stage.name, reason=decision.reason, status=exit_code)
            self._exit_code = exit_code
            self._stopping.set()
            return
        stage.failures_in_row = decision.failures_in_row
        stage.restart_count += 1
        stage.start_at_s = now_s + decision.delay_s
        metrics.STAGE_RESTARTS.labels(stage.name).inc()
        log.warning("run.stage_ended", stage=stage.name, reason=decision.reason, status=exit_code, retry_in_s=decision.delay_s)

    def _on_line(self) -> LineSink | None:
        """Where a stage's JSON lines go: the log file below a live view, else our own standard error. None: it writes there itself."""
        if self._log_file is not None:
            return self._log_file.write
        return self._write_line if self._as_json else None

    def _write_line(self, _stage: str, line: str) -> None:
        with suppress(OSError):  # nobody reads our standard error any more, or its disk is full
            self._stderr.write(line + "\n")

    def _keep_broker(self, children: Children) -> str | None:
        """Restart the broker if it has ended. Returns its address if that changed; the stages are then restarted too."""
        broker = self._broker
        if broker is None or broker.poll() is None:
            return None
        assert broker.pid is not None
        children.forget(broker.pid)
        address = broker.bootstrap_servers
        decision = decide_restart(1, lived_s=0.0, failures_in_row=self._broker_failures)
        self._broker_failures = decision.failures_in_row
        log.error("run.kafka_ended", status=broker.poll(), retry_in_s=decision.delay_s)
        if self._stopping.wait(decision.delay_s):
            return None
        try:
            new_address = broker.start()
        except (DependencyError, OSError) as error:  # OSError: its directory cannot be written, for example on a full disk
            log.error("run.kafka_not_back", reason=(lack_of_space(self._settings.state_dir) or str(error))[:1000])
            return None
        children.record("kafka", broker.pid)
        self._broker_failures = 0
        log.info("run.kafka_up", pid=broker.pid, address=new_address)
        if new_address == address:
            return None
        for stage in self._stages.values():
            if stage.process is not None:
                stage.process.ask_to_stop()
        return new_address

    def _status(self, scraper: Scraper, ports: Mapping[str, int]) -> Status:
        stages = tuple(self._stage_status(stage, scraper, ports) for stage in self._stages.values())
        return status_of(scraper.samples, stages[::-1], now_s=time.time())

    def _stage_status(self, stage: SupervisedStage, scraper: Scraper, ports: Mapping[str, int]) -> StageStatus:
        if stage.process is None:
            state = f"restart in {max(stage.start_at_s - time.monotonic(), 0):.0f} s"
        else:
            unready = scraper.unready.get(stage.name, "not answering yet")
            state = "up" if unready is None else "starting" if stage.process.lived_s < 30 else unready[:40]
        return StageStatus(stage.name, state, stage.process.pid if stage.process else None, ports[stage.name], stage.restart_count)

    def _stop_everything(self, children: Children) -> None:
        """Drain producer, processor, deliver, store, then the broker, within 25 s. A second signal stops them at once."""
        for name, budget_s in STOP_BUDGETS_S:
            process = self._stages[name].process
            if process is None:
                continue
            process.ask_to_stop()
            deadline_s = time.monotonic() + budget_s
            while not process.wait(0.1) and time.monotonic() < deadline_s and not self._stop_now.is_set():
                pass
            if process.poll() is None:
                log.warning("run.stage_killed", stage=name, reason="did not drain in time")
                process.kill()
            children.forget(process.pid)
        if self._broker is not None and self._broker.pid is not None:
            self._broker.stop(0.5 if self._stop_now.is_set() else BROKER_STOP_S)
            children.forget(self._broker.pid)
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
