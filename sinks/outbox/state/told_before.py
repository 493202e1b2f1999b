"""Finds who was told of an alert's cause under another alert: after its memory was lost, the processor opens running stories again.

A match belongs to one story, so it never causes two alerts by itself. If it did before, the story was opened anew, and who had the
earlier alert would get the same news once more under another id.

In: an alert, the database. Out: receivers. I/O: the caller's connection.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from newsmon.records import Alert, AlertReason, AlertState
from sinks.database.outbox_tables import OutboxState, outbox
from sinks.database.tables import alerts

TOLD = (OutboxState.PENDING.value, OutboxState.HELD.value, OutboxState.DELIVERED.value)  # had it, or is still to get it


def told_before(connection: Connection, alert: Alert) -> frozenset[str]:
    """The receivers that had the match behind this alert revision as an alert of another id, or will get it."""
    if alert.state is AlertState.CLOSED or alert.reason is AlertReason.BURST or not alert.articles:
        return frozenset()
    earlier = (
        select(alerts.c.alert_id, alerts.c.revision)
        .where(
            alerts.c.match_id == alert.articles[0].match_id, alerts.c.alert_id != alert.alert_id, alerts.c.theme_id == alert.theme_id,
            alerts.c.reason != AlertReason.BURST.value, alerts.c.state != AlertState.CLOSED.value,
        )
        .subquery()
    )  # fmt: skip
    here = (outbox.c.alert_id == earlier.c.alert_id) & (outbox.c.revision == earlier.c.revision)
    return frozenset(connection.scalars(select(outbox.c.receiver).select_from(earlier.join(outbox, here)).where(outbox.c.state.in_(TOLD))))
