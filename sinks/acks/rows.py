"""Acknowledgements as rows: of one alert by its id, or of all that one message told.

In: the database. Out: who has seen what. I/O: the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from sinks.database.outbox_tables import OutboxKind, acknowledgements, fanouts, outbox
from sinks.database.tables import alerts
from sinks.message.ack_page import Told

BY_LINK = "by the link in its message"
OF_ALERTS = (OutboxKind.ALERT.value, OutboxKind.ESCALATION.value)


def acknowledge(connection: Connection, alert_id: str, *, author: str, comment: str, now: datetime) -> int:
    """Remember that somebody has seen the alert as it stands now; returns the revision. It is escalated no more up to that one."""
    newest = [
        connection.scalar(select(func.max(table.c.revision)).where(table.c.alert_id == alert_id)) or 0 for table in (alerts, fanouts)
    ]  # fmt: skip
    revision = max(newest)
    values = {"revision": revision, "author": author, "comment": comment, "acknowledged_at": now}
    insert = _insert(connection).values(alert_id=alert_id, **values)
    connection.execute(insert.on_conflict_do_update(index_elements=["alert_id"], set_=values))
    return revision


@dataclass(frozen=True, slots=True)
class MessageTold:
    """What one message told its receiver; `is_new`: something of it had not been acknowledged before."""

    receiver: str
    told: Sequence[Told]
    is_new: bool = False


def message_of(connection: Connection, delivery_id: str) -> MessageTold | None:
    """The message of that delivery, with all alerts it carries; None when there is none, or it told of no alert."""
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
    newest = {row.alert_id: row for row in rows}  # of several revisions in one message the last was what people read
    return MessageTold(carrier.receiver, [_told(row) for row in newest.values()]) if newest else None


def acknowledge_message(connection: Connection, delivery_id: str, *, now: datetime) -> MessageTold | None:
    """Remember that the message's receiver has seen what it told: each alert up to the revision told, never less than was known before."""
    before = message_of(connection, delivery_id)
    if before is None:
        return None
    new = [one for one in before.told if one.seen_by is None]
    for one in new:
        values = {"revision": one.revision, "author": before.receiver, "comment": BY_LINK, "acknowledged_at": now}
        insert = _insert(connection).values(alert_id=one.alert_id, **values)
        later = acknowledgements.c.revision < one.revision
        connection.execute(insert.on_conflict_do_update(index_elements=["alert_id"], set_=values, where=later))
    after = message_of(connection, delivery_id)
    return None if after is None else MessageTold(after.receiver, after.told, is_new=bool(new))


def _insert(connection: Connection) -> Any:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(acknowledgements)


def _told(row: Row[Any]) -> Told:
    return Told(
        alert_id=row.alert_id, revision=row.revision, theme_id=row.theme_id, severity=row.severity, title=_title(row.payload),
        seen_by=row.author, seen_at=row.acknowledged_at,
    )  # fmt: skip


def _title(payload: bytes) -> str:
    """What the alert was called; a delivery that was superseded has no bytes any more."""
    if not payload:
        return ""
    return str((msgspec.json.decode(payload, type=dict[str, Any]).get("data") or {}).get("title") or "")
