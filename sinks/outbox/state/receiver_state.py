"""The state of each receiver between restarts: its circuit breaker, and whether it is disabled.

I/O: the caller's connection.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select, update

from newsmon.records.delivery_reasons import DeliveryReason
from sinks.database.outbox_tables import receivers_state
from sinks.database.upsert import upsert
from sinks.policy.circuit import Circuit


@dataclass(frozen=True, slots=True)
class ReceiverState:
    """One receiver's state; the default is that of a new receiver."""

    disabled_reason: DeliveryReason | None = None
    circuit: Circuit = Circuit()  # noqa: RUF009 - frozen
    last_success_at: datetime | None = None
    failing_since: datetime | None = None  # the first failure after the last success


@dataclass(frozen=True, slots=True)
class DisabledReceiver:
    """A receiver that gets nothing until someone enables it."""

    receiver: str
    reason: DeliveryReason
    since: datetime


def read_state(connection: Connection, receiver: str) -> ReceiverState:
    """The receiver's stored state, or that of a new one."""
    row = connection.execute(select(receivers_state).where(receivers_state.c.receiver == receiver)).one_or_none()
    if row is None:
        return ReceiverState()
    reason = _reason(row.reason) if row.disabled_at is not None else None
    return ReceiverState(reason, Circuit(row.failure_count, row.circuit_open_until), row.last_success_at, row.failing_since)


def write_state(connection: Connection, receiver: str, state: ReceiverState, *, now: datetime) -> None:
    """Store the receiver's state. This may disable the receiver, but never enables it: only people do."""
    row = {
        "receiver": receiver, "failure_count": state.circuit.failure_count, "circuit_open_until": state.circuit.open_until,
        "last_success_at": state.last_success_at, "failing_since": state.failing_since, "updated_at": now,
    }  # fmt: skip
    if state.disabled_reason is not None:
        row |= {"disabled_at": now, "reason": state.disabled_reason.value}
    upsert(connection, receivers_state, [row])


def disabled_receivers(connection: Connection) -> dict[str, DisabledReceiver]:
    """The disabled receivers by their ids."""
    rows = connection.execute(select(receivers_state).where(receivers_state.c.disabled_at.is_not(None)))
    return {row.receiver: DisabledReceiver(row.receiver, _reason(row.reason), row.disabled_at) for row in rows}


def enable(connection: Connection, receiver: str, *, now: datetime) -> bool:
    """Enable a disabled receiver; False when it was not disabled. A running deliver stage notices within seconds."""
    disabled = and_(receivers_state.c.receiver == receiver, receivers_state.c.disabled_at.is_not(None))
    values = {
        "disabled_at": None, "reason": None, "failure_count": 0, "circuit_open_until": None, "failing_since": None, "updated_at": now,
    }  # fmt: skip
    return connection.execute(update(receivers_state).where(disabled).values(values)).rowcount > 0


def _reason(stored: str | None) -> DeliveryReason:
    return DeliveryReason(stored) if stored else DeliveryReason.RECEIVER_DISABLED
