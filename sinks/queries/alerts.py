"""Lists alerts, and shows one with everything that happened to it.

In: the database. Out: rows and plain values. I/O: the caller's connection.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, select

from sinks.database.earlier import is_superseded
from sinks.database.outbox_tables import OutboxKind, acknowledgements, attempts, fanouts, outbox
from sinks.database.tables import alerts, stories
from sinks.queries.stories import member_count, members_of, went_to

NAMED_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class Listed:
    """One alert in its newest revision, its deliveries and its acknowledgement."""

    row: Row[Any]
    deliveries: dict[str, int]  # of all revisions and receivers, by state
    acknowledged_by: str | None
    acknowledged_revision: int | None


def list_alerts(
    connection: Connection, *, theme_id: str | None, severity: Collection[str], since: datetime | None, unacknowledged: bool, limit: int
) -> list[Listed]:
    """The newest revision of each alert, last raised first; without those of superseded stories, which go on under other alerts."""
    newest = select(alerts.c.alert_id, func.max(alerts.c.revision).label("revision")).group_by(alerts.c.alert_id).subquery()
    query = (
        select(alerts, acknowledgements.c.author, acknowledgements.c.revision.label("acknowledged_revision"))
        .join(newest, and_(newest.c.alert_id == alerts.c.alert_id, newest.c.revision == alerts.c.revision))
        .outerjoin(acknowledgements, acknowledgements.c.alert_id == alerts.c.alert_id)
        .where(~_is_superseded())
        .order_by(alerts.c.raised_at.desc(), alerts.c.alert_id)
        .limit(limit)
    )
    if theme_id is not None:
        query = query.where(alerts.c.theme_id == theme_id)
    if severity:
        query = query.where(alerts.c.severity.in_(sorted(severity)))
    if since is not None:
        query = query.where(alerts.c.raised_at >= since)
    if unacknowledged:
        query = query.where(acknowledgements.c.alert_id.is_(None))
    rows = connection.execute(query).all()
    counted: dict[str, dict[str, int]] = {}
    of_these = and_(outbox.c.alert_id.in_([row.alert_id for row in rows]), outbox.c.kind == OutboxKind.ALERT.value)
    for alert_id, state, count in connection.execute(
        select(outbox.c.alert_id, outbox.c.state, func.count()).where(of_these).group_by(outbox.c.alert_id, outbox.c.state)
    ):
        counted.setdefault(alert_id, {})[state] = count
    return [Listed(row, counted.get(row.alert_id, {}), row.author, row.acknowledged_revision) for row in rows]


def _is_superseded() -> ColumnElement[bool]:
    return exists().where(stories.c.story_id == alerts.c.story_id, is_superseded())


def named(connection: Connection, prefix: str) -> list[str]:
    """The ids that start with `prefix`, at most NAMED_AT_MOST."""
    found: set[str] = set()
    for column in (alerts.c.alert_id, fanouts.c.alert_id):
        begins = column.startswith(prefix, autoescape=True)
        found |= set(connection.scalars(select(column).where(begins).distinct().order_by(column).limit(NAMED_AT_MOST)))
    return sorted(found)[:NAMED_AT_MOST]


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything known about one alert."""

    revisions: Sequence[Row[Any]]
    members: Sequence[Row[Any]]  # of its story as it is now, at most as many as asked for, of `member_count`
    member_count: int
    deliveries: Sequence[Row[Any]]
    attempts: Sequence[Row[Any]]
    acknowledgement: Row[Any] | None
    went_to: dict[str, int]  # of a superseded story: how many of its members were decided again into which stories


def show_alert(connection: Connection, alert_id: str, *, member_limit: int = 50) -> Shown:
    """All revisions, deliveries and attempts of the alert and the members of its story, in order."""
    of_alert = outbox.c.alert_id == alert_id
    revisions = connection.execute(select(alerts).where(alerts.c.alert_id == alert_id).order_by(alerts.c.revision)).all()
    story_id = revisions[-1].story_id if revisions else ""
    is_left = connection.execute(select(stories.c.story_id).where(stories.c.story_id == story_id, is_superseded())).first() is not None
    return Shown(
        revisions=revisions,
        members=members_of(connection, story_id, limit=member_limit),
        member_count=member_count(connection, story_id),
        deliveries=connection.execute(select(outbox).where(of_alert).order_by(outbox.c.revision, outbox.c.receiver, outbox.c.kind)).all(),
        attempts=connection.execute(
            select(attempts).where(attempts.c.alert_id == alert_id).order_by(attempts.c.attempted_at, attempts.c.attempt)
        ).all(),
        acknowledgement=connection.execute(select(acknowledgements).where(acknowledgements.c.alert_id == alert_id)).one_or_none(),
        went_to=went_to(connection, story_id) if is_left else {},
    )
