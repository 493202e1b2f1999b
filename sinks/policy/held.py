"""A delivery that was held, and the message that it goes out in.

In: nothing. Out: `Held` and `Bundle`; `sinks.policy.bundling` turns the first into the second.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from newsmon.records import Severity
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.records.delivery_states import OutboxKind
from sinks.message.stored_body import StoredBody
from sinks.policy.attempt import DeliveryKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(DeliveryKey):
    """One delivery that was held until now."""

    kind: OutboxKind
    severity: Severity
    reason: DeliveryReason
    group_key: str | None
    created_at: datetime
    body: StoredBody
    leads: bool = True  # of alerts that end together: this one's own message told of the others, so receivers know its id

    @property
    def is_end(self) -> bool:
        """The alert is over."""
        return self.kind is OutboxKind.ALERT and self.body.closes_alert


@dataclass(frozen=True, slots=True)
class Bundle:
    """One message: `carrier` is the delivery it goes out as (a new one when `is_digest`), `carried` are the others it speaks for."""

    carrier: str
    payload: bytes
    carried: tuple[str, ...]
    is_digest: bool = False


def told_events(held: Iterable[Held]) -> dict[str, tuple[str, str]]:
    """For each delivery, by id, its alert and the event that it tells; of two about the same event, the newer revision says everything.

    The end of an alert belongs to the event told last.
    """
    told: dict[str, tuple[str, str]] = {}
    last: dict[str, str] = {}  # by alert
    for one in sorted(held, key=lambda one: one.revision):
        event = told_event(one.body)
        last[one.alert_id] = last.get(one.alert_id, event) if one.is_end else event
        told[one.delivery_id] = one.alert_id, last[one.alert_id]
    return told


def told_event(body: StoredBody) -> str:
    """The event that an alert's body tells: its id, or the headline in bodies of older versions."""
    data = body.data
    return str((data.get("event") or {}).get("id") or data.get("title") or "")
