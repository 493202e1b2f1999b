"""Alerts become outbox rows, in the transaction that moves the offsets past them.

In: alert records as read. Out: one fanout row per alert revision and one outbox row per receiver, with the payload's final bytes.
An alert revision that is there already (redelivered, or sent twice by the stage before) changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from newsmon import ids
from newsmon.records import Alert, DeliveryOutcome
from newsmon.settings import ReceiverSettings
from sinks.message import payload_bytes
from sinks.outbox_tables import OutboxState, attempts, fanouts, outbox, receivers_state
from sinks.received import Received
from sinks.routing import Route, Suppress, routes

Row = dict[str, Any]


def enqueue(connection: Connection, batch: Sequence[Received], receivers: Sequence[ReceiverSettings], *, now: datetime) -> int:
    """Write what the batch's new alert revisions owe to the receivers; returns how many rows the outbox gained."""
    arrived = {(alert.alert_id, alert.revision): (alert, received) for received, alert in _alerts(batch)}
    known = _known(connection, arrived)
    fresh = [both for key, both in arrived.items() if key not in known]
    if not fresh:
        return 0
    disabled = disabled_receivers(connection)
    fanout_rows, outbox_rows, attempt_rows = [], [], []
    for alert, received in fresh:
        decided = routes(alert, receivers, disabled=disabled)
        payload = payload_bytes(alert)
        fanout_rows.append(_fanout_row(alert, received, len(decided), now))
        for route in decided:
            row = _outbox_row(alert, route, payload, now)
            outbox_rows.append(row)
            if isinstance(route, Suppress):
                attempt_rows.append(_suppressed_row(row, route))
    _insert_new(connection, fanouts, fanout_rows)
    _insert_new(connection, outbox, outbox_rows)
    _insert_new(connection, attempts, attempt_rows)
    return len(outbox_rows)


def disabled_receivers(connection: Connection) -> frozenset[str]:
    """The receivers that get nothing until somebody enables them."""
    rows = connection.execute(select(receivers_state.c.receiver).where(receivers_state.c.disabled_at.is_not(None)))
    return frozenset(rows.scalars())


def _alerts(batch: Sequence[Received]) -> Iterable[tuple[Received, Alert]]:
    return ((received, received.record) for received in batch if isinstance(received.record, Alert))


def _known(connection: Connection, keys: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
    if not keys:
        return set()
    present = select(fanouts.c.alert_id, fanouts.c.revision).where(tuple_(fanouts.c.alert_id, fanouts.c.revision).in_(list(keys)))
    return {(alert_id, revision) for alert_id, revision in connection.execute(present)}


def _fanout_row(alert: Alert, received: Received, receiver_count: int, now: datetime) -> Row:
    return {
        "alert_id": alert.alert_id, "revision": alert.revision, "receiver_count": receiver_count, "enqueued_at": now,
        "kafka_partition": received.partition, "kafka_offset": received.offset,
    }  # fmt: skip


def _outbox_row(alert: Alert, route: Route, payload: bytes, now: datetime) -> Row:
    is_suppressed = isinstance(route, Suppress)
    return {
        "delivery_id": ids.delivery_id(alert.alert_id, alert.revision, route.receiver),
        "alert_id": alert.alert_id, "revision": alert.revision, "theme_id": alert.theme_id, "receiver": route.receiver,
        "state": (OutboxState.SUPPRESSED if is_suppressed else OutboxState.PENDING).value,
        "reason": route.reason.value if isinstance(route, Suppress) else None,
        # What may never be sent has no bytes to send: no replay, however careless, can notify with it.
        "payload": b"" if isinstance(route, Suppress) and not route.may_replay else payload,
        "attempt_count": 0, "schedule_start": 0, "next_attempt_at": None if is_suppressed else now,
        "created_at": now, "delivered_at": None, "first_seen_at": alert.articles[0].first_seen_at if alert.articles else None,
        "opened_at": alert.opened_at, "leased_by": None, "leased_until": None,
    }  # fmt: skip


def _suppressed_row(row: Row, route: Suppress) -> Row:
    return {
        **{name: row[name] for name in ("delivery_id", "alert_id", "revision", "theme_id", "receiver")},
        "attempt": 0, "outcome": DeliveryOutcome.SUPPRESSED.value, "reason": route.reason.value, "status": None, "detail": None,
        "attempted_at": row["created_at"], "duration_s": 0.0, "next_attempt_at": None, "published": False,
    }  # fmt: skip


def _insert_new(connection: Connection, table: Table, rows: list[Row]) -> None:
    if rows:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)
