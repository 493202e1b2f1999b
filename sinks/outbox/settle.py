"""Settles attempts: stores each, and moves its delivery and all that its message carried to their next state.

In: attempts that ended. Out: rows. I/O: the caller's connection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select, update

from newsmon.records import DeliveryOutcome
from newsmon.records.delivery_reasons import DeliveryReason
from sinks.database.outbox_tables import OutboxState, attempts, outbox
from sinks.database.upsert import insert_new
from sinks.outbox.claim import Due, due_of, unclaimed
from sinks.outbox.state.closing import recheck_ends
from sinks.outbox.state.rows import Row, attempt_row

DEAD_AT_ONCE = 500
STATE_OF = {
    DeliveryOutcome.DELIVERED: OutboxState.DELIVERED,
    DeliveryOutcome.WILL_RETRY: OutboxState.PENDING,
    DeliveryOutcome.DEAD: OutboxState.DEAD,
}


@dataclass(frozen=True, slots=True)
class Settled:
    """One ended attempt and what follows from it."""

    due: Due
    outcome: DeliveryOutcome
    attempt_reason: DeliveryReason
    reason: DeliveryReason | None  # of the delivery: why it is dead, or why it waits
    status: int | None
    detail: str | None
    attempted_at: datetime
    duration_s: float
    next_attempt_at: datetime | None


def settle(connection: Connection, worker: str, settled: Sequence[Settled]) -> frozenset[tuple[str, int]]:
    """Store attempts and move their deliveries on; returns the alert revisions that no receiver had accepted before.

    A delivery whose lease was lost keeps the state its new holder gives it, unless it was accepted: that is final.
    """
    settled = sorted(settled, key=lambda one: one.due.delivery_id)  # one order for all writers: they wait instead of deadlocking
    first = _first_accepted(connection, settled)
    insert_new(connection, attempts, [_attempt_row(one) for one in settled])
    moved = update(outbox).where(outbox.c.delivery_id == bindparam("b_delivery_id"))
    values: dict[str, Any] = {
        name: bindparam(f"b_{name}")
        for name in ("state", "reason", "attempt_count", "next_attempt_at", "scheduled_at", "delivered_at", "leased_by", "leased_until")
    }
    accepted = [_moved_row(one) for one in settled if one.outcome is DeliveryOutcome.DELIVERED]
    failed = [_moved_row(one) for one in settled if one.outcome is not DeliveryOutcome.DELIVERED]
    if accepted:
        connection.execute(moved.where(outbox.c.state != OutboxState.SUPPRESSED.value).values(values), accepted)
    if failed:
        connection.execute(moved.where(outbox.c.leased_by == worker).values(values), failed)
    ended = [one for one in settled if one.outcome is not DeliveryOutcome.WILL_RETRY]
    if ended:
        ended += _settle_carried(connection, {one.due.delivery_id: one for one in ended})
        now = max(one.attempted_at for one in ended)
        recheck_ends(connection, ((one.due.alert_id, one.due.receiver) for one in ended), now=now)
    return first


def is_stored(connection: Connection, delivery_id: str, attempt: int) -> bool:
    """True when the attempt is in the database."""
    mine = and_(attempts.c.delivery_id == delivery_id, attempts.c.attempt == attempt)
    return connection.scalar(select(attempts.c.attempt).where(mine)) is not None


def mark_dead(connection: Connection, receiver: str, reason: DeliveryReason, *, now: datetime) -> int:
    """Give up on at most DEAD_AT_ONCE waiting deliveries of the receiver, each with an attempt row that says why; returns how many."""
    wanted = select(outbox).where(unclaimed(receiver, now)).limit(DEAD_AT_ONCE).with_for_update(skip_locked=True)
    rows = connection.execute(wanted).all()
    settled = [
        Settled(
            due=replace(due_of(row, leased_until=now), first_seen_at=None),
            outcome=DeliveryOutcome.DEAD, attempt_reason=reason, reason=reason, status=None, detail=None, attempted_at=now, duration_s=0.0,
            next_attempt_at=None,
        )
        for row in rows
    ]  # fmt: skip
    if settled:
        worker = f"giving up on {receiver}"
        connection.execute(update(outbox).where(outbox.c.delivery_id.in_([row.delivery_id for row in rows])).values(leased_by=worker))
        settle(connection, worker, settled)
    return len(settled)


def _settle_carried(connection: Connection, ended: Mapping[str, Settled]) -> list[Settled]:
    """End what a message carried as the message ended, each alert with its own attempt; returns those attempts."""
    carrier = outbox.alias("carrier")
    ended_so = and_(
        carrier.c.delivery_id == outbox.c.carried_by, carrier.c.state.in_((OutboxState.DELIVERED.value, OutboxState.DEAD.value))
    )
    open_still = outbox.c.state.in_((OutboxState.PENDING.value, OutboxState.DEAD.value))
    rows = connection.execute(
        select(outbox, carrier.c.state.label("carrier_state"))
        .join(carrier, ended_so).where(outbox.c.carried_by.in_(sorted(ended)), open_still, outbox.c.state != carrier.c.state)
        .order_by(outbox.c.delivery_id)
    ).all()  # fmt: skip
    carried = [
        replace(ended[row.carried_by], due=due_of(row, leased_until=ended[row.carried_by].attempted_at))
        for row in rows
        if STATE_OF[ended[row.carried_by].outcome].value == row.carrier_state
    ]
    if not carried:
        return []
    insert_new(connection, attempts, [_attempt_row(one) for one in carried])
    names = ("state", "reason", "attempt_count", "delivered_at")
    moved = update(outbox).where(outbox.c.delivery_id == bindparam("b_delivery_id"))
    kept = ("b_delivery_id", *(f"b_{name}" for name in names))
    connection.execute(
        moved.values({name: bindparam(f"b_{name}") for name in names}),
        [{name: row[name] for name in kept} for row in map(_moved_row, carried)],
    )
    return carried


def _first_accepted(connection: Connection, settled: Sequence[Settled]) -> frozenset[tuple[str, int]]:
    accepted = {(one.due.alert_id, one.due.revision) for one in settled if one.outcome is DeliveryOutcome.DELIVERED}
    if not accepted:
        return frozenset()
    # By alert_id alone: for pairs SQLite uses no index and scans the whole table.
    before = select(outbox.c.alert_id, outbox.c.revision).where(
        outbox.c.alert_id.in_({alert_id for alert_id, _revision in accepted}), outbox.c.state == OutboxState.DELIVERED.value
    )
    return frozenset(accepted - {(alert_id, revision) for alert_id, revision in connection.execute(before)})


def _attempt_row(one: Settled) -> Row:
    return attempt_row(
        one.due, attempt=one.due.attempt, outcome=one.outcome, reason=one.attempt_reason, status=one.status, detail=one.detail,
        attempted_at=one.attempted_at, duration_s=one.duration_s, next_attempt_at=one.next_attempt_at,
    )  # fmt: skip


def _moved_row(one: Settled) -> Row:
    is_delivered = one.outcome is DeliveryOutcome.DELIVERED
    ended_at = one.attempted_at + timedelta(seconds=one.duration_s)
    return {
        "b_delivery_id": one.due.delivery_id, "b_state": STATE_OF[one.outcome].value, "b_reason": one.reason.value if one.reason else None,
        "b_attempt_count": one.due.attempt, "b_next_attempt_at": one.next_attempt_at,
        "b_scheduled_at": ended_at, "b_delivered_at": ended_at if is_delivered else None,
        "b_leased_by": None, "b_leased_until": None,
    }  # fmt: skip
