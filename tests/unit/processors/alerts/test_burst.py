"""Bursts come from distinct new stories and independent sources compared with the theme's own season, and from nothing else."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

import msgspec
import pytest

from newsmon.records import ThemePulse
from processors.alerts.burst import BurstChange, BurstDetector, BurstPolicy, after_story, after_time, at_least, new_pulse
from processors.alerts.season import season_of

MONDAY = datetime(2026, 9, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = BurstPolicy()


def usual(days: int, *, rate: int = 3, seed: int = 1) -> Iterator[tuple[datetime, str]]:
    """Times and sources of new stories: busy days, quiet nights and weekends."""
    chance = random.Random(seed)
    for hour in range(days * 24):
        at = MONDAY + hour * HOUR
        busy = (1.6 if 7 <= at.hour < 19 else 0.3) * (0.5 if at.weekday() >= 5 else 1.0)
        count = sum(chance.random() < rate * busy / 20 for _ in range(20))
        for second in sorted(chance.randrange(3600) for _ in range(count)):
            yield at + timedelta(seconds=second), f"Outlet {chance.randrange(20)}"


@cache
def learnt(days: int, rate: int = 3) -> tuple[ThemePulse, tuple[BurstChange, ...]]:
    pulse = new_pulse("t", MONDAY)
    changes: list[BurstChange] = []
    for at, source in usual(days, rate=rate):
        done = after_story(pulse, at=at, source=source, policy=POLICY)
        pulse = done.pulse
        changes.append(done.change)
    return pulse, tuple(changes)


def told(
    pulse: ThemePulse, start: datetime, count: int, *, sources: int = 9, within: timedelta = HOUR, policy: BurstPolicy = POLICY
) -> tuple[ThemePulse, list[BurstChange]]:
    changes = []
    for number in range(count):
        done = after_story(pulse, at=start + number * within / count, source=f"S{number % sources}", policy=policy)
        pulse = done.pulse
        changes.append(done.change)
    return pulse, changes


def test_six_usual_weeks_hold_hardly_a_burst_and_teach_the_season() -> None:
    pulse, changes = learnt(42)
    assert changes.count(BurstChange.OPENED) <= 2  # fewer than one in two weeks
    season = season_of(pulse)
    assert sum(season.day[7:19]) / 12 > 2 * sum(season.day[20:24]) / 4
    assert sum(season.week[:5]) / 5 > 1.2 * sum(season.week[5:]) / 2
    assert len(encode_pulse(pulse)) < 4_500


def encode_pulse(pulse: ThemePulse) -> bytes:
    return msgspec.json.encode(pulse)


def test_a_burst_opens_once_lasts_and_is_over_when_nothing_is_remarkable_any_more() -> None:
    pulse, _changes = learnt(28)
    pulse, changes = told(pulse, MONDAY + timedelta(days=28, hours=10), 25)
    assert changes.count(BurstChange.OPENED) == 1
    assert set(changes) == {BurstChange.NONE, BurstChange.OPENED, BurstChange.LASTS}
    later = MONDAY + timedelta(days=29, hours=10)
    done = after_story(pulse, at=later, source="S", policy=POLICY)
    assert done.change is BurstChange.CLOSED
    _pulse, changes = told(done.pulse, later + HOUR, 25)  # too soon for another
    assert BurstChange.OPENED not in changes


def test_many_stories_of_one_or_two_sources_are_no_burst() -> None:
    pulse, _changes = learnt(28)
    assert BurstChange.OPENED not in told(pulse, MONDAY + timedelta(days=28, hours=10), 25, sources=2)[1]


def test_the_night_makes_remarkable_what_is_usual_by_day() -> None:
    pulse, _changes = learnt(28)
    by_day, by_night = MONDAY + timedelta(days=28, hours=11), MONDAY + timedelta(days=28, hours=3)
    assert BurstChange.OPENED not in told(pulse, by_day, 10)[1]
    assert BurstChange.OPENED in told(pulse, by_night, 10)[1]


@pytest.mark.parametrize(("yesterday", "bursts"), [(0, True), (3, True), (9, False), (12, False)])
def test_what_is_usual_enough_to_have_happened_yesterday_as_well_is_no_burst(yesterday: int, bursts: bool) -> None:
    policy = BurstPolicy(detector=BurstDetector(above_before=2.5))
    pulse, _changes = learnt(28)
    night = MONDAY + timedelta(days=28, hours=10)
    pulse, first = told(pulse, night, yesterday, sources=2, policy=policy)  # too few sources to be a burst itself
    assert BurstChange.OPENED not in first
    assert (BurstChange.OPENED in told(pulse, night + 24 * HOUR, 16, policy=policy)[1]) == bursts


def test_a_burst_yesterday_excuses_nothing_today() -> None:
    pulse, _changes = learnt(28)
    day = MONDAY + timedelta(days=28, hours=10)
    pulse, first = told(pulse, day, 25)
    assert BurstChange.OPENED in first
    pulse = after_time(pulse, at=day + 12 * HOUR, policy=POLICY).pulse
    assert BurstChange.OPENED in told(pulse, day + 24 * HOUR, 25)[1]


def test_a_burst_does_not_become_the_baseline() -> None:
    pulse, _changes = learnt(28)
    before = season_of(pulse).level
    pulse, _changes = told(pulse, MONDAY + timedelta(days=28, hours=10), 120, within=12 * HOUR)
    pulse = after_time(pulse, at=MONDAY + timedelta(days=29, hours=10), policy=POLICY).pulse
    assert season_of(pulse).level < 1.25 * before


def test_a_burst_is_over_when_time_passes_though_no_new_story_comes() -> None:
    pulse, _changes = learnt(28)
    pulse, _changes = told(pulse, MONDAY + timedelta(days=28, hours=10), 25)
    assert after_time(pulse, at=MONDAY + timedelta(days=28, hours=12), policy=POLICY).change is BurstChange.LASTS
    assert after_time(pulse, at=MONDAY + timedelta(days=28, hours=20), policy=POLICY).change is BurstChange.CLOSED


def test_one_source_that_pours_out_stories_is_no_burst_whoever_else_reports() -> None:
    pulse, _changes = learnt(28)
    at = MONDAY + timedelta(days=28, hours=10)
    for number in range(30):
        done = after_story(
            pulse, at=at + number * timedelta(minutes=2), source=f"S{number}" if number in (3, 11, 17, 23) else "Pours", policy=POLICY
        )
        pulse = done.pulse
        assert done.change is BurstChange.NONE
    assert done.window.source_count >= 5


def test_what_was_published_while_we_could_not_read_makes_no_burst_of_the_hour_in_which_it_came() -> None:
    """After an outage of five hours everything comes at once: each story counts for the hour it was published."""
    pulse, _changes = learnt(28, rate=6)
    back = MONDAY + timedelta(days=28, hours=16)
    late, now = pulse, pulse
    late_changes, now_changes = [], []
    for number in range(30):
        told_at = back + number * timedelta(seconds=10)
        published_at = back - timedelta(minutes=10 * number)
        done = after_story(late, at=told_at, source=f"S{number % 9}", published_at=published_at, policy=POLICY)
        late = done.pulse
        late_changes.append(done.change)
        done = after_story(now, at=told_at, source=f"S{number % 9}", policy=POLICY)
        now = done.pulse
        now_changes.append(done.change)
    assert BurstChange.OPENED not in late_changes
    assert BurstChange.OPENED in now_changes  # the same, had it all been published now


@pytest.mark.parametrize(
    ("policy", "opens"),
    [
        (POLICY, True),
        (BurstPolicy(min_stories=11), False),
        (BurstPolicy(min_sources=10), False),
        (BurstPolicy(detector=BurstDetector(chance=1e-12)), False),
        (BurstPolicy(detector=BurstDetector(warm_up_h=24 * 40)), False),
        (BurstPolicy(detector=BurstDetector(learning_h=24 * 40, chance=1e-6)), False),
        (BurstPolicy(detector=BurstDetector(max_share_of_one=0.05)), False),
        (BurstPolicy(detector=BurstDetector(windows_h=(1,))), True),
    ],
)
def test_each_condition_decides_whether_a_burst_opens(policy: BurstPolicy, opens: bool) -> None:
    pulse, _changes = learnt(28)
    assert (BurstChange.OPENED in told(pulse, MONDAY + timedelta(days=28, hours=3), 10, policy=policy)[1]) == opens


def test_a_burst_begins_no_sooner_than_the_cool_down_after_another() -> None:
    pulse, _changes = learnt(28)
    start = MONDAY + timedelta(days=28, hours=3)
    pulse = told(pulse, start, 12)[0]
    pulse = after_time(pulse, at=start + 8 * HOUR, policy=POLICY).pulse
    assert pulse.last_burst is not None
    soon = told(pulse, start + 9 * HOUR, 40)[1]
    assert BurstChange.OPENED not in soon
    assert BurstChange.OPENED in told(pulse, start + 9 * HOUR, 40, policy=BurstPolicy(detector=BurstDetector(cool_down_h=0)))[1]


@pytest.mark.parametrize("days", [0, 2])
def test_a_new_theme_knows_no_usual_and_claims_no_burst(days: int) -> None:
    pulse, changes = learnt(days)
    assert BurstChange.OPENED not in [*changes, *told(pulse, MONDAY + timedelta(days=days, hours=10), 40)[1]]


@pytest.mark.parametrize(("count", "mean", "size"), [(5, 2.0, math.inf), (5, 2.0, 3.0), (12, 3.5, 1.5), (1, 0.1, 20.0)])
def test_the_probability_is_that_of_the_distribution(count: int, mean: float, size: float) -> None:
    def mass(k: int) -> float:
        if math.isinf(size):
            return math.exp(-mean + k * math.log(mean) - math.lgamma(k + 1))
        share = mean / (mean + size)
        return math.exp(math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1) + size * math.log1p(-share) + k * math.log(share))

    assert at_least(count, mean, size) == pytest.approx(1.0 - sum(mass(k) for k in range(count)), abs=1e-12)
    assert at_least(0, mean, size) == 1.0


def test_a_clock_that_was_ten_days_ahead_neither_hides_a_burst_nor_makes_one() -> None:
    pulse, _changes = learnt(42)
    end = MONDAY + timedelta(days=42, hours=10)
    ahead, _changes = told(pulse, end + timedelta(days=10), 4, within=timedelta(hours=6))
    quiet, changes = told(ahead, end, 9, within=timedelta(hours=6))
    assert set(changes) == {BurstChange.NONE}, "nine stories in six hours are usual"
    assert quiet.hour == int((end + timedelta(hours=5, minutes=20)).timestamp()) // 3600
    assert BurstChange.OPENED in told(ahead, end, 40)[1]


def test_a_burst_under_way_when_the_clock_is_set_right_ends_in_real_time() -> None:
    pulse, _changes = learnt(42)
    end = MONDAY + timedelta(days=42, hours=10)
    bursting, changes = told(pulse, end + timedelta(days=10), 40)
    assert BurstChange.OPENED in changes
    assert after_time(bursting, at=end + timedelta(hours=12), policy=POLICY).change is BurstChange.CLOSED
