"""Acknowledgements as rows: of one alert by its id, or of every alert in one message.

In: the database. Out: who has seen what. I/O: the caller's connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from sinks.database.outbox_tables import OutboxKind, acknowledgements, fanouts, outbox
from sinks.database.tables import alerts
from sinks.database.upsert import Kept, upsert
from sinks.message.ack_page import AlertInMessage
from sinks.message.stored_body import StoredBody

BY_LINK = "by the link in its message"
OF_ALERTS = (OutboxKind.ALERT.value, OutboxKind.ESCALATION.value)


def acknowledge(connection: Connection, alert_id: str, *, author: str, comment: str, now: datetime) -> int:
    """Store that someone has seen the alert as it stands now; returns the revision, up to which it no longer escalates."""
    newest = [
        connection.scalar(select(func.max(table.c.revision)).where(table.c.alert_id == alert_id)) or 0 for table in (alerts, fanouts)
    ]  # fmt: skip
    revision = max(newest)
    row = {"alert_id": alert_id, "revision": revision, "author": author, "comment": comment, "acknowledged_at": now}
    upsert(connection, acknowledgements, [row])
    return revision


@dataclass(frozen=True, slots=True)
class AckMessage:
    """The alerts in one message to a receiver; with `is_new`, some of them had not been acknowledged before."""

    receiver: str
    alerts: Sequence[AlertInMessage]
    is_new: bool = False


def message_of(connection: Connection, delivery_id: str) -> AckMessage | None:
    """The message of that delivery with every alert it carries; None when there is no such message or no alert in it."""
    carrier = connection.execute(select(outbox.c.receiver).where(outbox.c.delivery_id == delivery_id)).one_or_none()
    if carrier is None:
        return None
    mine = or_(outbox.c.delivery_id == delivery_id, outbox.c.carried_by == delivery_id)
    seen = and_(acknowledgements.c.alert_id == outbox.c.alert_id, acknowledgements.c.revision >= outbox.c.revision)
    rows = connection.execute(
        select(outbox, acknowledgements.c.author, acknowledgements.c.acknowledged_at)
        .outerjoin(acknowledgements, seen).where(mine, outbox.c.kind.in_(OF_ALERTS))
        .order_by(outbox.c.created_at, outbox.c.alert_id, outbox.c.revision)
    ).all()  # fmt: skip
    newest = {row.alert_id: row for row in rows}  # of several revisions in one message people read the last
    return AckMessage(carrier.receiver, [_alert(row) for row in newest.values()]) if newest else None


def acknowledge_message(connection: Connection, delivery_id: str, *, now: datetime) -> AckMessage | None:
    """Store that the receiver has seen the message: each alert up to the revision in it, never less than was stored before."""
    before = message_of(connection, delivery_id)
    if before is None:
        return None
    new = [one for one in before.alerts if one.seen_by is None]
    same = {"author": before.receiver, "comment": BY_LINK, "acknowledged_at": now}
    upsert(connection, acknowledgements, [same | {"alert_id": one.alert_id, "revision": one.revision} for one in new], Kept(("revision",)))
    after = message_of(connection, delivery_id)
    return None if after is None else AckMessage(after.receiver, after.alerts, is_new=bool(new))


def _alert(row: Row[Any]) -> AlertInMessage:
    return AlertInMessage(
        alert_id=row.alert_id, revision=row.revision, theme_id=row.theme_id, severity=row.severity, title=_title(row.payload),
        seen_by=row.author, seen_at=row.acknowledged_at,
    )  # fmt: skip


def _title(payload: bytes) -> str:
    """The alert's title, or nothing for a superseded delivery, whose body is gone."""
    if not payload:
        return ""
    return str(StoredBody(payload).data.get("title") or "")
