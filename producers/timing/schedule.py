"""When a feed is polled next, and why: pure decisions.

A healthy feed follows its rhythm: the hours at which it publishes, at a pace that all feeds share (producers.timing.pace). What its
server says about caching is a floor; what the feed says about itself (ttl, sy:update*) is one while nothing is learned that
contradicts it. Failures back off and never stop: dead feeds do come back. Retry-After is a floor, jitter spreads what would meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from newsmon.records import DueReason, FetchResult, Rhythm
from producers.answers.outcome import SUCCESSES
from producers.timing.pace import Bounds, usual_pace, wait_s
from producers.timing.rhythm import level_h

QUIET_TIMES_USUAL = 8  # a quiet feed waits at most so many times the usual interval
JITTER = 0.1
MAX_SERVER_WISH_S = 3600  # a cache lifetime of a day on a news feed is a default, not a wish
FAILURE_EXPONENT_CAP = 10
OUTAGE_RETRY_S = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """From the settings: the usual interval, which is the budget, and the bounds of every interval."""

    usual_s: float
    min_s: float
    max_s: float
    longest_s: float | None = None  # what the feed's own `interval_s` says: never more seldom while it is well

    @property
    def bounds(self) -> Bounds:
        """Of a healthy feed."""
        quiet_s = min(self.usual_s * QUIET_TIMES_USUAL, self.max_s)
        longest_s = quiet_s if self.longest_s is None else self.longest_s
        return Bounds(self.min_s, min(max(longest_s, self.min_s), self.max_s))


@dataclass(frozen=True, slots=True)
class Due:
    """When next (UTC), the feed's interval from now on, and what decided."""

    at: datetime
    interval_s: int
    reason: DueReason


def decide_due(
    result: FetchResult, *, now: datetime, interval_s: float, failure_count: int, limits: Limits, rhythm: Rhythm | None = None,
    pace: float | None = None, retry_after_s: int | None = None, server_wish_s: int | None = None, feed_hint_s: int | None = None,
    outage: bool = False, jitter: float = 0.0,
) -> Due:  # fmt: skip
    """Return the next due time, always after `now`, within the limits but for Retry-After, which may go beyond.

    `interval_s` is the one before, `failure_count` includes this poll; `pace` None: the one at which a feed nothing is known
    of has the usual interval; `jitter` in [0, 1) adds up to a tenth.
    """
    if result in SUCCESSES:
        interval = wait_s(rhythm, usual_pace(limits.usual_s) if pace is None else pace, limits.bounds, now)
        wait, reason = interval, DueReason.RHYTHM
        wish = min(server_wish_s or 0, MAX_SERVER_WISH_S, limits.bounds.max_s)
        hint = min(feed_hint_s or 0, MAX_SERVER_WISH_S, limits.bounds.max_s)
        if wish > wait:
            wait, reason = wish, DueReason.SERVER_WISH
        if hint > wait and not _contradicts(rhythm, hint):
            wait, reason = hint, DueReason.FEED_HINT
    else:
        interval = min(max(interval_s, limits.min_s), limits.max_s)
        wait = min(interval * 2.0 ** min(failure_count - 1, FAILURE_EXPONENT_CAP), limits.max_s)
        reason = DueReason.FAILURE
        if outage:
            wait, reason = min(interval, max(OUTAGE_RETRY_S, limits.min_s)), DueReason.OUTAGE
    if retry_after_s is not None and retry_after_s > wait:
        wait, reason = float(retry_after_s), DueReason.RETRY_AFTER
    return Due(now + timedelta(seconds=max(wait, 0.1) * (1 + JITTER * jitter)), round(interval), reason)


def _contradicts(rhythm: Rhythm | None, hint_s: float) -> bool:
    """Whether the feed publishes more often than it says it does: "hourly" is what many a generator writes unasked."""
    if rhythm is None or rhythm.mean_gap_s is None:
        return False
    return min(rhythm.mean_gap_s, 3600 / level_h(rhythm)) < hint_s


def first_poll_delay_s(position: int, feed_count: int, *, spread_s: float) -> float:
    """Seconds to wait before the first poll of the feed at `position`: all within `spread_s`, evenly."""
    return spread_s * position / max(feed_count, 1)
