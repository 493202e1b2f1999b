"""Claims deliveries that are due, hands them back, and counts what waits.

A claim is a lease, so that several deliver processes can share one database: one process at a time sends a row, and the rows of a
dead process come back when its lease expires, or at once when it died on this machine. I/O: the caller's connection, the process table.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psutil
from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from sinks.database.outbox_tables import HELD, WAITING, OutboxState, outbox
from sinks.outbox.state.silences import active
from sinks.outbox.withholding import without_silenced
from sinks.policy.attempt import DeliveryKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Due(DeliveryKey):
    """One claimed delivery: everything an attempt needs."""

    payload: bytes
    attempt_count: int  # made so far
    schedule_start: int
    first_seen_at: datetime | None
    leased_until: datetime

    @property
    def attempt(self) -> int:
        """The number of the next attempt, from 1."""
        return self.attempt_count + 1

    @property
    def step(self) -> int:
        """The step of the retry schedule that the next attempt is, from 1."""
        return self.attempt - self.schedule_start


def due_of(row: Any, *, leased_until: datetime, payload: bytes = b"") -> Due:
    return Due(
        delivery_id=row.delivery_id, alert_id=row.alert_id, revision=row.revision, theme_id=row.theme_id, receiver=row.receiver,
        payload=payload, attempt_count=row.attempt_count, schedule_start=row.schedule_start, first_seen_at=row.first_seen_at,
        leased_until=leased_until,
    )  # fmt: skip


def unclaimed(receiver: str, now: datetime) -> ColumnElement[bool]:
    """The receiver's pending deliveries that no process has a valid lease of; carried ones go in another's message."""
    return and_(
        outbox.c.receiver == receiver,
        outbox.c.state == OutboxState.PENDING.value,
        outbox.c.carried_by.is_(None),
        or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= now),
    )


def next_due_at(connection: Connection, receiver: str, *, now: datetime) -> datetime | None:
    """The time at which the receiver's next unclaimed delivery is due, perhaps in the past; None when there is none."""
    return connection.scalar(
        select(outbox.c.next_attempt_at).where(unclaimed(receiver, now)).order_by(outbox.c.next_attempt_at).limit(1)
    )  # fmt: skip


def claim(connection: Connection, receiver: str, *, limit: int, worker: str, now: datetime, lease_s: float) -> list[Due]:
    """Claim up to `limit` due deliveries of the receiver, the longest due first; no one else sends them until the lease expires.

    What is silenced now is withheld instead, whatever it is: an alert, its escalation, a notice, a retry, a replay.
    """
    silences = active(connection, now=now, receiver=receiver)
    wanted = (
        select(outbox)
        .where(unclaimed(receiver, now), outbox.c.next_attempt_at <= now)
        .order_by(outbox.c.next_attempt_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    while due := connection.execute(wanted).all():
        if rows := without_silenced(connection, due, silences, now=now):
            break
    else:
        rows = []
    leased_until = now + timedelta(seconds=lease_s)
    if rows:
        taken = outbox.c.delivery_id.in_([row.delivery_id for row in rows])
        connection.execute(update(outbox).where(taken).values(leased_by=worker, leased_until=leased_until))
    return [due_of(row, leased_until=leased_until, payload=row.payload) for row in rows]


def hand_back(connection: Connection, worker: str, delivery_ids: Collection[str]) -> None:
    """Give up the worker's claims on deliveries it did not attempt: they are due as before."""
    held = and_(outbox.c.delivery_id.in_(list(delivery_ids)), outbox.c.leased_by == worker)
    connection.execute(update(outbox).where(held).values(leased_by=None, leased_until=None))


def free_dead_claims(connection: Connection) -> int:
    """End the leases of processes that died on this machine; returns how many."""
    held = and_(outbox.c.state == OutboxState.PENDING.value, outbox.c.leased_by.is_not(None))
    workers = connection.scalars(select(outbox.c.leased_by).where(held).distinct())
    dead = dead_workers(worker for worker in workers if worker is not None)
    if not dead:
        return 0
    theirs = and_(outbox.c.state == OutboxState.PENDING.value, outbox.c.leased_by.in_(sorted(dead)))
    return connection.execute(update(outbox).where(theirs).values(leased_by=None, leased_until=None)).rowcount


def worker_name() -> str:
    """The name this process claims under, `host/pid/start`: unlike a pid alone, no other process ever has it again."""
    return f"{socket.gethostname()}/{os.getpid()}/{_started(os.getpid())}"


def dead_workers(names: Iterable[str]) -> frozenset[str]:
    """The workers of this machine whose process is gone. Those of other machines are left alone: their leases expire."""
    return frozenset(name for name in names if _is_dead(name))


def pending(connection: Connection, receiver: str) -> tuple[int, datetime | None]:
    """The number of the receiver's pending deliveries, and the time the oldest was created."""
    owed = and_(outbox.c.receiver == receiver, WAITING)  # spelt as in the partial index, so that the index is used
    count = connection.scalar(select(func.count()).select_from(outbox).where(owed)) or 0
    return count, connection.scalar(select(outbox.c.created_at).where(owed).order_by(outbox.c.created_at).limit(1))


def waiting_receivers(connection: Connection) -> frozenset[str]:
    """Every receiver with pending deliveries."""
    return frozenset(connection.scalars(select(outbox.c.receiver).where(outbox.c.state == OutboxState.PENDING.value).distinct()))


def held_counts(connection: Connection) -> dict[tuple[str, str], int]:
    """The number of held deliveries by receiver and reason."""
    held = select(outbox.c.receiver, outbox.c.reason, func.count()).where(HELD).group_by(outbox.c.receiver, outbox.c.reason)
    return {(receiver, reason): count for receiver, reason, count in connection.execute(held)}


def _started(pid: int) -> str:
    return f"{psutil.Process(pid).create_time():.2f}"


def _is_dead(name: str) -> bool:
    host, _, process = name.partition("/")
    pid, _, started = process.partition("/")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        return _started(int(pid)) != started
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False
