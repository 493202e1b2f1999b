"""The rows of the outbox and of its attempts: the only place that spells either.

In: a delivery to make, or how an attempt ended. Out: plain dicts for `sinks.database.upsert.insert_new`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from newsmon.records import DeliveryOutcome, Severity
from newsmon.records.delivery_reasons import DeliveryReason
from sinks.database.digests import payload_columns
from sinks.database.outbox_tables import OutboxKind, OutboxState
from sinks.policy.attempt import DeliveryKey
from sinks.policy.holding import Group

Row = dict[str, Any]


def outbox_row(
    key: DeliveryKey, *, kind: OutboxKind, severity: Severity, payload: bytes, now: datetime, state: OutboxState = OutboxState.PENDING,
    reason: DeliveryReason | None = None, due_at: datetime | None = None, first_seen_at: datetime | None = None,
    opened_at: datetime | None = None, group: Group | None = None, escalate_at: datetime | None = None,
) -> Row:  # fmt: skip
    """One delivery to one receiver, due at `due_at` (default: now) unless it is suppressed."""
    return _key_columns(key) | {
        "state": state.value, "reason": reason.value if reason is not None else None, **payload_columns(payload),
        "attempt_count": 0, "schedule_start": 0,
        "next_attempt_at": None if state is OutboxState.SUPPRESSED else due_at or now, "scheduled_at": now,
        "created_at": now, "delivered_at": None, "first_seen_at": first_seen_at, "opened_at": opened_at,
        "leased_by": None, "leased_until": None, "kind": kind.value, "severity": severity.value,
        "group_key": group.key if group is not None else None, "group_size": group.size if group is not None else None,
        "carried_by": None, "escalate_at": escalate_at,
    }  # fmt: skip


def attempt_row(
    key: DeliveryKey, *, attempt: int, outcome: DeliveryOutcome, reason: DeliveryReason, attempted_at: datetime, duration_s: float = 0.0,
    status: int | None = None, detail: str | None = None, next_attempt_at: datetime | None = None,
) -> Row:  # fmt: skip
    """One attempt, or with `attempt` 0 the decision to make none; it is stored first and published later."""
    return _key_columns(key) | {
        "attempt": attempt, "outcome": outcome.value, "reason": reason.value, "status": status, "detail": detail,
        "attempted_at": attempted_at, "duration_s": duration_s, "next_attempt_at": next_attempt_at, "published": False,
    }  # fmt: skip


def suppressed_row(key: DeliveryKey, reason: DeliveryReason, *, now: datetime, detail: str | None = None) -> Row:
    """The attempt row of a delivery that will never be attempted."""
    return attempt_row(key, attempt=0, outcome=DeliveryOutcome.SUPPRESSED, reason=reason, attempted_at=now, detail=detail)


def _key_columns(key: DeliveryKey) -> Row:
    return {
        "delivery_id": key.delivery_id, "alert_id": key.alert_id, "revision": key.revision, "theme_id": key.theme_id,
        "receiver": key.receiver,
    }  # fmt: skip
