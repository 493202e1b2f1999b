"""Escalates alerts that were not acknowledged in time, to the receiver named for that.

In: outbox rows whose `escalate_at` has passed, the acknowledgements. Out: outbox rows. I/O: the caller's connection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, or_, select, update

from newsmon import ids
from newsmon.records import Severity
from newsmon.settings import ReceiverSettings
from sinks.database.outbox_tables import OutboxKind, OutboxState, acknowledgements, outbox
from sinks.message.ack_links import AckLinks
from sinks.message.stored_body import StoredBody
from sinks.outbox.proofs import insert_unproven
from sinks.outbox.state.rows import outbox_row
from sinks.policy.attempt import DeliveryKey
from sinks.policy.held import told_event
from sinks.policy.joining import escalated

ESCALATED_AT_ONCE = 500


def escalate_due(
    connection: Connection, receivers: Mapping[str, ReceiverSettings], *, now: datetime, links: AckLinks | None = None
) -> int:  # fmt: skip
    """Enqueue the alerts for the receivers they escalate to; returns how many alerts that were.

    What is still held (its time was set again, because the clock was) escalates after it was sent.
    """
    acknowledged = exists().where(acknowledgements.c.alert_id == outbox.c.alert_id, acknowledgements.c.revision >= outbox.c.revision)
    due = (
        select(outbox, acknowledged.label("is_acknowledged"))
        .where(outbox.c.escalate_at <= now).order_by(outbox.c.escalate_at).limit(ESCALATED_AT_ONCE)
        .with_for_update(skip_locked=True, of=outbox)
    )  # fmt: skip
    rows = connection.execute(due).all()
    older = _told_by_a_newer(connection, rows)
    made, again = [], []
    for row in rows:
        receiver = receivers.get(row.receiver)
        unsent = row.state == OutboxState.SUPPRESSED.value or row.delivery_id in older
        if receiver is None or receiver.escalate_to is None or row.is_acknowledged or unsent or not row.payload:
            continue
        if row.state == OutboxState.HELD.value:
            sent_at = max(now, row.next_attempt_at or now)
            again.append({"b_id": row.delivery_id, "b_at": sent_at + timedelta(seconds=receiver.escalate_after_s)})
            continue
        key = DeliveryKey(
            delivery_id=ids.delivery_id(row.alert_id, row.revision, f"{receiver.escalate_to} for {row.receiver}"),
            alert_id=row.alert_id, revision=row.revision, theme_id=row.theme_id, receiver=receiver.escalate_to,
        )  # fmt: skip
        ack = None if links is None else links.link(key.delivery_id, now=now)
        payload = escalated(StoredBody(row.payload), receiver=row.receiver, after_s=receiver.escalate_after_s, ack=ack)
        made.append(outbox_row(key, kind=OutboxKind.ESCALATION, severity=Severity(row.severity), payload=payload, now=now))
    if rows:
        done = outbox.c.delivery_id.in_([row.delivery_id for row in rows])
        connection.execute(update(outbox).where(done).values(escalate_at=None))
    if again:
        later = update(outbox).where(outbox.c.delivery_id == bindparam("b_id")).values(escalate_at=bindparam("b_at"))
        connection.execute(later, again)
    insert_unproven(connection, made)
    return len(made)


def _told_by_a_newer(connection: Connection, rows: Sequence[Row[Any]]) -> frozenset[str]:
    """Those of the rows whose event a newer revision in the same message tells: that one escalates for both."""
    messages = sorted({_message_of(row) for row in rows if row.payload})
    together = or_(outbox.c.delivery_id.in_(messages), outbox.c.carried_by.in_(messages))
    told = connection.execute(select(outbox).where(together, outbox.c.kind == OutboxKind.ALERT.value)).all() if messages else []
    told = [row for row in told if row.payload and not StoredBody(row.payload).closes_alert]
    newest: dict[tuple[str, str, str], int] = {}
    for row in told:
        key = _told_in(row)
        newest[key] = max(newest.get(key, 0), row.revision)
    return frozenset(row.delivery_id for row in told if row.revision < newest[_told_in(row)])


def _told_in(row: Row[Any]) -> tuple[str, str, str]:
    return _message_of(row), row.alert_id, told_event(StoredBody(row.payload))


def _message_of(row: Row[Any]) -> str:
    return str(row.carried_by or row.delivery_id)
