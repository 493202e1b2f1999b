"""Silences as rows: added, ended, listed, and those that hold now."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select, true, update

from newsmon.records import Severity
from newsmon.records.delivery_reasons import DeliveryReason
from sinks.database.outbox_tables import OutboxState, outbox, silences
from sinks.policy.silences import LONGEST, Silence


def active(connection: Connection, *, now: datetime, receiver: str | None = None) -> tuple[Silence, ...]:
    """The silences that hold now, the oldest first; with `receiver` only those that may concern it."""
    mine = or_(silences.c.receiver.is_(None), silences.c.receiver == receiver) if receiver is not None else true()
    return tuple(map(_silence, connection.execute(select(silences).where(_holds(now), mine).order_by(silences.c.created_at))))


def active_ids(connection: Connection, *, now: datetime) -> frozenset[str]:
    """The ids of the silences that hold now."""
    return frozenset(connection.scalars(select(silences.c.silence_id).where(_holds(now))))


def listed(connection: Connection) -> list[Any]:
    """Every row, also those that ended, the newest first."""
    return list(connection.execute(select(silences).order_by(silences.c.created_at.desc())))


def add(connection: Connection, silence: Silence) -> None:
    """Store a new silence. ValueError when it would hold too long, or silence nothing in particular."""
    if not silence.created_at < silence.ends_at <= silence.created_at + LONGEST:
        raise ValueError(f"a silence must end within {LONGEST.days} days")
    if silence.words is not None and not silence.words.strip():
        raise ValueError("the words are empty: that would silence everything")
    if all(one is None for one in (silence.theme_id, silence.receiver, silence.source, silence.story_id, silence.words)):
        raise ValueError("say what to silence: a theme, receiver, source, story or words")
    values = {name: getattr(silence, name) for name in silence.__slots__} | {"max_severity": silence.max_severity.value}
    connection.execute(insert(silences).values(values))


def end(connection: Connection, silence_id: str, *, author: str, now: datetime) -> bool:
    """End a silence now, and make due the ends it deferred; False when none of that id holds.

    Ends that another silence deferred become due as well: they are asked again, and wait on.
    """
    mine = and_(silences.c.silence_id == silence_id, _holds(now))
    ended = connection.execute(update(silences).where(mine).values(ended_at=now, ended_by=author)).rowcount > 0
    if ended:
        ask_deferred_again(connection, now=now)
    return ended


def ask_deferred_again(connection: Connection, *, now: datetime) -> None:
    """Make due what a silence deferred; what is still silenced waits on."""
    deferred = and_(outbox.c.state == OutboxState.HELD.value, outbox.c.reason == DeliveryReason.SILENCED.value)
    connection.execute(update(outbox).where(deferred).values(next_attempt_at=now, scheduled_at=now))


def new_id() -> str:
    """A short id people can type."""
    return f"sil_{uuid.uuid4().hex[:8]}"


def _holds(now: datetime) -> ColumnElement[bool]:
    return and_(silences.c.ends_at > now, silences.c.ended_at.is_(None))


def _silence(row: Any) -> Silence:
    return Silence(
        silence_id=row.silence_id, author=row.author, comment=row.comment, created_at=row.created_at, ends_at=row.ends_at,
        theme_id=row.theme_id, receiver=row.receiver, source=row.source, story_id=row.story_id, words=row.words,
        max_severity=Severity(row.max_severity),
    )  # fmt: skip
