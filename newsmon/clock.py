"""Notices when the system clock is set, and keeps waiting times right when it is.

Everything that waits has a due time by the system clock, because due times outlive processes. When the clock was ahead and is set
right, such a time is too far away by the whole step. So a due time is kept with the moment it was set: a moment that has not come yet
proves that the clock was ahead, and the wait is then counted from now.

In: readings of the clocks, times. Out: a step, due times. Only `ClockWatch` with its defaults reads a clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# A time service corrects smaller errors gradually, and slow machines hold a process up between two readings by less.
STEP_S = 30.0
# Machines that share a database or a topic may differ by this much without anyone's clock being wrong.
TOLERANCE = timedelta(seconds=STEP_S)


@dataclass(frozen=True, slots=True)
class ClockReading:
    """The system clock and a clock that nobody sets, read at the same moment."""

    wall: datetime
    steady_s: float


@dataclass(frozen=True, slots=True)
class ClockStep:
    """The clock was set by `seconds` (negative: back); `at` is the time it shows since."""

    seconds: float
    at: datetime

    @property
    def span(self) -> timedelta:
        return timedelta(seconds=self.seconds)


def step_between(before: ClockReading, after: ClockReading) -> ClockStep | None:
    """The step of the system clock between two readings; None for less than STEP_S."""
    seconds = (after.wall - before.wall).total_seconds() - (after.steady_s - before.steady_s)
    return ClockStep(seconds, after.wall) if abs(seconds) >= STEP_S else None


def is_ahead(at: datetime, *, now: datetime) -> bool:
    """True when a moment that was stored as past has not come yet: the clock was ahead when it was stored, or is behind now."""
    return at > now + TOLERANCE


def due_from(due_at: datetime, *, set_at: datetime, now: datetime) -> datetime:
    """The due time, its wait counted from now when it was set by a clock that was ahead. Store the result: it moves with `now`."""
    return now + max(due_at - set_at, timedelta(0)) if is_ahead(set_at, now=now) else due_at


def read_clocks() -> ClockReading:
    """Both clocks now. The steady one also counts while the machine sleeps, where the system has such a clock."""
    kind = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return ClockReading(datetime.now(UTC), time.clock_gettime(kind))


class ClockWatch:
    """Compares the clocks each time it is asked; one per loop."""

    def __init__(self, read: Callable[[], ClockReading] = read_clocks) -> None:
        self._read = read
        self._last = read()

    def look(self) -> ClockStep | None:
        """The step since the last look; None when there was none."""
        before, self._last = self._last, self._read()
        return step_between(before, self._last)
