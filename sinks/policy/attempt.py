"""What every way to bring an alert to somebody has in common: one attempt, and how it ended.

`sinks.channels.webhook` and `sinks.channels.apprise_channel` are the two ways; lanes know only this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from newsmon.records.delivery_reasons import DeliveryReason


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt ended; `detail` is the name of an error, never text of the receiver or its address."""

    reason: DeliveryReason
    duration_s: float
    status: int | None = None
    retry_after_s: float | None = None
    detail: str | None = None

    @property
    def accepted(self) -> bool:
        return self.reason is DeliveryReason.ACCEPTED


class Channel(Protocol):
    """One receiver as a lane sees it."""

    @property
    def concurrency(self) -> int:
        """Attempts that may run at once."""

    @property
    def attempt_s(self) -> float:
        """The longest one attempt may take."""

    async def post(self, *, webhook_id: str, body: bytes) -> Outcome:
        """Bring the alert (a JSON body of `sinks.message.alert_payload`) to the receiver. Nothing is raised but cancellation."""


def reason_of_status(status: int) -> DeliveryReason:
    """What a status means to us (Standard Webhooks, section on responses): only 2xx is acceptance."""
    if 200 <= status < 300:
        return DeliveryReason.ACCEPTED
    if 300 <= status < 400:
        return DeliveryReason.REDIRECTED
    if status in (410, 429):
        return DeliveryReason.GONE if status == 410 else DeliveryReason.THROTTLED
    if 400 <= status < 500:
        return DeliveryReason.CLIENT_ERROR
    return DeliveryReason.SERVER_ERROR if 500 <= status < 600 else DeliveryReason.BAD_ANSWER
