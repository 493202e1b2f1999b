"""What people decide about deliveries held as unproven: release them, or discard them.

In: a Selection. Out: rows, counts by receiver. I/O: the caller's connection. `sinks.policy.proof` says which deliveries these are.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from newsmon.records.delivery_reasons import DeliveryReason
from sinks.database.digests import payload_columns
from sinks.database.outbox_tables import HELD, OutboxState, attempts, outbox
from sinks.database.upsert import insert_new
from sinks.outbox.replay import Selection
from sinks.outbox.state.closing import recheck_ends
from sinks.outbox.state.rows import suppressed_row
from sinks.policy.attempt import DeliveryKey

AT_ONCE = 500


def unproven(connection: Connection, selection: Selection) -> dict[str, int]:
    """The number of selected deliveries held as unproven, by receiver."""
    counted = connection.execute(
        select(outbox.c.receiver, func.count()).where(*_wanted(selection)).group_by(outbox.c.receiver).order_by(outbox.c.receiver)
    )  # fmt: skip
    return {receiver: count for receiver, count in counted}  # noqa: C416 - rows are not pairs to the type checker


def release_unproven(connection: Connection, selection: Selection, *, now: datetime, receivers: Collection[str]) -> None:
    """Make the selected deliveries to these receivers due now; the deliver stage sends them within seconds, those of one article in one
    message. To a receiver that is disabled or no longer configured nothing can be sent: it would only be given up."""
    # They count as arrived now, or the age of what waits would jump to weeks.
    due = {"next_attempt_at": now, "scheduled_at": now, "created_at": now}
    able = outbox.c.receiver.in_(sorted(receivers))
    connection.execute(update(outbox).where(*_wanted(selection), able).values(due))


def discard_unproven(connection: Connection, selection: Selection, *, now: datetime) -> None:
    """Suppress the selected deliveries as DISCARDED, for good and counted; the ends of alerts that waited for them look again."""
    while rows := connection.execute(select(outbox).where(*_wanted(selection)).limit(AT_ONCE).with_for_update(skip_locked=True)).all():
        gone: dict[str, Any] = {
            "state": OutboxState.SUPPRESSED.value, "reason": DeliveryReason.DISCARDED.value, **payload_columns(b""),
            "next_attempt_at": None, "escalate_at": None,
        }  # fmt: skip
        connection.execute(update(outbox).where(outbox.c.delivery_id.in_([row.delivery_id for row in rows])).values(gone))
        insert_new(connection, attempts, [suppressed_row(_key(row), DeliveryReason.DISCARDED, now=now) for row in rows])
        recheck_ends(connection, ((row.alert_id, row.receiver) for row in rows), now=now)


def _wanted(selection: Selection) -> tuple[Any, ...]:
    return HELD, outbox.c.reason == DeliveryReason.UNPROVEN.value, selection.clause()


def _key(row: Row[Any]) -> DeliveryKey:
    return DeliveryKey(
        delivery_id=row.delivery_id, alert_id=row.alert_id, revision=row.revision, theme_id=row.theme_id, receiver=row.receiver
    )  # fmt: skip
