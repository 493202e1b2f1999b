"""A feed's health follows from its state and the time alone."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from support.drafts import NOW, draft, state

from newsmon.records import FeedState, FetchResult
from producers.health.feed_health import FeedHealth, health_of
from producers.timing.rhythm import first_rhythm

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, FeedHealth.OK),
        ({"failure_count": 2, "last_result": FetchResult.TIMEOUT}, FeedHealth.OK),
        ({"failure_count": 3, "last_result": FetchResult.TIMEOUT}, FeedHealth.FAILING),
        ({"failure_count": 1, "last_result": FetchResult.GONE}, FeedHealth.FAILING),
        ({"next_due_at": NOW - timedelta(minutes=14)}, FeedHealth.OK),
        ({"next_due_at": NOW - timedelta(minutes=16)}, FeedHealth.LATE),
        ({"last_success_at": None, "last_result": FetchResult.CONNECT_ERROR}, FeedHealth.NEW),
        ({"last_new_article_at": NOW - 6.9 * DAY}, FeedHealth.OK),
        ({"last_new_article_at": NOW - 7.1 * DAY}, FeedHealth.SILENT),
        ({"recovered_at": NOW - 0.9 * DAY}, FeedHealth.RECOVERED),
        ({"recovered_at": NOW - 1.1 * DAY}, FeedHealth.OK),
        ({"last_new_article_at": NOW - 30 * DAY}, FeedHealth.SILENT),
        ({"last_new_article_at": NOW - 30 * DAY, "failure_count": 5, "last_result": FetchResult.GONE}, FeedHealth.FAILING),
    ],
)
def test_each_state_has_its_word(changes: dict[str, object], wanted: FeedHealth) -> None:
    assert health_of(state(draft(1), **changes), now=NOW).word is wanted


def test_a_feed_never_polled_is_new() -> None:
    assert health_of(None, now=NOW).word is FeedHealth.NEW


def test_nobody_is_late_for_the_time_when_nobody_ran() -> None:
    overdue: FeedState = state(draft(1), next_due_at=NOW - DAY)
    assert health_of(overdue, now=NOW, watched_since=NOW - timedelta(minutes=1)).word is FeedHealth.OK
    assert health_of(overdue, now=NOW, watched_since=NOW - timedelta(hours=1)).word is FeedHealth.LATE


@pytest.mark.parametrize(
    ("mean_gap_s", "longest_gap_s", "silent_after_h"),
    [(600, 3_600, 24), (3_600, 62 * 3_600, 124), (20 * 3_600, 21 * 3_600, 100)],
    ids=["a busy feed after a day", "one that rests at weekends not on Sunday", "a slow one after five of its gaps"],
)
def test_silent_is_longer_than_the_feed_has_been_quiet_before(mean_gap_s: float, longest_gap_s: float, silent_after_h: float) -> None:
    rhythm = msgspec.structs.replace(first_rhythm(NOW, []), mean_gap_s=mean_gap_s, longest_gap_s=longest_gap_s)
    for hours, wanted in ((silent_after_h - 1, FeedHealth.OK), (silent_after_h + 1, FeedHealth.SILENT)):
        quiet = state(draft(1), rhythm=rhythm, last_new_article_at=NOW - timedelta(hours=hours))
        assert health_of(quiet, now=NOW).word is wanted
