"""Decides whether a stage stands still, from what it answers to /healthz.

In: answers with their times. Out: Watch, and the reason for a restart. No I/O and no clock.

A stage that waits for Kafka or the database answers 200 and is left alone. One that says itself that it is not healthy ends by
itself as a rule; this is for those that cannot: stopped, deadlocked, starved.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

STALLED_AFTER_S = 60.0  # a main loop may wait 10 s (producer) to 60 s (store, on its database) before /healthz fails
# A machine under heavy load answers late, and after a pause of the whole machine the first question finds an old answer.
STALLED_AFTER_COUNT = 5
START_LIMIT_S = 300.0  # importing and migrating may take minutes on a slow disk


class Answer(StrEnum):
    """The kind of answer to /healthz."""

    WELL = "well"
    UNHEALTHY = "unhealthy"
    NONE = "no_answer"


class StallReason(StrEnum):
    """The reason why a stage counts as standing still."""

    UNHEALTHY = "unhealthy"  # its own /healthz fails
    NO_ANSWER = "no_answer"  # it answered before
    NEVER_ANSWERED = "never_answered"


@dataclass(frozen=True, slots=True)
class Watch:
    """The answers of one run of a stage so far: those since its last good one, and whether it ever answered."""

    started_s: float
    has_answered: bool = False
    bad_since_s: float | None = None
    bad_count: int = 0
    last: Answer | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Stall:
    """A stage that stands still, since when, and what its own /healthz says, if anything."""

    reason: StallReason
    for_s: float
    detail: str


def after(watch: Watch, answer: Answer, detail: str, *, asked_s: float) -> Watch:
    """The watch after one more answer to a question asked at `asked_s`."""
    if answer is Answer.WELL:
        return replace(watch, has_answered=True, bad_since_s=None, bad_count=0, last=answer, detail="")
    since_s = asked_s if watch.bad_since_s is None else watch.bad_since_s
    answered = watch.has_answered or answer is Answer.UNHEALTHY
    return replace(watch, has_answered=answered, bad_since_s=since_s, bad_count=watch.bad_count + 1, last=answer, detail=detail)


def stall_of(watch: Watch, *, now_s: float) -> Stall | None:
    """The stall, or None while the stage answers well or may still come back."""
    if watch.bad_since_s is None or watch.last is None or watch.bad_count < STALLED_AFTER_COUNT:
        return None
    bad_s = now_s - watch.bad_since_s
    if watch.last is Answer.UNHEALTHY:
        return Stall(StallReason.UNHEALTHY, bad_s, watch.detail) if bad_s >= STALLED_AFTER_S else None
    if not watch.has_answered:
        lived_s = now_s - watch.started_s
        return Stall(StallReason.NEVER_ANSWERED, lived_s, watch.detail) if lived_s >= START_LIMIT_S else None
    return Stall(StallReason.NO_ANSWER, bad_s, watch.detail) if bad_s >= STALLED_AFTER_S else None
