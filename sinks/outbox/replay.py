"""Looking at deliveries, sending dead ones again, and enabling a receiver that had disabled itself.

In: what to select. Out: rows, counts. I/O: the caller's connection. A replayed delivery keeps its webhook-id and its bytes; its retry
schedule begins anew, and the end of an alert that came to nothing with its opening waits for it again. What may never be sent (no
bytes were kept for it) is never selected.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, update

from newsmon.records.delivery_reasons import DeliveryReason
from sinks.database.outbox_tables import OutboxState, attempts, outbox, receivers_state
from sinks.outbox.closing import revive_ends


@dataclass(frozen=True, slots=True)
class Selection:
    """Which deliveries; empty means all. Times are those of the alert's arrival in the outbox; `until` is not included."""

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
    """What a replay did or, dry, would do, by receiver."""

    chosen: dict[str, int]  # to be sent again
    skipped: dict[str, int]  # of receivers that are disabled or no longer configured: they would only be buried again


def replay(
    connection: Connection, selection: Selection, *, configured: Collection[str], also_delivered: bool, now: datetime, dry_run: bool
) -> Replayed:
    """Make ended deliveries pending again: the dead, those suppressed because their receiver was disabled, on request the delivered."""
    ended = [
        outbox.c.state == OutboxState.DEAD.value,
        and_(outbox.c.state == OutboxState.SUPPRESSED.value, outbox.c.reason == DeliveryReason.RECEIVER_DISABLED.value),
    ]
    if also_delivered:
        ended.append(outbox.c.state == OutboxState.DELIVERED.value)
    # What went in another delivery's message goes again with that one, and never in a message of its own.
    wanted = and_(selection.clause(), or_(*ended), func.length(outbox.c.payload) > 0, outbox.c.carried_by.is_(None))
    able = frozenset(configured) - frozenset(
        connection.scalars(select(receivers_state.c.receiver).where(receivers_state.c.disabled_at.is_not(None)))
    )  # fmt: skip
    by_receiver = select(outbox.c.receiver, func.count()).where(wanted).group_by(outbox.c.receiver).order_by(outbox.c.receiver)
    counts = {receiver: count for receiver, count in connection.execute(by_receiver)}  # noqa: C416 - rows are not pairs to the type checker
    if not dry_run:
        again = {
            "state": OutboxState.PENDING.value, "reason": None, "next_attempt_at": now, "schedule_start": outbox.c.attempt_count,
            "delivered_at": None, "leased_by": None, "leased_until": None,
        }  # fmt: skip
        chosen = and_(wanted, outbox.c.receiver.in_(sorted(able)))
        carriers = select(outbox.c.delivery_id).where(chosen)
        with_them = {name: value for name, value in again.items() if name != "next_attempt_at"}
        is_carried = and_(outbox.c.carried_by.in_(connection.scalars(carriers).all()), outbox.c.state != OutboxState.SUPPRESSED.value)
        connection.execute(update(outbox).where(is_carried).values(with_them))
        connection.execute(update(outbox).where(chosen).values(again))
        revive_ends(connection, now=now)
    return Replayed(
        chosen={receiver: count for receiver, count in counts.items() if receiver in able},
        skipped={receiver: count for receiver, count in counts.items() if receiver not in able},
    )


def enable(connection: Connection, receiver: str, *, now: datetime) -> bool:
    """Let a disabled receiver have alerts again; False when it was not disabled. A running deliver stage notices within seconds."""
    disabled = and_(receivers_state.c.receiver == receiver, receivers_state.c.disabled_at.is_not(None))
    values = {
        "disabled_at": None, "reason": None, "failure_count": 0, "circuit_open_until": None, "failing_since": None, "updated_at": now,
    }  # fmt: skip
    return connection.execute(update(receivers_state).where(disabled).values(values)).rowcount > 0
