"""Lists deliveries, and replays those that ended.

In: a Selection. Out: rows, counts. I/O: the caller's connection. A replayed delivery keeps its webhook-id and its bytes and starts its
retry schedule again; the end of an alert that was suppressed because its opening failed waits for that opening again. A delivery
without bytes must never be sent and is never selected.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, update

from newsmon.records.delivery_reasons import DeliveryReason
from sinks.database.outbox_tables import OutboxState, attempts, outbox
from sinks.outbox.state.closing import requeue_ends
from sinks.outbox.state.receiver_state import disabled_receivers


@dataclass(frozen=True, slots=True)
class Selection:
    """A selection of deliveries; an empty one selects all. Times are those of arrival in the outbox; `until` is exclusive."""

    receiver: str | None = None
    state: OutboxState | None = None
    since: datetime | None = None
    until: datetime | None = None
    delivery_ids: tuple[str, ...] = ()

    def clause(self) -> ColumnElement[bool]:
        wanted: list[ColumnElement[bool]] = []
        if self.receiver is not None:
            wanted.append(outbox.c.receiver == self.receiver)
        if self.state is not None:
            wanted.append(outbox.c.state == self.state.value)
        if self.since is not None:
            wanted.append(outbox.c.created_at >= self.since)
        if self.until is not None:
            wanted.append(outbox.c.created_at < self.until)
        if self.delivery_ids:
            wanted.append(outbox.c.delivery_id.in_(self.delivery_ids))
        return and_(*wanted) if wanted else outbox.c.delivery_id.is_not(None)


def deliveries(connection: Connection, selection: Selection, *, limit: int) -> list[Row[Any]]:
    """The newest deliveries first, each with its last attempt's reason, status and time (None before the first)."""
    newest = select(func.max(attempts.c.attempt)).where(attempts.c.delivery_id == outbox.c.delivery_id).correlate(outbox).scalar_subquery()
    last = and_(attempts.c.delivery_id == outbox.c.delivery_id, attempts.c.attempt == newest)
    columns = (
        outbox.c.delivery_id, outbox.c.alert_id, outbox.c.revision, outbox.c.theme_id, outbox.c.receiver, outbox.c.state, outbox.c.reason,
        outbox.c.attempt_count, outbox.c.created_at, outbox.c.delivered_at, outbox.c.next_attempt_at,
        attempts.c.reason.label("last_reason"), attempts.c.status.label("last_status"), attempts.c.attempted_at.label("last_attempt_at"),
    )  # fmt: skip
    query = select(*columns).select_from(outbox.outerjoin(attempts, last)).where(selection.clause())
    return list(connection.execute(query.order_by(outbox.c.created_at.desc(), outbox.c.delivery_id).limit(limit)))


@dataclass(frozen=True, slots=True)
class Replayed:
    """The deliveries a replay chose, or would choose in a dry run, by receiver."""

    chosen: dict[str, int]  # to be sent again
    skipped: dict[str, int]  # of receivers that are disabled or no longer configured: they would only be given up again


def replay(
    connection: Connection, selection: Selection, *, configured: Collection[str], also_delivered: bool, now: datetime, dry_run: bool
) -> Replayed:
    """Make ended deliveries pending again: dead ones, those suppressed for a disabled receiver, and on request delivered ones."""
    ended = [
        outbox.c.state == OutboxState.DEAD.value,
        and_(outbox.c.state == OutboxState.SUPPRESSED.value, outbox.c.reason == DeliveryReason.RECEIVER_DISABLED.value),
    ]
    if also_delivered:
        ended.append(outbox.c.state == OutboxState.DELIVERED.value)
    # What another delivery's message carried goes again with that message, never in a separate one.
    wanted = and_(selection.clause(), or_(*ended), func.length(outbox.c.payload) > 0, outbox.c.carried_by.is_(None))
    able = frozenset(configured) - disabled_receivers(connection).keys()
    by_receiver = select(outbox.c.receiver, func.count()).where(wanted).group_by(outbox.c.receiver).order_by(outbox.c.receiver)
    counts = {receiver: count for receiver, count in connection.execute(by_receiver)}  # noqa: C416 - rows are not pairs to the type checker
    if not dry_run:
        again = {
            "state": OutboxState.PENDING.value, "reason": None, "next_attempt_at": now, "scheduled_at": now,
            "schedule_start": outbox.c.attempt_count, "delivered_at": None, "leased_by": None, "leased_until": None,
        }  # fmt: skip
        chosen = and_(wanted, outbox.c.receiver.in_(sorted(able)))
        carriers = select(outbox.c.delivery_id).where(chosen)
        with_them = {name: value for name, value in again.items() if name != "next_attempt_at"}
        is_carried = and_(outbox.c.carried_by.in_(connection.scalars(carriers).all()), outbox.c.state != OutboxState.SUPPRESSED.value)
        connection.execute(update(outbox).where(is_carried).values(with_them))
        connection.execute(update(outbox).where(chosen).values(again))
        requeue_ends(connection, now=now)
    return Replayed(
        chosen={receiver: count for receiver, count in counts.items() if receiver in able},
        skipped={receiver: count for receiver, count in counts.items() if receiver not in able},
    )
