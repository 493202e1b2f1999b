"""A feed's health, from its state and the time alone.

`failing`: polls fail. `late`: the feed is due but not polled. `silent`: polls succeed, but nothing new has come for much longer
than the feed usually pauses. `recovered`: one of these ended less than a day ago.
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
SILENT_TIMES_LONGEST = 2  # so that a feed that rests at weekends is not silent on Sunday
SILENT_UNKNOWN = timedelta(days=7)  # while fewer than two articles have arrived
RECOVERED_FOR = timedelta(hours=24)


class FeedHealth(StrEnum):
    """The word in `newsmon feeds list`, metrics and notices."""

    OK = "ok"
    LATE = "late"
    SILENT = "silent"
    FAILING = "failing"
    RECOVERED = "recovered"
    NEW = "new"  # never read: not polled yet, or only while our own network was down


@dataclass(frozen=True, slots=True)
class Health:
    """`since` is when this began, as far as the state tells; `why` explains the word to people."""

    word: FeedHealth
    since: datetime | None
    why: str


def health_of(state: FeedState | None, *, now: datetime, watched_since: datetime | None = None) -> Health:
    """The first that applies of failing, late, silent, recovered, new and ok.

    `watched_since` is when this process took over the feed: a feed is not late for the time when no producer ran.
    """
    if state is None:
        return Health(FeedHealth.NEW, None, "not polled yet")
    was_failing = state.trouble is not None and state.trouble.kind is NoticeKind.FEED_FAILING and state.failure_count > 0
    if state.failure_count >= FAILING_AFTER_COUNT or state.last_result is FetchResult.GONE or was_failing:
        return Health(FeedHealth.FAILING, state.last_success_at, _failing_because(state))
    due_at = max(state.next_due_at, watched_since or state.next_due_at)
    if now - due_at > max(LATE_LEAST, LATE_TIMES_INTERVAL * timedelta(seconds=state.interval_s)):
        return Health(FeedHealth.LATE, state.next_due_at, "it is due, but has not been polled")
    if state.last_new_article_at is not None and now - state.last_new_article_at > silent_after(state):
        return Health(FeedHealth.SILENT, state.last_new_article_at, "polls succeed, but nothing new has come for longer than usual")
    if state.recovered_at is not None and now - state.recovered_at < RECOVERED_FOR:
        return Health(FeedHealth.RECOVERED, state.recovered_at, "the last problem is over")
    if state.last_success_at is None:
        return Health(FeedHealth.NEW, None, "no successful poll yet")
    return Health(FeedHealth.OK, state.last_success_at, "")


def _failing_because(state: FeedState) -> str:
    if state.last_result is FetchResult.GONE:
        return "the server says that the feed is gone"
    if state.failure_count == 1:
        return f"the last poll failed with {state.last_result.value}"
    return f"{state.failure_count} polls in a row failed, the last with {state.last_result.value}"


def silent_after(state: FeedState) -> timedelta:
    """The pause after which the feed counts as silent: five times its mean gap or twice its longest, at least a day."""
    rhythm = state.rhythm
    if rhythm is None:
        return SILENT_UNKNOWN
    gaps_s = max(SILENT_TIMES_MEAN * (rhythm.mean_gap_s or 0.0), SILENT_TIMES_LONGEST * (rhythm.longest_gap_s or 0.0))
    return max(SILENT_LEAST, timedelta(seconds=gaps_s) if gaps_s else SILENT_UNKNOWN)
