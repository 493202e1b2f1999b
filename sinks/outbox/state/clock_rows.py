"""Rows that a clock which was ahead has written: when it is set right, what waits is timed again from now.

In: the time now, the receivers. Out: corrected rows. I/O: the caller's connection. `newsmon.clock` says how a wait is counted.
Times in the past are never touched: a late due time is due.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from newsmon.clock import TOLERANCE, due_from
from newsmon.records import Severity
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.settings import ReceiverSettings
from sinks.database.outbox_tables import OutboxKind, OutboxState, outbox, receivers_state, silences
from sinks.database.tables import consumed_offsets
from sinks.outbox.state.silences import ask_deferred_again
from sinks.policy.holding import scheduled_hold
from sinks.policy.retry import LONGEST_WAIT

LONGEST_LEASE = timedelta(hours=2)  # more than any queue of attempts takes: a longer one was taken by a clock that was ahead
RETIMED_AT_ONCE = 5_000
BY_THE_CLOCK = (DeliveryReason.QUIET_HOURS.value, DeliveryReason.DIGEST.value)


def newest_stored_at(connection: Connection) -> datetime | None:
    """The newest time that any sink stored as its present: later than now when the clock was ahead."""
    newest: datetime | None = connection.scalar(select(func.max(consumed_offsets.c.updated_at)))
    return newest


def time_again(connection: Connection, receivers: Mapping[str, ReceiverSettings], *, now: datetime) -> int:
    """Correct everything that holds a time from the future as its past; returns how many deliveries now wait for less."""
    limit = now + TOLERANCE
    _correct_arrivals(connection, receivers, limit, now)
    retimed = _retime(connection, receivers, limit, now)
    leased = and_(outbox.c.state == OutboxState.PENDING.value, outbox.c.leased_until > now + LONGEST_LEASE)
    connection.execute(update(outbox).where(leased).values(leased_by=None, leased_until=None))
    _correct_receivers(connection, limit, now)
    _correct_silences(connection, limit, now)
    # Whoever asks for the newest stored time must not find this one again at the next start.
    connection.execute(update(consumed_offsets).where(consumed_offsets.c.updated_at > limit).values(updated_at=now))
    return retimed


def _correct_arrivals(connection: Connection, receivers: Collection[str], limit: datetime, now: datetime) -> None:
    """What arrived in the future arrived now: budgets and intervals look back on it, and it escalates after its usual time."""
    # Spelt as the index begins: nothing else finds them without reading every message.
    mine = (outbox.c.receiver.in_(sorted(receivers)), outbox.c.kind.in_([kind.value for kind in OutboxKind]))
    early = select(outbox.c.delivery_id, outbox.c.created_at, outbox.c.escalate_at).where(*mine, outbox.c.created_at > limit)
    while rows := connection.execute(early.limit(RETIMED_AT_ONCE)).all():
        values = []
        for row in rows:
            escalate_at = row.escalate_at and due_from(row.escalate_at, set_at=row.created_at, now=now)
            values.append({"b_id": row.delivery_id, "b_escalate_at": escalate_at})
        each = update(outbox).where(outbox.c.delivery_id == bindparam("b_id"))
        connection.execute(each.values(escalate_at=bindparam("b_escalate_at"), created_at=now), values)


def _retime(connection: Connection, receivers: Mapping[str, ReceiverSettings], limit: datetime, now: datetime) -> int:
    states = outbox.c.state.in_((OutboxState.PENDING.value, OutboxState.HELD.value))
    waiting = and_(outbox.c.receiver.in_(sorted(receivers)), states)
    # Rows of older versions do not say when their time was set: there, what no retry schedule can produce gives it away.
    is_early = or_(
        outbox.c.scheduled_at > limit,
        and_(outbox.c.scheduled_at.is_(None), outbox.c.state == OutboxState.PENDING.value, outbox.c.next_attempt_at > now + LONGEST_WAIT),
    )
    columns = (outbox.c.delivery_id, outbox.c.receiver, outbox.c.severity, outbox.c.reason, outbox.c.next_attempt_at, outbox.c.scheduled_at)
    count = 0
    while rows := connection.execute(select(*columns).where(waiting, is_early).limit(RETIMED_AT_ONCE)).all():
        _write_times(connection, rows, receivers, now)
        count += len(rows)
    return count


def _write_times(connection: Connection, rows: Sequence[Any], receivers: Mapping[str, ReceiverSettings], now: datetime) -> None:
    values = [{"b_id": row.delivery_id, "b_due_at": _due_at(row, receivers.get(row.receiver), now)} for row in rows]
    mine = update(outbox).where(outbox.c.delivery_id == bindparam("b_id"))
    connection.execute(mine.values(next_attempt_at=bindparam("b_due_at"), scheduled_at=now), values)


def _due_at(row: Any, receiver: ReceiverSettings | None, now: datetime) -> datetime | None:
    if row.next_attempt_at is None:
        return None
    if row.reason in BY_THE_CLOCK and receiver is not None:  # a time of the day, not a wait
        held = scheduled_hold(Severity(row.severity), receiver, now=now)
        return now if held is None else held.until
    set_at = row.scheduled_at if row.scheduled_at is not None else row.next_attempt_at
    due: datetime = due_from(row.next_attempt_at, set_at=set_at, now=now)
    return due


def _correct_receivers(connection: Connection, limit: datetime, now: datetime) -> None:
    for row in connection.execute(select(receivers_state).where(receivers_state.c.updated_at > limit)).all():
        open_until = row.circuit_open_until and due_from(row.circuit_open_until, set_at=row.updated_at, now=now)
        values = {
            "circuit_open_until": open_until, "updated_at": now,
            "failing_since": row.failing_since and min(row.failing_since, now),
            "last_success_at": row.last_success_at and min(row.last_success_at, now),
        }  # fmt: skip
        connection.execute(update(receivers_state).where(receivers_state.c.receiver == row.receiver).values(values))


def _correct_silences(connection: Connection, limit: datetime, now: datetime) -> None:
    """A silence lasts as long as its author wanted, from now; the ends of alerts that it keeps back are asked again."""
    early = (silences.c.created_at > limit, silences.c.ended_at.is_(None))
    rows = connection.execute(select(silences.c.silence_id, silences.c.created_at, silences.c.ends_at).where(*early)).all()
    for row in rows:
        ends_at = due_from(row.ends_at, set_at=row.created_at, now=now)
        connection.execute(update(silences).where(silences.c.silence_id == row.silence_id).values(created_at=now, ends_at=ends_at))
    if rows:
        ask_deferred_again(connection, now=now)
