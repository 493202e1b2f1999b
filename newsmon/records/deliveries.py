"""The attempts to deliver an alert to a receiver."""

from __future__ import annotations

from newsmon.records.base import Record, UtcDatetime
from newsmon.records.outcomes import DeliveryOutcome


class Delivery(Record, frozen=True, kw_only=True, tag="delivery/1"):
    """One attempt to deliver one alert revision to one receiver, or the decision not to."""

    delivery_id: str  # the webhook-id, constant over retries
    alert_id: str
    revision: int
    theme_id: str
    receiver: str
    attempt: int
    outcome: DeliveryOutcome
    reason: str  # a DeliveryReason; also the metric label
    status: int | None = None
    attempted_at: UtcDatetime
    duration_s: float = 0.0
    next_attempt_at: UtcDatetime | None = None
