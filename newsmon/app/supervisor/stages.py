"""The stages as processes: each is started, watched, started again when it ends, and killed and started again when it stands still.

In: settings as environment, answers of the stages. Out: StageView, metrics, log lines. I/O: child processes.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from newsmon import metrics
from newsmon.app.supervisor.process import LineSink, StageProcess
from newsmon.app.supervisor.restart import RestartDecision, RestartReason, decide_restart, is_steady
from newsmon.app.supervisor.screen.scrape import Asked
from newsmon.app.supervisor.screen.status import StageStatus
from newsmon.app.supervisor.stall import Answer, Stall, Watch, after, stall_of
from newsmon.app.supervisor.whole import StageView
from newsmon.kafka.broker.children import Children
from newsmon.liveness.stalled_notice import tell_stall
from newsmon.logs import get_logger
from newsmon.net.listening import port_of
from newsmon.settings import Settings

# Sinks first, so that whatever the other stages write has a reader waiting. Stopped the other way round.
START_ORDER = ("store", "deliver", "processor", "producer")
# What only lacks Kafka or the database works as soon as they are back, and a broken file would keep a newsmon that is restarted from
# outside from starting at all.
NOT_UNWELL = frozenset({RestartReason.DEPENDENCY, RestartReason.WRONG_SETTINGS})
ARENAS = "2"  # of the C library's memory in a stage, if the environment says nothing: else each of its threads may keep one of its own
STARTING_S = 30.0  # until then a stage that is not ready is shown as starting

log = get_logger(__name__)


@dataclass
class SupervisedStage:
    """One stage: its process, or when to start it again."""

    name: str
    listening: socket.socket
    process: StageProcess | None = None
    watch: Watch = field(default_factory=lambda: Watch(0.0))
    asked: Asked | None = None
    stall: Stall | None = None  # it was killed for this
    start_at_s: float = 0.0
    failures_in_row: int = 0
    restart_count: int = 0
    has_worked: bool = False  # it was well at some time in this run of the supervisor
    ended_because: RestartReason | None = None
    unwell_since_s: float | None = None

    def status(self, now_s: float) -> StageStatus:
        """The stage for the live view and the status line."""
        port = port_of(self.listening)
        if self.process is None:
            return StageStatus(self.name, f"restart in {max(self.start_at_s - now_s, 0):.0f} s", None, port, self.restart_count)
        if self.asked is not None and self.asked.is_ready:
            state = "up"
        elif self.process.lived_s < STARTING_S:
            state = "starting"
        else:
            state = (self.asked.why if self.asked is not None else "no answer")[:40]
        return StageStatus(self.name, state, self.process.pid, port, self.restart_count)

    def view(self, now_s: float) -> StageView:
        """The stage for /readyz and /healthz of the whole."""
        if self.process is None:
            detail = f"{self.ended_because or 'not started'}; starts in {max(self.start_at_s - now_s, 0):.0f} s"
            return StageView(self.name, is_running=False, detail=detail, unwell_since_s=self.unwell_since_s)
        unready = self.asked.unready if self.asked is not None else {}
        return StageView(
            self.name,
            is_running=True,
            has_answered=self.watch.has_answered,
            last=self.watch.last,
            bad_count=self.watch.bad_count,
            unhealthy=self.watch.detail,
            unready=dict(unready),
            unwell_since_s=self.unwell_since_s,
        )


class Stages:
    """All stages, used from the main thread only: the kernel ends a stage when the thread that started it ends."""

    def __init__(
        self, settings: Settings, config_file: Path | None, sockets: Mapping[str, socket.socket], children: Children,
        *, on_line: LineSink | None,
    ) -> None:  # fmt: skip
        self._arguments = ["--config", str(config_file)] if config_file else []
        self._settings = settings
        self._children = children
        self._on_line = on_line
        self._environ = {"MALLOC_ARENA_MAX": ARENAS} | os.environ
        for name in START_ORDER:
            if not getattr(settings.monitoring, f"{name}_port"):
                self._environ[f"NEWSMON_MONITORING__{name.upper()}_PORT"] = str(port_of(sockets[name]))
            metrics.STAGE_UP.labels(name)
            for reason in RestartReason:
                metrics.STAGE_RESTARTS.labels(name, reason.value)
        if on_line is not None:  # the live view reads their lines
            self._environ["NEWSMON_LOG__FORMAT"] = "json"
        self._by_name = {name: SupervisedStage(name, sockets[name]) for name in START_ORDER}
        self.refused: int | None = None  # the exit code of a stage that refused its settings at its first start

    def __getitem__(self, name: str) -> SupervisedStage:
        return self._by_name[name]

    def is_running(self, name: str) -> bool:
        """True if the stage has a process that can be asked."""
        return self._by_name[name].process is not None

    def use_kafka(self, addresses: Sequence[str]) -> None:
        """The brokers for all stages started from now on; those that run with others are asked to end, and start again."""
        wanted = ",".join(addresses)
        before = self._environ.get("NEWSMON_KAFKA__BOOTSTRAP_SERVERS")
        self._environ["NEWSMON_KAFKA__BOOTSTRAP_SERVERS"] = wanted
        if before != wanted:
            for stage in self._by_name.values():
                if stage.process is not None:
                    stage.process.ask_to_stop()

    def _tell(self, stage: str, stall: Stall) -> None:
        """Send the notice that the stage stood still, for which it cannot speak itself. Kafka may keep us waiting, so on a thread."""
        addresses = tuple(self._environ.get("NEWSMON_KAFKA__BOOTSTRAP_SERVERS", "").split(","))
        settings = self._settings.model_copy(update={"kafka": self._settings.kafka.model_copy(update={"bootstrap_servers": addresses})})
        why = f"no healthy answer for {stall.for_s:.0f} s ({stall.detail or stall.reason})"
        threading.Thread(target=tell_stall, args=(settings, stage, why), name="stall-notice", daemon=True).start()

    def kafka_is_back(self) -> None:
        """Start at once what only waits because Kafka was away."""
        for stage in self._by_name.values():
            if stage.process is None and stage.ended_because is RestartReason.DEPENDENCY:
                stage.start_at_s = 0.0

    def keep(self, answers: Mapping[str, Asked]) -> None:
        """One turn: start what is due, note what has ended, kill what stands still."""
        ourselves = answers.get("run")
        if ourselves is not None and ourselves.answer is Answer.NONE:
            answers = {}  # a machine too busy for us to answer ourselves says nothing about the stages
        for stage in self._by_name.values():
            if stage.process is None:
                self._start_if_due(stage)
            elif (exit_code := stage.process.poll()) is not None:
                self._note_end(stage, stage.process, exit_code)
            else:
                self._look(stage, stage.process, answers.get(stage.name))

    def statuses(self) -> tuple[StageStatus, ...]:
        """The stages in the direction of the flow."""
        now_s = time.monotonic()
        return tuple(stage.status(now_s) for stage in self._by_name.values())[::-1]

    def views(self) -> tuple[StageView, ...]:
        """The stages in the direction of the flow."""
        now_s = time.monotonic()
        return tuple(stage.view(now_s) for stage in self._by_name.values())[::-1]

    def _start_if_due(self, stage: SupervisedStage) -> None:
        now_s = time.monotonic()
        if now_s < stage.start_at_s:
            return
        try:
            stage.process = StageProcess(stage.name, self._arguments, self._environ, self._on_line, listening=stage.listening)
        except OSError as error:  # no process, memory or descriptor left: the other stages go on
            decision = decide_restart(1, lived_s=0.0, failures_in_row=stage.failures_in_row)
            log.error("run.stage_not_started", stage=stage.name, reason=str(error), retry_in_s=decision.delay_s)
            self._try_again(stage, decision)
            return
        stage.watch, stage.asked, stage.stall = Watch(started_s=now_s), None, None
        if stage.unwell_since_s is None:
            stage.unwell_since_s = now_s
        self._children.record(stage.name, stage.process.pid)
        metrics.STAGE_UP.labels(stage.name).set(1)

    def _note_end(self, stage: SupervisedStage, process: StageProcess, exit_code: int) -> None:
        self._children.forget(process.pid)
        metrics.STAGE_UP.labels(stage.name).set(0)
        decision = decide_restart(
            exit_code,
            lived_s=process.lived_s,
            failures_in_row=stage.failures_in_row,
            was_stalled=stage.stall is not None,
            has_worked=stage.has_worked,
        )
        stage.process = None
        stage.ended_because = decision.reason
        if decision.delay_s is None:
            log.error("run.stage_refused", stage=stage.name, reason=decision.reason, status=exit_code)
            self.refused = exit_code
            return
        stage.restart_count += 1
        self._try_again(stage, decision)
        metrics.STAGE_RESTARTS.labels(stage.name, decision.reason.value).inc()
        log.warning("run.stage_ended", stage=stage.name, reason=decision.reason, status=exit_code, retry_in_s=decision.delay_s)

    def _try_again(self, stage: SupervisedStage, decision: RestartDecision) -> None:
        """Note when the stage is started again, and since when it has not been well."""
        now_s = time.monotonic()
        stage.failures_in_row = decision.failures_in_row
        stage.ended_because = decision.reason
        stage.start_at_s = now_s + (decision.delay_s or 0.0)
        stage.unwell_since_s = None if decision.reason in NOT_UNWELL else stage.unwell_since_s or now_s

    def _look(self, stage: SupervisedStage, process: StageProcess, asked: Asked | None) -> None:
        """Take in the newest answer of this run of the stage, and kill it if it stands still."""
        seen_s = stage.asked.asked_s if stage.asked is not None else process.started_at_s
        if asked is None or asked.asked_s <= seen_s or stage.stall is not None:
            return
        stage.asked = asked
        if asked.answer is None:
            return
        stage.watch = after(stage.watch, asked.answer, asked.why, asked_s=asked.asked_s)
        if asked.answer is Answer.WELL:
            stage.has_worked = True
            if is_steady(process.lived_s, stage.failures_in_row):
                stage.unwell_since_s = None
        elif stage.unwell_since_s is None:
            stage.unwell_since_s = asked.asked_s
        stall = stall_of(stage.watch, now_s=time.monotonic())
        if stall is not None:
            stage.stall = stall
            log.error("run.stage_stalled", stage=stage.name, reason=stall.reason, detail=stall.detail, stalled_s=round(stall.for_s))
            process.kill()
            self._tell(stage.name, stall)
