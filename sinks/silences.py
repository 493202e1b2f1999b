"""Silences: what somebody does not want to hear of until a time; the decision is pure, the rest is rows.

A silence names its author and its end (30 days at most). All it gives must hold: theme, receiver, source, story, words, severity.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from newsmon.records import Alert, Severity
from newsmon.text.fold import fold
from sinks.outbox_tables import silences
from sinks.routing import RANK

LONGEST = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """One silence as stored; None means any."""

    silence_id: str
    author: str
    comment: str
    created_at: datetime
    ends_at: datetime
    theme_id: str | None = None
    receiver: str | None = None
    source: str | None = None
    story_id: str | None = None
    words: str | None = None
    max_severity: Severity = Severity.FLASH  # what is higher passes


def silences_alert(silence: Silence, alert: Alert, receiver: str, *, now: datetime) -> bool:
    """Whether the silence covers this alert for this receiver now."""
    if not silence.created_at <= now < silence.ends_at or RANK[alert.severity] > RANK[silence.max_severity]:
        return False
    cause = alert.articles[0] if alert.articles else None
    given = (
        (silence.theme_id, alert.theme_id),
        (silence.receiver, receiver),
        (silence.story_id, alert.story_id),
        (silence.source, cause.source if cause is not None else None),
    )
    if any(wanted is not None and wanted != found for wanted, found in given):
        return False
    return silence.words is None or fold(silence.words) in fold(f"{alert.title}\n{alert.lead}")


def silenced_by(silenced: Iterable[Silence], alert: Alert, receiver: str, *, now: datetime) -> Silence | None:
    """The first silence that covers the alert for the receiver."""
    return next((one for one in silenced if silences_alert(one, alert, receiver, now=now)), None)


def active(connection: Connection, *, now: datetime) -> tuple[Silence, ...]:
    """The silences that hold now, the oldest first."""
    return tuple(map(_silence, connection.execute(select(silences).where(_holds(now)).order_by(silences.c.created_at))))


def listed(connection: Connection) -> list[Any]:
    """Every row, also those that ended, the newest first."""
    return list(connection.execute(select(silences).order_by(silences.c.created_at.desc())))


def add(connection: Connection, silence: Silence) -> None:
    """Store a new silence. ValueError when it would hold too long, or silence nothing in particular."""
    if not silence.created_at < silence.ends_at <= silence.created_at + LONGEST:
        raise ValueError(f"a silence must end within {LONGEST.days} days")
    if all(one is None for one in (silence.theme_id, silence.receiver, silence.source, silence.story_id, silence.words)):
        raise ValueError("say what to silence: a theme, receiver, source, story or words")
    values = {name: getattr(silence, name) for name in silence.__slots__} | {"max_severity": silence.max_severity.value}
    connection.execute(insert(silences).values(values))


def end(connection: Connection, silence_id: str, *, author: str, now: datetime) -> bool:
    """End a silence now; False when none of that id holds."""
    mine = and_(silences.c.silence_id == silence_id, _holds(now))
    return connection.execute(update(silences).where(mine).values(ended_at=now, ended_by=author)).rowcount > 0


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
