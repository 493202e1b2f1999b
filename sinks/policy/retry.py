"""After a failed attempt: try again and when, give up, or never send to this receiver again; pure.

In: which attempt it was, how it ended, a fraction for the jitter. Out: RetryAfter, GiveUp or Disable.
"""

from __future__ import annotations

import email.utils
from dataclasses import dataclass
from datetime import UTC, datetime

from newsmon.records.delivery_reasons import DeliveryReason

# Eleven attempts over almost 19 hours: a receiver that is down over night gets everything in the morning.
STANDARD_DELAYS_S = (5.0, 30.0, 120.0, 300.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 18_000.0, 36_000.0)
# Longer than this would outlive the schedule's own steps; nobody means it.
RETRY_AFTER_CAP_S = 6 * 3_600.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """The first attempt is made at once; `delays_s` come after the first, second, ... failure; then the delivery is dead."""

    delays_s: tuple[float, ...] = STANDARD_DELAYS_S
    jitter: float = 0.2  # at most this part is added, nothing is ever taken away: Retry-After and back-off are floors


@dataclass(frozen=True, slots=True)
class Failure:
    """How an attempt failed; `retry_after_s` is what the receiver asked for."""

    reason: DeliveryReason
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Try again after so long, not before."""

    seconds: float
    reason: DeliveryReason


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The delivery is dead; it can be replayed."""

    reason: DeliveryReason


@dataclass(frozen=True, slots=True)
class Disable:
    """The delivery is dead and its receiver is to get nothing more until somebody enables it."""

    reason: DeliveryReason


Decision = RetryAfter | GiveUp | Disable
STANDARD = Schedule()


def after_failure(failure: Failure, *, attempt: int, fraction: float, schedule: Schedule = STANDARD) -> Decision:
    """What to do after the failure of the `attempt`-th attempt (from 1); `fraction` in [0, 1] spreads the retries.

    Every failure but 410 is retried, also a 4xx: a wrong secret or route is mended in hours, and the alert is still owed.
    Unless the receiver says itself that it wants this one no more.
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
    """Seconds a Retry-After header asks for, at least 0; None when there is none or it cannot be read (RFC 9110 section 10.2.3)."""
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
