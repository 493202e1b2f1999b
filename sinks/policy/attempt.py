"""One attempt to send one delivery, and how it ended: the same for every channel.

`sinks.channels.webhook` and `sinks.channels.apprise_channel` are the two channels.
"""

from __future__ import annotations

from dataclasses import dataclass

from newsmon.records.delivery_reasons import DeliveryReason


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryKey:
    """The identity of a delivery: an alert revision and a receiver, or a notice, digest or heartbeat in the alert's place."""

    delivery_id: str  # the webhook-id
    alert_id: str
    revision: int
    theme_id: str
    receiver: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one attempt; `detail` is the name of an error, never text from the receiver or its address."""

    reason: DeliveryReason
    duration_s: float
    status: int | None = None
    retry_after_s: float | None = None
    detail: str | None = None

    @property
    def accepted(self) -> bool:
        return self.reason is DeliveryReason.ACCEPTED


def reason_of_status(status: int) -> DeliveryReason:
    """The meaning of an HTTP status (Standard Webhooks, section on responses): only 2xx is acceptance."""
    if 200 <= status < 300:
        return DeliveryReason.ACCEPTED
    if 300 <= status < 400:
        return DeliveryReason.REDIRECTED
    if status in (410, 429):
        return DeliveryReason.GONE if status == 410 else DeliveryReason.THROTTLED
    if 400 <= status < 500:
        return DeliveryReason.CLIENT_ERROR
    return DeliveryReason.SERVER_ERROR if 500 <= status < 600 else DeliveryReason.BAD_ANSWER
