"""A feed's rhythm is learned as rates by the hour, and one pace for all feeds keeps the budget."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsmon.records import Rhythm
from producers.timing.pace import Bounds, shared_pace, usual_pace, wait_s
from producers.timing.rhythm import HALF_LIFE_H, burst_factor, first_rhythm, learn, level_h, rate_h

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
WIDE = Bounds(1, 7 * 86_400)


def flat(per_hour: float) -> Rhythm:
    """A feed watched for long that knows no day or night."""
    hours = 1_000.0
    return Rhythm(
        at=MONDAY,
        hour_counts=(per_hour * hours / 24,) * 24, hour_watched_h=(hours / 24,) * 24,
        day_counts=(per_hour * hours / 7,) * 7, day_watched_h=(hours / 7,) * 7,
        recent_count=per_hour * 1.5, recent_expected=per_hour * 1.5,
    )  # fmt: skip


def lived(weeks: int, *, poll_every: timedelta = timedelta(minutes=30)) -> Rhythm:
    """Four articles an hour from 8 to 18 UTC on working days, one every four hours else; polled all the time."""
    chance, now = random.Random(3), MONDAY
    rhythm = first_rhythm(now, [])
    while now < MONDAY + timedelta(weeks=weeks):
        rate = 4.0 if 8 <= now.hour < 18 and now.weekday() < 5 else 0.25
        now += poll_every
        expected = rate * poll_every.total_seconds() / 3600
        count = int(expected) + (chance.random() < expected % 1)
        rhythm = learn(rhythm, now, [now - poll_every * chance.random() for _ in range(count)])
    return rhythm


def test_the_hours_of_the_week_are_learned() -> None:
    rhythm = lived(3)
    tuesday, night, sunday = (MONDAY + timedelta(weeks=3, days=days, hours=hours) for days, hours in ((1, 12), (1, 3), (6, 12)))
    assert rate_h(rhythm, tuesday) == pytest.approx(4, rel=0.3)
    assert rate_h(rhythm, night) < 1
    assert rate_h(rhythm, sunday) < 0.5 * rate_h(rhythm, tuesday)
    assert level_h(rhythm) == pytest.approx((50 * 4 + 118 * 0.25) / 168, rel=0.15)


def test_a_long_wait_at_night_ends_when_the_morning_begins() -> None:
    rhythm = lived(3)
    before_dawn = MONDAY + timedelta(weeks=3, days=1, hours=7, minutes=40)
    midnight = before_dawn.replace(hour=0)
    pace = 2.0
    assert wait_s(rhythm, pace, WIDE, midnight) > 1.3 * wait_s(rhythm, pace, WIDE, before_dawn)
    assert before_dawn + timedelta(seconds=wait_s(rhythm, pace, WIDE, before_dawn)) < before_dawn.replace(hour=8, minute=30)


def test_how_often_it_was_polled_does_not_change_what_is_learned() -> None:
    often, seldom = lived(2, poll_every=timedelta(minutes=5)), lived(2, poll_every=timedelta(hours=1))
    for hours in (12, 27, 40):
        at = MONDAY + timedelta(weeks=2, hours=hours)
        assert rate_h(often, at) == pytest.approx(rate_h(seldom, at), rel=0.35)


def test_the_dates_in_a_first_poll_are_a_history_already() -> None:
    rhythm = first_rhythm(MONDAY, [MONDAY - timedelta(minutes=30 * number) for number in range(1, 30)])
    assert level_h(rhythm) == pytest.approx(2, rel=0.35)
    assert rhythm.mean_gap_s == pytest.approx(1800)
    one_old = first_rhythm(MONDAY, [MONDAY - timedelta(days=400)])
    assert level_h(one_old) < 0.01


def test_a_burst_shortens_the_interval_at_once_and_is_forgotten_within_hours() -> None:
    calm = lived(2)
    burst = learn(calm, calm.at + timedelta(minutes=10), [calm.at + timedelta(minutes=number) for number in range(1, 10)])
    level = level_h(burst)
    assert burst_factor(burst, level, burst.at) > 2.5
    assert burst_factor(burst, level, burst.at + timedelta(hours=8)) < 1.1
    assert wait_s(burst, 2.0, WIDE, burst.at) < 0.6 * wait_s(calm, 2.0, WIDE, calm.at)


def test_old_habits_fade() -> None:
    rhythm = lived(2)
    later = learn(rhythm, rhythm.at + timedelta(hours=3 * HALF_LIFE_H), [])
    assert level_h(later) < 0.3 * level_h(rhythm)


def test_the_state_stays_bounded() -> None:
    rhythm = lived(1)
    assert [len(part) for part in (rhythm.hour_counts, rhythm.hour_watched_h, rhythm.day_counts, rhythm.day_watched_h)] == [24, 24, 7, 7]


def test_polls_go_by_the_square_root_of_the_rate() -> None:
    waits = [wait_s(flat(rate), 1.0, WIDE, MONDAY) for rate in (16.0, 4.0, 1.0)]
    assert waits[1] / waits[0] == pytest.approx(2, rel=0.02)
    assert waits[2] / waits[0] == pytest.approx(4, rel=0.02)


@settings(max_examples=60, deadline=None)
@given(rates=st.lists(st.floats(0.001, 50), min_size=1, max_size=40), usual_s=st.floats(60, 7_200))
def test_together_the_feeds_cost_what_the_budget_allows(rates: list[float], usual_s: float) -> None:
    bounds = Bounds(1, 7 * 86_400)
    pace = shared_pace([(flat(rate), bounds) for rate in rates], usual_s)
    polls_h = sum(3600 / wait_s(flat(rate), pace, bounds, MONDAY) for rate in rates)
    assert polls_h == pytest.approx(len(rates) * 3600 / usual_s, rel=0.06)


def test_where_the_bounds_do_not_allow_the_budget_the_nearest_is_taken() -> None:
    tight = Bounds(60, 600)
    dear = shared_pace([(flat(1.0), tight)] * 10, 10)
    cheap = shared_pace([(flat(1.0), tight)] * 10, 10_000)
    assert wait_s(flat(1.0), dear, tight, MONDAY) == 60
    assert wait_s(flat(1.0), cheap, tight, MONDAY) == 600


def test_what_dead_feeds_do_not_need_goes_to_the_others() -> None:
    bounds = Bounds(60, 2_400)
    dead = learn(first_rhythm(MONDAY - timedelta(days=60), []), MONDAY, [])
    mixed = shared_pace([(flat(2.0), bounds)] * 5 + [(dead, bounds)] * 5, 300)
    assert wait_s(flat(2.0), mixed, bounds, MONDAY) < 0.65 * 300
    assert shared_pace([(None, bounds)] * 5, 300) == pytest.approx(usual_pace(300), rel=0.05)
    assert shared_pace([], 300) == usual_pace(300)
