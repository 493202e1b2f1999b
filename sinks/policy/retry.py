"""Decides what follows a failed attempt: retry and when, give up, or disable the receiver.

In: the number of the attempt, how it failed, a fraction for the jitter. Out: RetryAfter, GiveUp or Disable.
"""

from __future__ import annotations

import email.utils
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from newsmon.records.delivery_reasons import DeliveryReason

# Eleven attempts over almost 19 hours: a receiver that is down overnight gets everything in the morning.
STANDARD_DELAYS_S = (5.0, 30.0, 120.0, 300.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 18_000.0, 36_000.0)
# No receiver means a longer wait, and it would outlast the schedule's own steps.
RETRY_AFTER_CAP_S = 6 * 3_600.0


JITTER = 0.2


@dataclass(frozen=True, slots=True)
class Schedule:
    """The first attempt is immediate; `delays_s` follow the first, second, ... failure; after the last the delivery is dead."""

    delays_s: tuple[float, ...] = STANDARD_DELAYS_S
    jitter: float = JITTER  # adds at most this part and never subtracts: Retry-After and back-off are minimums


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed attempt; `retry_after_s` is the wait the receiver asked for."""

    reason: DeliveryReason
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Retry after `seconds`, not before."""

    seconds: float
    reason: DeliveryReason


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The delivery is dead; it can be replayed."""

    reason: DeliveryReason


@dataclass(frozen=True, slots=True)
class Disable:
    """The delivery is dead, and its receiver gets nothing until someone enables it."""

    reason: DeliveryReason


Decision = RetryAfter | GiveUp | Disable
STANDARD = Schedule()
LONGEST_WAIT = timedelta(seconds=max(*STANDARD_DELAYS_S, RETRY_AFTER_CAP_S) * (1 + JITTER))  # a later due time was not made by this rule


def after_failure(failure: Failure, *, attempt: int, fraction: float, schedule: Schedule = STANDARD) -> Decision:
    """The decision after attempt number `attempt` (from 1) failed; `fraction` in [0, 1] spreads the retries.

    Every failure but 410 is retried, even a 4xx: someone fixes a wrong secret or route within hours, and the alert still counts.
    A receiver can also refuse a single message permanently (ABORTED).
    """
    if failure.reason is DeliveryReason.GONE:
        return Disable(DeliveryReason.GONE)
    if failure.reason is DeliveryReason.ABORTED:
        return GiveUp(DeliveryReason.ABORTED)
    if attempt > len(schedule.delays_s):
        return GiveUp(DeliveryReason.EXHAUSTED)
    floor_s = max(schedule.delays_s[attempt - 1], min(failure.retry_after_s or 0.0, RETRY_AFTER_CAP_S))
    return RetryAfter(floor_s * (1 + schedule.jitter * fraction), failure.reason)


def retry_after_s(header: str | None, *, now: datetime) -> float | None:
    """The seconds a Retry-After header asks for, at least 0; None without a readable header (RFC 9110 section 10.2.3)."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), RETRY_AFTER_CAP_S)
    try:
        when = email.utils.parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when
    return min(max(0.0, (when - now).total_seconds()), RETRY_AFTER_CAP_S)
