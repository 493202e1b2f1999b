"""When a feed is polled next, and why: pure decisions.

A feed's interval follows its own rhythm by overlap: it grows while nothing new comes, within bounds, is back at the usual one
with the first news, and shrinks when most of a poll was new.
Failures back off and never stop: dead feeds do come back. Retry-After is a floor, jitter spreads what would meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from newsmon.records import FetchResult
from producers.outcome import SUCCESSES

MOSTLY_NEW = 0.33
LENGTHEN = 1.25
SHORTEN = 0.67
QUIET_LENGTHEN = 1.1  # nothing at all changed
QUIET_TIMES_USUAL = 6
JITTER = 0.1
MAX_SERVER_WISH_S = 3600  # a cache lifetime of a day on a news feed is a default, not a wish
FAILURE_EXPONENT_CAP = 10


class DueReason(StrEnum):
    RHYTHM = "rhythm"
    SERVER_WISH = "server_wish"
    FAILURE = "failure"
    RETRY_AFTER = "retry_after"


@dataclass(frozen=True, slots=True)
class Limits:
    """From the settings: the bounds of every interval."""

    usual_s: float
    min_s: float
    max_s: float


@dataclass(frozen=True, slots=True)
class Due:
    """When next (UTC), the feed's interval from now on, and what decided."""

    at: datetime
    interval_s: int
    reason: DueReason


def decide_due(
    result: FetchResult, *, now: datetime, interval_s: float, known_share: float | None, failure_count: int, limits: Limits,
    retry_after_s: int | None = None, server_wish_s: int | None = None, jitter: float = 0.0,
) -> Due:  # fmt: skip
    """Return the next due time, always after `now`, within the limits but for Retry-After, which may go beyond.

    `known_share` is the known part of the entries, None without entries; `failure_count` includes this poll;
    `jitter` in [0, 1) adds up to a tenth.
    """
    if result in SUCCESSES:
        interval = _bounded(_learned_s(interval_s, result, known_share, limits.usual_s), limits)
        wish = min(server_wish_s or 0, MAX_SERVER_WISH_S, limits.max_s)
        wait, reason = (wish, DueReason.SERVER_WISH) if wish > interval else (interval, DueReason.RHYTHM)
    else:
        interval = _bounded(interval_s, limits)
        wait = min(interval * 2.0 ** min(failure_count - 1, FAILURE_EXPONENT_CAP), limits.max_s)
        reason = DueReason.FAILURE
    if retry_after_s is not None and retry_after_s > wait:
        wait, reason = float(retry_after_s), DueReason.RETRY_AFTER
    return Due(now + timedelta(seconds=max(wait, 0.1) * (1 + JITTER * jitter)), round(interval), reason)


def _learned_s(interval_s: float, result: FetchResult, known_share: float | None, usual_s: float) -> float:
    """The interval after this poll. A quiet night may stretch it, but not so far that the morning's first report comes late."""
    if result is not FetchResult.OK or known_share is None:
        return min(interval_s * QUIET_LENGTHEN, usual_s * QUIET_TIMES_USUAL)
    if known_share == 1.0:
        return min(interval_s * LENGTHEN, usual_s * QUIET_TIMES_USUAL)
    awake_s = min(interval_s, usual_s)  # something new: back to the usual rhythm at once
    return awake_s * SHORTEN if known_share < MOSTLY_NEW else awake_s


def _bounded(seconds: float, limits: Limits) -> float:
    return min(max(seconds, limits.min_s), limits.max_s)


def first_poll_delay_s(position: int, feed_count: int, *, spread_s: float) -> float:
    """Seconds to wait before the first poll of the feed at `position`: all within `spread_s`, evenly."""
    return spread_s * position / max(feed_count, 1)
