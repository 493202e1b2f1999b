"""Steps of the system clock are noticed, and waits are counted from now when the clock was ahead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from newsmon.clock import STEP_S, ClockReading, ClockStep, ClockWatch, due_from, is_ahead, read_clocks, step_between

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("wall", "steady_s", "seconds"),
    [
        (timedelta(seconds=60), 60.0, None),  # time passed
        (timedelta(seconds=60 + STEP_S - 0.1), 60.0, None),  # within what a time service corrects gradually
        (timedelta(hours=8), 8 * 3_600.0, None),  # the machine slept
        (timedelta(days=10, seconds=1), 1.0, 864_000.0),
        (timedelta(days=-10, seconds=1), 1.0, -864_000.0),
        (timedelta(0), STEP_S, -STEP_S),
    ],
)
def test_only_what_the_steady_clock_does_not_confirm_is_a_step(wall: timedelta, steady_s: float, seconds: float | None) -> None:
    step = step_between(ClockReading(NOON, 5.0), ClockReading(NOON + wall, 5.0 + steady_s))
    assert step == (None if seconds is None else ClockStep(seconds, NOON + wall))
    assert step is None or step.span == timedelta(seconds=step.seconds)


def test_a_watch_tells_each_step_once() -> None:
    readings = iter([ClockReading(NOON, 0.0), ClockReading(NOON + DAY, 1.0), ClockReading(NOON + DAY, 2.0), ClockReading(NOON, 3.0)])
    watch = ClockWatch(lambda: next(readings))
    assert [step and round(step.seconds) for step in (watch.look(), watch.look(), watch.look())] == [86_399, None, -86_401]


def test_the_clocks_of_this_machine_agree() -> None:
    assert step_between(read_clocks(), read_clocks()) is None


def test_a_wait_set_by_a_clock_that_was_ahead_is_counted_from_now() -> None:
    ahead = NOON + 10 * DAY
    assert due_from(ahead + timedelta(minutes=5), set_at=ahead, now=NOON) == NOON + timedelta(minutes=5)
    assert due_from(ahead - timedelta(minutes=5), set_at=ahead, now=NOON) == NOON  # it was due at once
    assert due_from(NOON + 3 * DAY, set_at=NOON - DAY, now=NOON) == NOON + 3 * DAY
    assert due_from(NOON - DAY, set_at=NOON, now=NOON) == NOON - DAY
    assert is_ahead(ahead, now=NOON)
    assert not is_ahead(NOON + timedelta(seconds=STEP_S), now=NOON)  # another machine's clock
