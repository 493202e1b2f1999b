"""How a feed is doing follows from its state and the time alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.drafts import NOW, draft, state

from newsmon.records import FeedState, FetchResult
from producers.health import FeedHealth, health_of

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
        ({"last_new_article_at": NOW - 0.9 * DAY}, FeedHealth.OK),
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
