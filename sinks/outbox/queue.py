"""The outbox's life after it was filled: claim what is due, settle what was tried, hand back, bury.

Rows are claimed with a lease, so that several deliver processes can share one database: a row is sent by one at a time, and
what a dead process held comes back when its lease ends (at once when it died on this machine).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from newsmon.records import DeliveryOutcome
from newsmon.records.delivery_reasons import DeliveryReason
from sinks.database.outbox_tables import HELD, WAITING, OutboxState, attempts, outbox, receivers_state
from sinks.outbox.closing import wake_ends
from sinks.policy.circuit import Circuit

BURIED_AT_ONCE = 500
STATE_OF = {
    DeliveryOutcome.DELIVERED: OutboxState.DELIVERED,
    DeliveryOutcome.WILL_RETRY: OutboxState.PENDING,
    DeliveryOutcome.DEAD: OutboxState.DEAD,
}


@dataclass(frozen=True, slots=True)
class Due:
    """One claimed delivery: everything an attempt needs."""

    delivery_id: str
    alert_id: str
    revision: int
    theme_id: str
    receiver: str
    payload: bytes
    attempt_count: int  # made so far
    schedule_start: int
    first_seen_at: datetime | None
    leased_until: datetime

    @property
    def attempt(self) -> int:
        """The number of the attempt to be made."""
        return self.attempt_count + 1

    @property
    def step(self) -> int:
        """Which attempt of the retry schedule that is, from 1."""
        return self.attempt - self.schedule_start


@dataclass(frozen=True, slots=True)
class Settled:
    """How one attempt ended and what follows from it."""

    due: Due
    outcome: DeliveryOutcome
    attempt_reason: DeliveryReason
    reason: DeliveryReason | None  # of the delivery: why it is dead, or why it waits
    status: int | None
    detail: str | None
    attempted_at: datetime
    duration_s: float
    next_attempt_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReceiverState:
    """What is remembered of a receiver between restarts."""

    disabled_reason: DeliveryReason | None = None
    circuit: Circuit = Circuit()  # noqa: RUF009 - frozen
    last_success_at: datetime | None = None
    failing_since: datetime | None = None  # the first failure after the last success


def next_due_at(connection: Connection, receiver: str, *, now: datetime) -> datetime | None:
    """When the receiver's next unclaimed delivery is due (perhaps in the past); None when there is none."""
    return connection.scalar(
        select(outbox.c.next_attempt_at).where(_free(receiver, now)).order_by(outbox.c.next_attempt_at).limit(1)
    )  # fmt: skip


def claim(connection: Connection, receiver: str, *, limit: int, worker: str, now: datetime, lease_s: float) -> list[Due]:
    """Take up to `limit` due deliveries of the receiver, the longest due first; nobody else sends them until the lease ends."""
    wanted = (
        select(outbox)
        .where(_free(receiver, now), outbox.c.next_attempt_at <= now)
        .order_by(outbox.c.next_attempt_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = connection.execute(wanted).all()
    leased_until = now + timedelta(seconds=lease_s)
    if rows:
        taken = outbox.c.delivery_id.in_([row.delivery_id for row in rows])
        connection.execute(update(outbox).where(taken).values(leased_by=worker, leased_until=leased_until))
    return [_due_of(row, leased_until=leased_until, payload=row.payload) for row in rows]


def settle(connection: Connection, worker: str, settled: Sequence[Settled]) -> frozenset[tuple[str, int]]:
    """Record attempts and move their deliveries on; returns the alert revisions whose first acceptance by anybody is among them.

    A delivery whose lease was lost keeps what its new holder makes of it, unless it was accepted: that is final.
    """
    settled = sorted(settled, key=lambda one: one.due.delivery_id)  # one order: two writers that meet wait, and do not deadlock
    first = _first_accepted(connection, settled)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(attempts).on_conflict_do_nothing(), [_attempt_row(one) for one in settled])
    moved = update(outbox).where(outbox.c.delivery_id == bindparam("b_delivery_id"))
    values: dict[str, Any] = {
        name: bindparam(f"b_{name}")
        for name in ("state", "reason", "attempt_count", "next_attempt_at", "delivered_at", "leased_by", "leased_until")
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
        wake_ends(connection, ((one.due.alert_id, one.due.receiver) for one in ended), now=now)
    return first


def _settle_carried(connection: Connection, ended: Mapping[str, Settled]) -> list[Settled]:
    """What a message carried ends as the message ended, each alert with the attempt that proves it: those attempts."""
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
        replace(ended[row.carried_by], due=_due_of(row, leased_until=ended[row.carried_by].attempted_at))
        for row in rows
        if STATE_OF[ended[row.carried_by].outcome].value == row.carrier_state
    ]
    if not carried:
        return []
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(attempts).on_conflict_do_nothing(), [_attempt_row(one) for one in carried])
    names = ("state", "reason", "attempt_count", "delivered_at")
    moved = update(outbox).where(outbox.c.delivery_id == bindparam("b_delivery_id"))
    kept = ("b_delivery_id", *(f"b_{name}" for name in names))
    connection.execute(
        moved.values({name: bindparam(f"b_{name}") for name in names}),
        [{name: row[name] for name in kept} for row in map(_moved_row, carried)],
    )
    return carried


def hand_back(connection: Connection, worker: str, delivery_ids: Collection[str]) -> None:
    """Give claimed deliveries back untried: they are due as before."""
    held = and_(outbox.c.delivery_id.in_(list(delivery_ids)), outbox.c.leased_by == worker)
    connection.execute(update(outbox).where(held).values(leased_by=None, leased_until=None))


def bury(connection: Connection, receiver: str, reason: DeliveryReason, *, now: datetime) -> int:
    """Declare up to BURIED_AT_ONCE waiting deliveries of the receiver dead, each with the attempt row that says so; returns how many."""
    rows = connection.execute(select(outbox).where(_free(receiver, now)).limit(BURIED_AT_ONCE).with_for_update(skip_locked=True)).all()
    settled = [
        Settled(
            due=replace(_due_of(row, leased_until=now), first_seen_at=None),
            outcome=DeliveryOutcome.DEAD, attempt_reason=reason, reason=reason, status=None, detail=None, attempted_at=now, duration_s=0.0,
            next_attempt_at=None,
        )
        for row in rows
    ]  # fmt: skip
    if settled:
        worker = f"bury {receiver}"
        connection.execute(update(outbox).where(outbox.c.delivery_id.in_([row.delivery_id for row in rows])).values(leased_by=worker))
        settle(connection, worker, settled)
    return len(settled)


def waiting_receivers(connection: Connection) -> frozenset[str]:
    """Every receiver that is owed something."""
    return frozenset(connection.scalars(select(outbox.c.receiver).where(outbox.c.state == OutboxState.PENDING.value).distinct()))


def lease_holders(connection: Connection) -> frozenset[str]:
    """The workers that hold leases, alive or not."""
    held = select(outbox.c.leased_by).where(outbox.c.state == OutboxState.PENDING.value, outbox.c.leased_by.is_not(None))
    return frozenset(holder for holder in connection.scalars(held.distinct()) if holder is not None)


def release(connection: Connection, holders: Collection[str]) -> int:
    """End the leases of workers known to be dead; returns how many."""
    if not holders:
        return 0
    held = and_(outbox.c.state == OutboxState.PENDING.value, outbox.c.leased_by.in_(list(holders)))
    return connection.execute(update(outbox).where(held).values(leased_by=None, leased_until=None)).rowcount


def pending(connection: Connection, receiver: str) -> tuple[int, datetime | None]:
    """How many deliveries the receiver is still owed, and since when the oldest."""
    owed = and_(outbox.c.receiver == receiver, WAITING)  # spelt as the partial index has it, so that it is used
    count = connection.scalar(select(func.count()).select_from(outbox).where(owed)) or 0
    return count, connection.scalar(select(outbox.c.created_at).where(owed).order_by(outbox.c.created_at).limit(1))


def held_counts(connection: Connection) -> dict[tuple[str, str], int]:
    """How many deliveries are held, by receiver and reason."""
    held = select(outbox.c.receiver, outbox.c.reason, func.count()).where(HELD).group_by(outbox.c.receiver, outbox.c.reason)
    return {(receiver, reason): count for receiver, reason, count in connection.execute(held)}


def read_state(connection: Connection, receiver: str) -> ReceiverState:
    """What is remembered of the receiver; as new when nothing is."""
    row = connection.execute(select(receivers_state).where(receivers_state.c.receiver == receiver)).one_or_none()
    if row is None:
        return ReceiverState()
    reason = DeliveryReason(row.reason or DeliveryReason.RECEIVER_DISABLED.value) if row.disabled_at is not None else None
    return ReceiverState(reason, Circuit(row.failure_count, row.circuit_open_until), row.last_success_at, row.failing_since)


def write_state(connection: Connection, receiver: str, state: ReceiverState, *, now: datetime) -> None:
    """Remember how the receiver does. Disabling is remembered by this too, enabling is not: that is for people."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    disabled = state.disabled_reason
    always = {
        "failure_count": state.circuit.failure_count, "circuit_open_until": state.circuit.open_until,
        "last_success_at": state.last_success_at, "failing_since": state.failing_since, "updated_at": now,
    }  # fmt: skip
    disabling = {} if disabled is None else {"disabled_at": now, "reason": disabled.value}
    insert = dialect.insert(receivers_state).values(receiver=receiver, **always, **disabling)
    connection.execute(insert.on_conflict_do_update(index_elements=["receiver"], set_=always | disabling))


def _due_of(row: Any, *, leased_until: datetime, payload: bytes = b"") -> Due:
    return Due(
        delivery_id=row.delivery_id, alert_id=row.alert_id, revision=row.revision, theme_id=row.theme_id, receiver=row.receiver,
        payload=payload, attempt_count=row.attempt_count, schedule_start=row.schedule_start, first_seen_at=row.first_seen_at,
        leased_until=leased_until,
    )  # fmt: skip


def _free(receiver: str, now: datetime) -> ColumnElement[bool]:
    return and_(
        outbox.c.receiver == receiver,
        outbox.c.state == OutboxState.PENDING.value,
        outbox.c.carried_by.is_(None),
        or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= now),
    )


def _first_accepted(connection: Connection, settled: Sequence[Settled]) -> frozenset[tuple[str, int]]:
    accepted = {(one.due.alert_id, one.due.revision) for one in settled if one.outcome is DeliveryOutcome.DELIVERED}
    if not accepted:
        return frozenset()
    # By alert_id alone: SQLite looks pairs up without an index, row by row through the whole table.
    before = select(outbox.c.alert_id, outbox.c.revision).where(
        outbox.c.alert_id.in_({alert_id for alert_id, _revision in accepted}), outbox.c.state == OutboxState.DELIVERED.value
    )
    return frozenset(accepted - {(alert_id, revision) for alert_id, revision in connection.execute(before)})


def _attempt_row(one: Settled) -> dict[str, Any]:
    return {
        "delivery_id": one.due.delivery_id, "attempt": one.due.attempt, "alert_id": one.due.alert_id, "revision": one.due.revision,
        "theme_id": one.due.theme_id, "receiver": one.due.receiver, "outcome": one.outcome.value, "reason": one.attempt_reason.value,
        "status": one.status, "detail": one.detail, "attempted_at": one.attempted_at, "duration_s": one.duration_s,
        "next_attempt_at": one.next_attempt_at, "published": False,
    }  # fmt: skip


def _moved_row(one: Settled) -> dict[str, Any]:
    is_delivered = one.outcome is DeliveryOutcome.DELIVERED
    return {
        "b_delivery_id": one.due.delivery_id, "b_state": STATE_OF[one.outcome].value, "b_reason": one.reason.value if one.reason else None,
        "b_attempt_count": one.due.attempt, "b_next_attempt_at": one.next_attempt_at,
        "b_delivered_at": one.attempted_at + timedelta(seconds=one.duration_s) if is_delivered else None,
        "b_leased_by": None, "b_leased_until": None,
    }  # fmt: skip
