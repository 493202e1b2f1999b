"""What the grouping makes of a burst: one alert, and a memory that a successor can rebuild."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from support.reports import Report, match_of

from newsmon.codec import encode
from newsmon.records import AlertReason, AlertState, Match, Origin, StoryState
from processors.alerts.decision import AlertPolicy
from processors.handling.answers import outputs_of
from processors.stories.closing import Bounds
from processors.stories.grouping import Grouping

MONDAY = datetime(2026, 9, 7, tzinfo=UTC)


def match(number: int, at: datetime, **changes: object) -> Match:
    """A story of its own: nothing in common with the others."""
    chance = random.Random(number)
    words = ["".join(chance.choice("abcdefghijklmnoprstuvz") for _ in range(8)).capitalize() for _ in range(24)]
    report = Report(f"n{number}", f"e{number}", "t", "en", f"Outlet {number % 9}", " ".join(words[:8]), " ".join(words[8:]), "")
    return match_of(report, matched_at=at, **changes)  # type: ignore[arg-type]


def run(grouping: Grouping, matches: list[Match], first: int = 0) -> list[StoryState]:
    states = []
    for offset, one in enumerate(matches, first):
        states.append(grouping.decide(one, source_offset=offset))
        grouping.apply(states[-1])
    return states


def weeks(burst_origin: Origin = Origin.LIVE) -> list[Match]:
    quiet = [match(number, MONDAY + timedelta(hours=5 * number)) for number in range(100)]
    start = MONDAY + timedelta(hours=505)
    return quiet + [match(1_000 + number, start + timedelta(minutes=3 * number), origin=burst_origin) for number in range(15)]


def test_the_grouping_raises_one_alert_of_the_burst_explained_with_its_counts() -> None:
    states = run(Grouping(), weeks())
    [state] = [state for state in states if state.burst is not None]
    burst = state.burst
    assert burst is not None
    assert (burst.state, burst.reason, burst.revision) == (AlertState.OPENED, AlertReason.BURST, 1)
    assert burst.score >= 3
    assert "independent sources" in burst.lead
    assert encode(burst) in [one.value for one in outputs_of(state, 0)]


def test_stories_that_may_not_notify_make_no_burst() -> None:
    assert all(state.burst is None for state in run(Grouping(), weeks(Origin.BACKFILL)))


def test_bursts_can_be_switched_off() -> None:
    states = run(Grouping(policy=AlertPolicy(burst=None)), weeks())
    assert all(state.burst is None and state.pulses == () for state in states)


def test_a_successor_that_rebuilds_its_memory_decides_the_same_and_forgets_no_season() -> None:
    log = weeks()
    bounds = Bounds(idle=timedelta(hours=12))  # most states are long gone when the worker is replaced
    whole = run(Grouping(bounds=bounds), log)
    first = Grouping(bounds=bounds)
    run(first, log[:98])
    other = match_of(
        Report("o", "o", "t", "en", "Other", "Something else entirely", "Nothing alike.", ""), theme_id="us-trade",
        matched_at=log[97].matched_at + timedelta(hours=14),
    )  # fmt: skip
    last = first.decide(other, source_offset=98)  # another theme closes the last story of ours
    first.apply(last)
    assert {pulse.theme_id for pulse in last.pulses} == {"ukraine-peacekeeping", "us-trade"}
    second = Grouping(bounds=bounds)
    second.restore(first.states())
    after = run(second, log[100:], first=100)
    assert any(state.burst is not None for state in whole)
    assert any(state.burst is not None for state in after)
