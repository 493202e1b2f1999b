"""How a feed is doing, from its state and the time alone. [pure]

`late` says nobody polls it though it is due, `failing` that polls end badly, `silent` that they end well and bring nothing for
longer than the feed has been quiet before, `recovered` that one of these ended less than a day ago.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from newsmon.records import FeedState, FetchResult, NoticeKind

FAILING_AFTER_COUNT = 3
LATE_TIMES_INTERVAL = 3
LATE_LEAST = timedelta(minutes=5)
SILENT_LEAST = timedelta(hours=24)
SILENT_TIMES_MEAN = 5
SILENT_TIMES_LONGEST = 2  # a feed that rests at weekends is not silent on Sunday
SILENT_UNKNOWN = timedelta(days=7)  # before two articles have shown a gap
RECOVERED_FOR = timedelta(hours=24)


class FeedHealth(StrEnum):
    """One word for people; the same in `newsmon feeds list`, metrics and notices."""

    OK = "ok"
    LATE = "late"
    SILENT = "silent"
    FAILING = "failing"
    RECOVERED = "recovered"
    NEW = "new"  # never read: not polled yet, or only while our own network was away


@dataclass(frozen=True, slots=True)
class Health:
    """`since` is when it began, as far as the state knows."""

    word: FeedHealth
    since: datetime | None
    why: str


def health_of(state: FeedState | None, *, now: datetime, watched_since: datetime | None = None) -> Health:
    """The first that holds of failing, late, silent, recovered, new, ok.

    `watched_since`: since when somebody could have polled it; a feed is not late for the time when nobody ran.
    """
    if state is None:
        return Health(FeedHealth.NEW, None, "not polled yet")
    was_failing = state.trouble is not None and state.trouble.kind is NoticeKind.FEED_FAILING and state.failure_count > 0
    if state.failure_count >= FAILING_AFTER_COUNT or state.last_result is FetchResult.GONE or was_failing:
        return Health(FeedHealth.FAILING, state.last_success_at, f"{state.failure_count} in a row, last {state.last_result.value}")
    due_at = max(state.next_due_at, watched_since or state.next_due_at)
    if now - due_at > max(LATE_LEAST, LATE_TIMES_INTERVAL * timedelta(seconds=state.interval_s)):
        return Health(FeedHealth.LATE, state.next_due_at, "due and not polled")
    if state.last_new_article_at is not None and now - state.last_new_article_at > silent_after(state):
        return Health(FeedHealth.SILENT, state.last_new_article_at, "answers, but nothing new for longer than ever before")
    if state.recovered_at is not None and now - state.recovered_at < RECOVERED_FOR:
        return Health(FeedHealth.RECOVERED, state.recovered_at, "well again")
    if state.last_success_at is None:
        return Health(FeedHealth.NEW, None, "has not answered yet")
    return Health(FeedHealth.OK, state.last_success_at, "")


def silent_after(state: FeedState) -> timedelta:
    """How long this feed may bring nothing before that is strange: five times its mean gap, twice its longest, a day at least."""
    rhythm = state.rhythm
    if rhythm is None:
        return SILENT_UNKNOWN
    gaps_s = max(SILENT_TIMES_MEAN * (rhythm.mean_gap_s or 0.0), SILENT_TIMES_LONGEST * (rhythm.longest_gap_s or 0.0))
    return max(SILENT_LEAST, timedelta(seconds=gaps_s) if gaps_s else SILENT_UNKNOWN)
