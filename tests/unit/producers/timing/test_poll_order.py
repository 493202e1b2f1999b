"""The order of due feeds when there is not room for all: nobody waits for ever, and no more feeds are sorted than needed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from support.drafts import FEED, NOW, state

from newsmon.records import FeedState
from producers.http.site_limits import SiteLimits
from producers.timing.poll_order import due_at, poll_order

LATER = NOW + timedelta(minutes=5)
BEFORE = NOW - timedelta(minutes=5)
MANY = 10_000


def everybody(_feed_id: str) -> bool:
    return True


@pytest.mark.parametrize(
    ("before", "not_before", "publishing_failed", "expected"),
    [
        pytest.param(None, LATER, False, LATER, id="never polled: when its place in the spread comes"),
        pytest.param(state(next_due_at=BEFORE), NOW, False, BEFORE, id="due since its state says so"),
        pytest.param(state(next_due_at=BEFORE), LATER, False, BEFORE, id="the spread is for first polls only"),
        pytest.param(state(next_due_at=BEFORE), LATER, True, LATER, id="Kafka did not take its poll: not before the repeat"),
        pytest.param(state(next_due_at=LATER), BEFORE, True, LATER, id="Kafka did not take a push: its own time stays"),
        pytest.param(
            state(next_due_at=LATER, polled_at=BEFORE, url="https://old.example/"), LATER, False, BEFORE, id="new address: at once"
        ),
        pytest.param(state(next_due_at=LATER), NOW, False, LATER, id="not due"),
    ],
)
def test_since_when_a_feed_is_due(before: FeedState | None, not_before: datetime, publishing_failed: bool, expected: datetime) -> None:
    assert due_at(FEED, before, not_before=not_before, publishing_failed=publishing_failed) == expected


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        pytest.param({}, [], id="nobody"),
        pytest.param({"a": 1, "b": 2}, [], id="nobody due"),
        pytest.param({"a": 0}, ["a"], id="due this moment"),
        pytest.param({"a": -1, "b": -3, "c": -2}, ["b", "c", "a"], id="the longest due first"),
        pytest.param({"b": -1, "c": 1, "a": -1}, ["a", "b"], id="among equals by name, whatever the configuration's order"),
    ],
)
def test_in_which_turn(minutes: dict[str, int], expected: list[str]) -> None:
    due_times = [(NOW + timedelta(minutes=minute), feed_id) for feed_id, minute in minutes.items()]
    assert list(poll_order(due_times, everybody, now=NOW)) == expected


def test_of_10_000_due_feeds_those_that_find_room_are_the_longest_due() -> None:
    due_times = [(NOW - timedelta(seconds=number * 7919 % MANY), f"f{number}") for number in range(MANY)]
    assert list(islice(poll_order(due_times, everybody, now=NOW), 64)) == [feed_id for _at, feed_id in sorted(due_times)[:64]]


class Counted(datetime):
    """A time that counts how often it is compared with another of its kind, which is what putting in order does."""

    compared = 0

    def __lt__(self, other: datetime, /) -> bool:
        Counted.compared += isinstance(other, Counted)
        return datetime.__lt__(self, other)

    def __eq__(self, other: object, /) -> bool:
        return datetime.__eq__(self, other)

    __hash__ = datetime.__hash__


def counted(seconds: float) -> Counted:
    at = NOW + timedelta(seconds=seconds)
    return Counted(at.year, at.month, at.day, at.hour, at.minute, at.second, tzinfo=UTC)


def test_feeds_that_are_not_due_are_not_put_in_order() -> None:
    due_times = [(counted(1 + MANY - number), f"f{number}") for number in range(MANY)]
    due_times += [(counted(-number), f"due-{number}") for number in range(8)]
    Counted.compared = 0
    assert list(poll_order(due_times, everybody, now=NOW)) == [f"due-{number}" for number in range(7, -1, -1)]
    assert 0 < Counted.compared <= 8 * 8


def test_of_10_000_due_feeds_only_those_that_find_room_are_put_in_order() -> None:
    due_times = [(counted(-(number * 7919 % MANY)), f"f{number}") for number in range(MANY)]
    Counted.compared = 0
    taken = list(islice(poll_order(due_times, everybody, now=NOW), 20))
    assert len(taken) == 20
    assert Counted.compared <= 3 * MANY, "to order them all takes about 13 comparisons each"


def test_a_busy_host_with_10_000_overdue_feeds_holds_nobody_else_up() -> None:
    """The feeds of one host have all been due for an hour, ten of other hosts for a moment, and there is room for twenty."""
    host = {f"busy-{number:05}": "https://busy.example/" for number in range(MANY)}
    host |= {f"other-{number}": f"https://other-{number}.example/" for number in range(10)}
    site_limits = SiteLimits(timedelta(seconds=1), at_once=2)
    due_times = [(NOW - timedelta(hours=feed_id.startswith("busy")), feed_id) for feed_id in host]
    started = []
    for feed_id in poll_order(due_times, lambda one: site_limits.is_free(host[one], now=NOW), now=NOW):
        site_limits.take(host[feed_id], now=NOW)
        started.append(feed_id)
        if len(started) == 20:
            break
    assert started == ["busy-00000", *(f"other-{number}" for number in range(10))]


def test_on_a_busy_host_every_feed_has_its_turn() -> None:
    """Forty feeds of one host that bears one poll a second, due every ten seconds: each is polled as often as any other."""
    feeds = {f"f{number:02}": NOW for number in range(40)}
    site_limits = SiteLimits(timedelta(seconds=1), at_once=1)
    counts = dict.fromkeys(feeds, 0)
    for second in range(400):
        now = NOW + timedelta(seconds=second)
        for feed_id in _started(feeds, site_limits, now):
            counts[feed_id] += 1
            feeds[feed_id] = now + timedelta(seconds=10)
            site_limits.answered(FEED.url)
    assert set(counts.values()) == {10}


def _started(feeds: dict[str, datetime], site_limits: SiteLimits, now: datetime) -> Iterator[str]:
    due_times = [(at, feed_id) for feed_id, at in feeds.items()]
    for feed_id in poll_order(due_times, lambda _one: site_limits.is_free(FEED.url, now=now), now=now):
        site_limits.take(FEED.url, now=now)
        yield feed_id
