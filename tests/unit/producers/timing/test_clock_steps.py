"""The clock was ahead, or is set forward: no feed waits for days, none is called silent, and its rhythm stays finite."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from support.samples import every_record

from newsmon.records import Feed, FeedState, NoticeKind, Rhythm, Subscription, Trouble, WaitingPage
from newsmon.records.articles import Article
from producers.health.feed_health import FeedHealth, health_of
from producers.http.site_limits import SiteLimits
from producers.timing.clock_steps import moved_on, set_right
from producers.timing.pace import Bounds, usual_pace, wait_s
from producers.timing.poll_order import due_at
from producers.timing.rhythm import first_rhythm

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
DAYS = timedelta(days=10)
AHEAD = NOW + DAYS
MINUTES = timedelta(minutes=5)
ARTICLE: Article = next(one for one in every_record() if isinstance(one, Article))
FEED = Feed(feed_id="a", url="https://a.example/feed", source="A")


def state_at(at: datetime) -> FeedState:
    """A feed as a poll at that moment leaves it."""
    return FeedState(
        feed_id="a", url=FEED.url, poll_seq=7, polled_at=at, next_due_at=at + MINUTES, interval_s=300, last_success_at=at,
        last_new_article_at=at, rhythm=msgspec.structs.replace(first_rhythm(at, []), last_arrival_at=at),
        trouble=Trouble(kind=NoticeKind.FEED_FAILING, notice_id="n", opened_at=at, revision=2, said_at=at),
        pages=(WaitingPage(article=ARTICLE, not_before=at + MINUTES),),
        subscription=Subscription(hub="h", topic="t", callback="c", ask_at=at + MINUTES, lease_until=at + 2 * MINUTES, pushed_at=at),
    )  # fmt: skip


def test_a_feed_polled_in_the_future_is_due_after_its_usual_wait() -> None:
    right = set_right(state_at(AHEAD), now=NOW)
    assert right == state_at(NOW)
    assert due_at(FEED, right, not_before=NOW, publishing_failed=False) == NOW + MINUTES


def test_a_state_of_the_past_is_left_as_it_is() -> None:
    before = state_at(NOW - DAYS)
    assert set_right(before, now=NOW) is before
    bare = FeedState(feed_id="a", url=FEED.url, poll_seq=1, polled_at=AHEAD, next_due_at=AHEAD + MINUTES, interval_s=300)
    assert set_right(bare, now=NOW).next_due_at == NOW + MINUTES


def test_what_happened_before_the_clock_went_ahead_keeps_its_time() -> None:
    mixed = msgspec.structs.replace(state_at(AHEAD), last_new_article_at=NOW - timedelta(hours=30))
    assert set_right(mixed, now=NOW).last_new_article_at == NOW - timedelta(hours=30)


def test_a_clock_set_forward_makes_no_feed_silent_or_due() -> None:
    after = moved_on(state_at(NOW), DAYS)
    assert after == state_at(AHEAD)
    quiet = msgspec.structs.replace(after, trouble=None)
    assert health_of(quiet, now=AHEAD + MINUTES).word is FeedHealth.OK


@pytest.mark.parametrize("days", [1, 10, 60, 3_000])
def test_a_rhythm_learned_in_the_future_gives_a_usual_wait(days: int) -> None:
    rhythm: Rhythm = msgspec.structs.replace(first_rhythm(NOW + timedelta(days=days), []), recent_count=3.0, recent_expected=0.5)
    assert 60.0 <= wait_s(rhythm, usual_pace(300.0), Bounds(60.0, 2_400.0), NOW) <= 2_400.0


def test_a_held_site_and_the_spacing_last_as_long_as_they_would_have() -> None:
    limits = SiteLimits(spacing=MINUTES)
    limits.take(FEED.url, now=AHEAD)
    limits.answered(FEED.url)
    limits.hold_domain(FEED.url, AHEAD + 2 * MINUTES)
    limits.clock_stepped(-DAYS)
    assert limits.held_until(FEED.url, now=NOW) == NOW + 2 * MINUTES
    assert not limits.is_free(FEED.url, now=NOW)
    assert limits.is_free(FEED.url, now=NOW + 2 * MINUTES)
