"""What is usual in a theme: counted by event and by day, bounded, fading."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from newsmon.records import ThemeUsage
from processors.features.of_article import Features, features_of
from processors.stories.theme_usage import MOST_KEYS, rarity_in, rarity_with, usage_after, usage_at

MONDAY = datetime(2026, 11, 2, 8, tzinfo=UTC)


def event(number: int) -> Features:
    ship = "".join("bdfgklmnprstvz"[number // 14**step % 14] + "aeiou"[number // 5**step % 5] for step in range(4)).title()
    return features_of(f"Drone hits tanker {ship} in the Red Sea", f"The tanker {ship} was hit.", "en")


def counted(count: int, *, at: datetime = MONDAY, usage: ThemeUsage | None = None) -> ThemeUsage:
    found = usage_at(usage, "ships", at)
    for number in range(count):
        found = usage_after(found, event(number))
    return found


def test_a_day_counts_when_it_is_over() -> None:
    today = counted(30)
    assert rarity_in(today)("w:tanker") == 1.0
    tomorrow = usage_at(today, "ships", MONDAY + timedelta(days=1))
    assert rarity_in(tomorrow)("w:tanker") < 0.3
    assert usage_at(tomorrow, "ships", MONDAY) == tomorrow, "time does not go back to the day before"


def test_a_clock_that_was_a_year_ahead_stops_no_counting_once_it_is_right() -> None:
    right = usage_at(counted(30, at=MONDAY + timedelta(days=365)), "ships", MONDAY)
    assert rarity_in(right)("w:tanker") < 0.3
    tomorrow = usage_at(counted(30, usage=right), "ships", MONDAY + timedelta(days=1))
    assert tomorrow.past.event_count == 60


def test_a_name_of_one_event_stays_rare_and_one_of_all_is_usual() -> None:
    usage = usage_at(counted(200), "ships", MONDAY + timedelta(days=1))
    rarity = rarity_in(usage)
    ship = next(iter(event(7).names - event(8).names))
    assert rarity(ship) == rarity("s:never") == 1.0
    assert rarity("w:tanker") < 0.1
    assert rarity_with(usage, lambda _key: 0.4)(ship) == 0.4


def test_the_counts_are_bounded_and_never_too_high() -> None:
    usage = usage_at(counted(900), "ships", MONDAY + timedelta(days=1))
    assert len(usage.past.counts) <= MOST_KEYS
    assert usage.past.counts["w:tanker"] <= usage.past.event_count == 900
    assert usage.past.counts["w:tanker"] > 700


def test_old_events_fade() -> None:
    usage = counted(600)
    for day in range(1, 4):
        usage = counted(600, at=MONDAY + timedelta(days=day), usage=usage)
    assert usage.past.event_count < 1_000
