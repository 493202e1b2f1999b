"""Counts of a day do not depend on the order and stay within bounds; shares follow from the days that are over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.rarity import counting as counting_module
from processors.rarity.counting import Counting
from processors.rarity.day_counts import DayCounts, hash_of, level_of
from processors.rarity.observation import Observation, is_counted, observation
from processors.rarity.shares import FORMULAIC_DAYS, SHIPPED_WEIGHT, UNKNOWN, KeyShares
from processors.rarity.shipped import ShippedShares, parse, shipped_shares

MONDAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)

articles = st.lists(
    st.tuples(st.integers(0, 500), st.frozensets(st.integers(0, 300).map(lambda number: f"w:{number}"), max_size=20)),
    unique_by=lambda article: article[0],
    max_size=60,
)


def seen(number: int, *keys: str, day: date = MONDAY, language: str = "en") -> Observation:
    return Observation(f"a{number}", day, language, frozenset(keys))


def counted(found: list[tuple[int, frozenset[str]]], max_keys: int) -> DayCounts:
    counts = DayCounts(max_keys=max_keys)
    for number, keys in found:
        counts.add(seen(number, *keys))
    return counts


def shares(*days: DayCounts, shipped: ShippedShares | None = None) -> KeyShares:
    """The days one after the other, the last one yesterday."""
    first = MONDAY - timedelta(days=len(days))
    dated = [(first + timedelta(days=number), (counts,)) for number, counts in enumerate(days)]
    return KeyShares(shipped or ShippedShares(), dated, before=MONDAY)


@given(articles, st.randoms(use_true_random=False), st.integers(1, 400))
def test_the_order_within_a_day_does_not_matter(found: list[tuple[int, frozenset[str]]], random: object, max_keys: int) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = counted(found, max_keys), counted(shuffled, max_keys)
    assert (one.keys, one.articles, one.level) == (other.keys, other.articles, other.level)


@given(articles, st.integers(1, 50))
def test_a_day_holds_no_more_keys_than_it_may_and_counts_those_exactly(found: list[tuple[int, frozenset[str]]], max_keys: int) -> None:
    counts = counted(found, max_keys)
    assert len(counts.keys) <= max_keys
    assert counts.keys == {key: sum(key in keys for _number, keys in found) for key in counts.keys}
    assert all(level_of(key) >= counts.level for key in counts.keys)


def test_an_article_counts_once_however_often_it_is_seen() -> None:
    counts = DayCounts()
    assert [counts.add(seen(1, "w:a")), counts.add(seen(1, "w:a", "w:b")), counts.add(seen(2, "w:a"))] == [True, False, True]
    assert counts.keys == {"w:a": 2}
    assert counts.articles == {"en": 2}


def test_every_third_article_is_counted() -> None:
    assert 3_000 < sum(is_counted(f"article {number}") for number in range(10_000)) < 3_700


def test_a_key_too_long_for_a_word_is_not_counted() -> None:
    assert observation("a1", NOON, "en", frozenset(("w:a", "s:" + "x" * 100))).keys == {"w:a"}


def test_a_key_that_more_articles_hold_is_less_rare() -> None:
    counts = DayCounts({"en": 10_000}, {"n:often": 5_000, "n:seldom": 5})
    found = shares(counts)
    assert found.rarity("n:often", "en") == 0 < found.rarity("n:seldom", "en") < found.rarity("n:never", "en") == 1


def test_a_word_is_measured_by_the_articles_of_its_language_and_a_name_by_all() -> None:
    shipped = ShippedShares({"en": {}, "pl": {}})
    found = shares(DayCounts({"en": 90_000, "pl": 10_000}, {"w:wojsko": 1_000, "n:tusk": 1_000}), shipped=shipped)
    assert found.share("w:wojsko", "pl") == pytest.approx(0.1, rel=0.3)
    assert found.share("w:wojsko", "en") == found.share("w:wojsko", "en") < 0.012
    assert found.share("n:tusk", "pl") == found.share("n:tusk", "en") == pytest.approx(0.01, rel=0.05)


def test_a_language_that_nothing_is_shipped_for_is_measured_by_all_articles() -> None:
    found = shares(DayCounts({"en": 90_000, "sv": 10_000}, {"w:forsva": 1_000}))
    assert found.share("w:forsva", "sv") == pytest.approx(0.01, rel=0.05)


def test_older_days_weigh_less() -> None:
    often, never = DayCounts({"en": 10_000}, {"n:x": 1_000}), DayCounts({"en": 10_000}, {})
    assert shares(never, never, often).share("n:x", "en") > shares(often, never, never).share("n:x", "en")


def test_the_shipped_shares_decide_at_first_and_little_later() -> None:
    shipped = ShippedShares({}, {"n:x": 0.05})
    assert shares(shipped=shipped).share("n:x", "en") == pytest.approx(0.05)
    half = shares(DayCounts({"en": int(SHIPPED_WEIGHT)}, {}), shipped=shipped)
    assert half.share("n:x", "en") == pytest.approx(0.025)
    assert shares(shipped=shipped).share("n:unknown", "en") == pytest.approx(UNKNOWN)


def test_a_day_that_could_not_hold_a_key_says_nothing_about_it() -> None:
    lost = next(key for key in map("n:{}".format, range(100)) if level_of(key) == 0)
    full = DayCounts({"en": 10_000}, {lost: 1_000})
    thinned = DayCounts({"en": 10_000}, {}, level=1)
    assert shares(full, thinned).share(lost, "en") == pytest.approx(shares(full, DayCounts()).share(lost, "en"), rel=0.01)


def test_a_sentence_seen_on_three_days_is_formulaic() -> None:
    day = DayCounts({"en": 10}, {"l:0badcafe": 1, "w:a": 3})
    assert shares(*[day] * FORMULAIC_DAYS).is_formulaic("l:0badcafe")
    assert not shares(*[day] * (FORMULAIC_DAYS - 1)).is_formulaic("l:0badcafe")
    assert not shares(DayCounts({"en": 10}, {"l:0badcafe": 500})).is_formulaic("l:0badcafe"), "a report that all outlets copy"


def test_a_sentence_that_one_outlet_has_printed_three_times_is_formulaic_the_next_day() -> None:
    assert shares(DayCounts({"en": 10}, {"r:0badcafe": 3})).is_formulaic("r:0badcafe")
    twice, once = DayCounts({"en": 10}, {"r:0badcafe": 2}), DayCounts({"en": 10}, {"r:0badcafe": 1})
    assert shares(twice, once).is_formulaic("r:0badcafe")
    assert not shares(twice).is_formulaic("r:0badcafe")


def test_the_partitions_of_a_day_are_one_day() -> None:
    part = DayCounts({"en": 10}, {"l:0badc0de": 1})
    found = KeyShares(ShippedShares(), [(MONDAY - timedelta(days=1), [part] * 6)], before=MONDAY)
    assert not found.is_formulaic("l:0badc0de")
    assert found.day_count == 1


def test_no_more_keys_are_held_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("processors.rarity.shares.MAX_KEYS", 10)
    days = [DayCounts({"en": 100}, {f"n:{day}-{number}": number for number in range(2, 100)}) for day in range(5)]
    found = shares(*days)
    assert len(found) == 10
    assert found.share("n:4-99", "en") > UNKNOWN


def test_only_days_that_are_over_count_and_the_hour_after_midnight_belongs_to_the_day_before() -> None:
    counting = Counting()
    for number in range(1_000):
        counting.add(seen(number, "n:x", day=NOON.date()))
    midnight = datetime(2026, 11, 25, tzinfo=UTC)
    at_minute = {minute: counting.shares_at(midnight + timedelta(minutes=minute)) for minute in (-1, 59, 60)}
    assert [found.day_count for found in at_minute.values()] == [0, 0, 1]


def test_counts_of_other_workers_make_the_same_shares_as_counting_all_alone() -> None:
    alone, worker = Counting(), Counting()
    other = DayCounts()
    for number in range(300):
        one = seen(number, f"n:{number % 7}", f"w:{number % 11}", day=MONDAY)
        alone.add(one)
        if number % 3:
            worker.add(one, 1)
        else:
            other.add(one)
    ours, theirs = alone.shares_at(NOON), worker.shares_at(NOON, {(MONDAY, 0): lambda: other})
    assert [ours.rarity(f"n:{number}", "en") for number in range(8)] == [theirs.rarity(f"n:{number}", "en") for number in range(8)]


def test_no_more_days_are_held_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting_module, "MAX_DAYS", 4)
    counting = Counting()
    for number in range(10):
        counting.add(seen(number, "w:a", day=MONDAY + timedelta(days=number)))
    assert counting.shares_at(NOON + timedelta(days=40)).day_count == 0
    assert counting.shares_at(NOON + timedelta(days=10)).day_count == 4


def test_the_shipped_shares_are_read_and_every_language_of_the_words_has_some() -> None:
    found = shipped_shares()
    assert {"cs", "de", "en", "es", "fr", "it", "pl", "ru", "uk"} <= set(found.words)
    assert all(len(words) > 2_000 for words in found.words.values())
    known = KeyShares(found, (), before=MONDAY)
    assert known.rarity("w:govern", "en") < known.rarity("w:aquife", "en")
    assert known.rarity("n:trump", "en") < 0.6


@pytest.mark.parametrize("line", ["en 2: w:a", "en 0: w:a", "en", "en x: w:a"])
def test_a_line_that_is_no_share_is_refused(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - Python says of the third what is wrong
        parse(line)


def test_hashes_are_the_same_in_every_process() -> None:
    assert hash_of("w:harbou") == 3_342_789_556
