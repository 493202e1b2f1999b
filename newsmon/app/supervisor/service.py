"""Starts a broker and all stages, keeps them running, and stops them in the order in which data flows.

Out: the exit code of `newsmon run`. I/O: child processes, the state directory, signals, the terminal.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from newsmon import metrics
from newsmon.app.supervisor.lag import LagPoller
from newsmon.app.supervisor.ports import choose_metrics_ports, served_ports_in_use
from newsmon.app.supervisor.process import StageProcess
from newsmon.app.supervisor.restart import decide_restart
from newsmon.app.supervisor.room import check_room, short_of_room
from newsmon.app.supervisor.screen.console import LogFile
from newsmon.app.supervisor.screen.status import StageStatus, Status, status_of, summary_fields
from newsmon.app.supervisor.screen.terminal import Screen
from newsmon.app.supervisor.screen.watch import Watch
from newsmon.errors import DependencyError, SettingsError
from newsmon.kafka.admin import ensure_topics
from newsmon.kafka.broker.owner import Children, end_orphans, own
from newsmon.kafka.broker.process import LocalBroker
from newsmon.logs import configure_logs, get_logger
from newsmon.net.monitoring import Health, MonitoringServer
from newsmon.settings import Settings

# Sinks first: what the stages before them write finds its readers waiting. Stopped the other way round.
START_ORDER = ("store", "deliver", "processor", "producer")
STOP_BUDGETS_S = (("producer", 5.0), ("processor", 6.0), ("deliver", 4.0), ("store", 4.0))  # 25 s with the broker's share
BROKER_STOP_S = 6.0
TURN_S = 0.2
LOG_STATUS_EVERY_S = 60.0

log = get_logger(__name__)


@dataclass
class Slot:
    """One stage's place: its process, or when it will be started again."""

    stage: str
    process: StageProcess | None = None
    start_at_s: float = 0.0
    failures_in_row: int = 0
    restart_count: int = 0


class Supervisor:
    """Everything `newsmon run` starts; `run()` blocks until it has stopped again."""

    def __init__(self, settings: Settings, config_file: Path | None, *, terminal: bool) -> None:
        self._settings = settings
        self._config_file = config_file
        self._terminal = terminal
        self._slots = {stage: Slot(stage) for stage in START_ORDER}
        self._broker: LocalBroker | None = None
        self._broker_failures = 0
        self._stopping = threading.Event()
        self._hurry = threading.Event()
        self._exit_code = 0
        self._served = False  # it ran until somebody stopped it; an error that ended the start speaks for itself
        self._log_file: LogFile | None = None
        self._health = Health("run")

    def run(self) -> int:
        """Return 0 after a drained stop, 2 when a stage refused its settings. DependencyError/SettingsError: nothing is left running."""
        ports, problems = choose_metrics_ports(self._settings.monitoring)
        if problems:
            raise SettingsError(problems)
        with ExitStack() as stack:
            stack.enter_context(own(self._settings.state_dir, command="newsmon run"))
            if problems := served_ports_in_use(self._settings):  # asked only now: a second `newsmon run` is told of the first instead
                raise SettingsError(problems)
            check_room(self._settings.state_dir)
            self._set_up_logs(stack)
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
        stream = None
        if self._terminal:
            self._log_file = LogFile(self._settings.state_dir / "logs" / "newsmon.log")
            stack.callback(self._log_file.close)
            stream = _Lines(self._log_file)
        configure_logs(self._settings.log, stage="run", stream=stream)

    def _catch_signals(self, stack: ExitStack) -> None:
        def on_signal(number: int, _frame: FrameType | None) -> None:
            if self._stopping.is_set():
                self._hurry.set()
            self._stopping.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            stack.callback(signal.signal, number, signal.signal(number, on_signal))

    def _start_broker(self, children: Children) -> Settings | None:
        """The settings the stages get: with the address of the broker started here, or unchanged. None: told to stop meanwhile."""
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
        for stage in START_ORDER:
            metrics.STAGE_UP.labels(stage)
            metrics.STAGE_RESTARTS.labels(stage)
        monitoring = settings.monitoring
        stack.enter_context(MonitoringServer(self._health, bind=monitoring.bind, port=ports["run"], setting="monitoring.run_port"))
        watch, lag = Watch(monitoring.bind, ports), LagPoller(settings)
        for thread in (watch, lag):
            thread.start()
            stack.callback(thread.stop)
        log.info("run.metrics", **{f"{process}_port": port for process, port in ports.items()})
        screen = stack.enter_context(Screen(settings, self._log_file, metrics_port=ports["run"])) if self._log_file else None
        environ = self._environment(settings, ports)
        next_log_s = time.monotonic() + LOG_STATUS_EVERY_S / 4
        while not self._stopping.is_set():
            self._health.beat()
            children.save()
            moved_to = self._keep_broker(children)
            if moved_to is not None:
                environ["NEWSMON_KAFKA__BOOTSTRAP_SERVERS"] = moved_to
            for slot in self._slots.values():
                self._keep(slot, environ, children)
            if screen is not None:
                screen.show(self._status(watch, ports))
            elif time.monotonic() >= next_log_s:
                next_log_s = time.monotonic() + LOG_STATUS_EVERY_S
                log.info("run.status", **summary_fields(self._status(watch, ports)))
            self._stopping.wait(TURN_S)
        log.info("run.draining")

    def _environment(self, settings: Settings, ports: Mapping[str, int]) -> dict[str, str]:
        environ = dict(os.environ)
        environ["NEWSMON_KAFKA__BOOTSTRAP_SERVERS"] = ",".join(settings.kafka.bootstrap_servers)
        for stage in START_ORDER:
            environ[f"NEWSMON_MONITORING__{stage.upper()}_PORT"] = str(ports[stage])
        if self._terminal:
            environ["NEWSMON_LOG__FORMAT"] = "json"
        return environ

    def _keep(self, slot: Slot, environ: Mapping[str, str], children: Children) -> None:
        """Start the stage when it is due; decide what follows when it has ended."""
        now_s = time.monotonic()
        if slot.process is None:
            if now_s >= slot.start_at_s:
                arguments = ["--config", str(self._config_file)] if self._config_file else []
                slot.process = StageProcess(slot.stage, arguments, environ, self._log_file.write if self._log_file else None)
                children.record(slot.stage, slot.process.pid)
                metrics.STAGE_UP.labels(slot.stage).set(1)
            return
        exit_code = slot.process.poll()
        if exit_code is None:
            return
        children.forget(slot.process.pid)
        metrics.STAGE_UP.labels(slot.stage).set(0)
        decision = decide_restart(exit_code, lived_s=slot.process.lived_s, failures_in_row=slot.failures_in_row)
        slot.process = None
        if decision.delay_s is None:
            log.error("run.stage_refused", stage=slot.stage, reason=decision.reason, status=exit_code)
            self._exit_code = exit_code
            self._stopping.set()
            return
        slot.failures_in_row = decision.failures_in_row
        slot.restart_count += 1
        slot.start_at_s = now_s + decision.delay_s
        metrics.STAGE_RESTARTS.labels(slot.stage).inc()
        log.warning("run.stage_ended", stage=slot.stage, reason=decision.reason, status=exit_code, retry_in_s=decision.delay_s)

    def _keep_broker(self, children: Children) -> str | None:
        """Start the broker again when it has ended. Returns its address if that changed: the stages then start again too."""
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
        except (DependencyError, OSError) as error:  # OSError: its directory cannot be written, as on a full disk
            log.error("run.kafka_not_back", reason=(short_of_room(self._settings.state_dir) or str(error))[:1000])
            return None
        children.record("kafka", broker.pid)
        self._broker_failures = 0
        log.info("run.kafka_up", pid=broker.pid, address=new_address)
        if new_address == address:
            return None
        for slot in self._slots.values():
            if slot.process is not None:
                slot.process.ask_to_stop()
        return new_address

    def _status(self, watch: Watch, ports: Mapping[str, int]) -> Status:
        stages = tuple(self._stage_status(slot, watch, ports) for slot in self._slots.values())
        samples = (*watch.samples,)
        return status_of(samples, stages[::-1], now_s=time.time())

    def _stage_status(self, slot: Slot, watch: Watch, ports: Mapping[str, int]) -> StageStatus:
        if slot.process is None:
            state = f"again in {max(slot.start_at_s - time.monotonic(), 0):.0f} s"
        else:
            unready = watch.unready.get(slot.stage, "not answering yet")
            state = "up" if unready is None else "starting" if slot.process.lived_s < 30 else unready[:40]
        return StageStatus(slot.stage, state, slot.process.pid if slot.process else None, ports[slot.stage], slot.restart_count)

    def _stop_everything(self, children: Children) -> None:
        """Drain producer, processor, deliver, store, then the broker, within 25 s; a second signal shortens it."""
        for stage, budget_s in STOP_BUDGETS_S:
            process = self._slots[stage].process
            if process is None:
                continue
            process.ask_to_stop()
            deadline_s = time.monotonic() + budget_s
            while not process.wait(0.1) and time.monotonic() < deadline_s and not self._hurry.is_set():
                pass
            if process.poll() is None:
                log.warning("run.stage_killed", stage=stage, reason="did not drain in time")
                process.kill()
            children.forget(process.pid)
        if self._broker is not None and self._broker.pid is not None:
            self._broker.stop(0.5 if self._hurry.is_set() else BROKER_STOP_S)
            children.forget(self._broker.pid)
        if self._served:
            log.info("run.stopped", status=self._exit_code)


class _Lines:
    """A stream for the supervisor's own log lines, into the common file."""

    def __init__(self, log_file: LogFile) -> None:
        self._log_file = log_file

    def write(self, text: str) -> int:
        for line in text.splitlines():
            if line.strip():
                self._log_file.write("run", line)
        return len(text)

    def flush(self) -> None:
        """Every line is written at once."""

    def isatty(self) -> bool:
        return False
