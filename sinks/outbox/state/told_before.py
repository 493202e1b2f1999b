"""Finds who was told of an alert's cause under another alert: after its memory was lost, the processor opens running stories again.

A match belongs to one story, so it never causes two alerts by itself. If it did before, or joined an event that was told, the story was
opened anew, and who had the earlier alert would get the same news once more under another id.

In: an alert, the database. Out: receivers. I/O: the caller's connection.
"""

from __future__ import annotations

from sqlalchemy import Connection, or_, select

from newsmon.records import Alert, AlertReason, AlertState
from sinks.database.outbox_tables import OutboxState, outbox
from sinks.database.tables import alerts, earlier_decisions, members

TOLD = (OutboxState.PENDING.value, OutboxState.HELD.value, OutboxState.DELIVERED.value)  # had it, or is still to get it


def told_before(connection: Connection, alert: Alert) -> frozenset[str]:
    """The receivers that had the match behind this alert revision, or its event, as an alert of another id, or will get it."""
    if alert.state is AlertState.CLOSED or alert.reason is AlertReason.BURST or not alert.articles:
        return frozenset()
    match_id = alert.articles[0].match_id
    events = _earlier_events(connection, match_id, alert.story_id)
    earlier = (
        select(alerts.c.alert_id, alerts.c.revision)
        .where(
            or_(alerts.c.match_id == match_id, alerts.c.event_id.in_(events)) if events else alerts.c.match_id == match_id,
            alerts.c.alert_id != alert.alert_id, alerts.c.theme_id == alert.theme_id,
            alerts.c.reason != AlertReason.BURST.value, alerts.c.state != AlertState.CLOSED.value,
        )
        .subquery()
    )  # fmt: skip
    here = (outbox.c.alert_id == earlier.c.alert_id) & (outbox.c.revision == earlier.c.revision)
    return frozenset(connection.scalars(select(outbox.c.receiver).select_from(earlier.join(outbox, here)).where(outbox.c.state.in_(TOLD))))


def _earlier_events(connection: Connection, match_id: str, story_id: str) -> list[str]:
    """The events that other decisions put the match into. The store may have kept this one by now or not: the earlier one is in either."""
    found: set[str] = set()
    for table in (members, earlier_decisions):
        mine = (table.c.match_id == match_id, table.c.story_id != story_id, table.c.event_id.is_not(None))
        found |= set(connection.scalars(select(table.c.event_id).where(*mine)))
    return sorted(found)
