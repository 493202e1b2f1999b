"""Decides when a feed is polled next, and why.

A healthy feed is polled by its rhythm, at the pace all feeds share (producers.timing.pace). The server's cache lifetime is a lower
limit for the wait. So is the feed's own hint (ttl, sy:update*), unless its rhythm contradicts it. A failing feed backs off but is
always polled again, because dead feeds do come back. Retry-After is a lower limit too. Jitter keeps feeds from bunching up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from newsmon.records import DueReason, FetchResult, Rhythm
from producers.answers.outcome import SUCCESSES
from producers.timing.pace import Bounds, usual_pace, wait_s
from producers.timing.rhythm import level_h

QUIET_TIMES_USUAL = 8  # the longest wait of a quiet feed, in usual intervals
JITTER = 0.1
MAX_SERVER_WISH_S = 3600  # a longer cache lifetime on a news feed is a default no one chose
FAILURE_EXPONENT_CAP = 10
OUTAGE_RETRY_S = 60.0
LOST_HERE_RETRY_S = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """From the settings: the usual interval, which is the budget, and the bounds of all intervals."""

    usual_s: float
    min_s: float
    max_s: float
    longest_s: float | None = None  # the feed's own `interval_s`: the longest wait while it is healthy

    @property
    def bounds(self) -> Bounds:
        """The bounds for a healthy feed."""
        quiet_s = min(self.usual_s * QUIET_TIMES_USUAL, self.max_s)
        longest_s = quiet_s if self.longest_s is None else self.longest_s
        return Bounds(self.min_s, min(max(longest_s, self.min_s), self.max_s))


@dataclass(frozen=True, slots=True)
class Due:
    """The next poll (UTC), the feed's interval from now on, and what decided."""

    at: datetime
    interval_s: int
    reason: DueReason


def decide_due(
    result: FetchResult, *, now: datetime, interval_s: float, failure_count: int, limits: Limits, rhythm: Rhythm | None = None,
    pace: float | None = None, retry_after_s: int | None = None, server_wish_s: int | None = None, feed_hint_s: int | None = None,
    outage: bool = False, lost_here: bool = False, jitter: float = 0.0,
) -> Due:  # fmt: skip
    """The next due time, always after `now` and within the limits, which only Retry-After may exceed.

    `interval_s` is the interval before this poll; `failure_count` includes this poll. Without a `pace`, a feed of unknown rhythm
    has the usual interval. A poll that was `lost_here`, by no fault of the feed, is repeated within a minute at first: what the feed shows
    now may be gone an interval later. `jitter` in [0, 1) adds up to a tenth.
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
        first = min(interval, max(LOST_HERE_RETRY_S, limits.min_s)) if lost_here else interval
        wait = min(first * 2.0 ** min(failure_count - 1, FAILURE_EXPONENT_CAP), limits.max_s)
        reason = DueReason.FAILURE
        if outage:
            wait, reason = min(interval, max(OUTAGE_RETRY_S, limits.min_s)), DueReason.OUTAGE
    if retry_after_s is not None and retry_after_s > wait:
        wait, reason = float(retry_after_s), DueReason.RETRY_AFTER
    return Due(now + timedelta(seconds=max(wait, 0.1) * (1 + JITTER * jitter)), round(interval), reason)


def _contradicts(rhythm: Rhythm | None, hint_s: float) -> bool:
    """True when the feed publishes more often than its hint says: many generators write "hourly" by default."""
    if rhythm is None or rhythm.mean_gap_s is None:
        return False
    return min(rhythm.mean_gap_s, 3600 / level_h(rhythm)) < hint_s


def first_poll_delay_s(position: int, feed_count: int, *, spread_s: float) -> float:
    """Seconds before the first poll of the feed at `position`, so that all are spread evenly over `spread_s`."""
    return spread_s * position / max(feed_count, 1)
