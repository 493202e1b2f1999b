"""Decides what `newsmon run` answers to /readyz and /healthz: for the whole, not only for itself.

In: the state of Kafka and of every stage. Out: reasons by name; none means yes. No I/O and no clock.

The rule. **Ready** means that all of it works now: Kafka answers, and every stage runs and is ready itself. So a broker or a database
that is away, a port that is taken and a stage that restarts all make it not ready, each under its name. **Healthy** is weaker, because
orchestrators kill what is not: it fails only for what a restart from outside may heal. A broker or database that is away is not
among that, since every stage waits for it and goes on by itself; nor is one restart, nor a file that somebody broke. It fails when
the supervisor's own loop stands still, when a stage that could work has not been well for five minutes in spite of the supervisor's
restarts or between them, and when newsmon's own broker runs but has not answered for ten minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from newsmon.app.supervisor.stall import Answer

STAGE_UNWELL_AFTER_S = 300.0
KAFKA_SILENT_AFTER_S = 600.0
UNSURE_COUNT = 2  # answers that must fail in a row: one alone may be a busy moment


class KafkaPhase(StrEnum):
    """The state of Kafka as the supervisor sees it."""

    STARTING = "starting"
    UP = "up"
    SILENT = "no_answer"  # our broker's process runs, or somebody's cluster was there before, but it does not answer
    DOWN = "down"  # our broker has ended, or could not be started


@dataclass(frozen=True, slots=True)
class KafkaView:
    """Kafka now: its phase since when, and what is known about it."""

    phase: KafkaPhase
    since_s: float
    detail: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class StageView:
    """One stage now. `unwell_since_s` None: it is well, or it is not its own fault that it is not."""

    stage: str
    is_running: bool
    detail: str = ""  # of a stage that does not run: why, and when it is started again
    has_answered: bool = False
    last: Answer | None = None
    bad_count: int = 0
    unhealthy: str = ""
    unready: dict[str, str] = field(default_factory=dict)
    unwell_since_s: float | None = None


def unready_whole(kafka: KafkaView, stages: Sequence[StageView]) -> dict[str, str]:
    """Everything that keeps it from being ready, by name; a stage's own reasons under `stage.reason`."""
    reasons: dict[str, str] = {}
    if kafka.phase is not KafkaPhase.UP:
        reasons["kafka"] = kafka.detail
    for stage in stages:
        if not stage.is_running:
            reasons[stage.stage] = stage.detail
        elif not stage.has_answered:
            reasons[stage.stage] = "it has not answered yet"
        elif stage.last is Answer.NONE and stage.bad_count >= UNSURE_COUNT:
            reasons[stage.stage] = "it does not answer"
        else:
            reasons |= {f"{stage.stage}.{what}": detail for what, detail in stage.unready.items()}
    return reasons


def unhealthy_whole(kafka: KafkaView, stages: Sequence[StageView], *, now_s: float) -> dict[str, str]:
    """Everything that has stood still for so long that a restart from outside is worth trying, by name."""
    reasons: dict[str, str] = {}
    silent_s = now_s - kafka.since_s
    if kafka.is_own and kafka.phase is KafkaPhase.SILENT and silent_s >= KAFKA_SILENT_AFTER_S:
        reasons["kafka"] = f"the broker runs but has not answered for {silent_s:.0f} s"
    for stage in stages:
        if stage.unwell_since_s is not None and (unwell_s := now_s - stage.unwell_since_s) >= STAGE_UNWELL_AFTER_S:
            why = stage.detail if not stage.is_running else stage.unhealthy or "it does not answer"
            reasons[stage.stage] = f"not well for {unwell_s:.0f} s: {why}"
    return reasons
