"""Measures what waits in the deliver stage: alerts and notices to be read, and deliveries that are due and that nobody attempts.

In: log ends, the database. Out: waiting work. I/O: connections of its own.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, and_, func, select

from newsmon.liveness.stall import Waiting
from newsmon.settings import Settings
from sinks.consumer.progress import StoredWork, asked
from sinks.database.engine import reading
from sinks.database.outbox_tables import OutboxState, outbox
from sinks.outbox.claim import unclaimed
from sinks.outbox.state.receiver_state import read_state
from sinks.policy.circuit import Permit, permit

DUE_FOR = timedelta(seconds=5)  # a queue looks every two seconds


class DeliverWork:
    """Call it for what waits; DependencyError when Kafka or the database does not answer."""

    def __init__(self, settings: Settings, stored: StoredWork) -> None:
        self._settings = settings
        self._stored = stored
        self._receivers = tuple(receiver.id for receiver in settings.receivers)

    def __call__(self) -> list[Waiting]:
        return self._stored() + asked(self._settings, self._due)

    def _due(self, engine: Engine) -> list[Waiting]:
        with reading(engine) as connection:
            found = [due_of_receiver(connection, receiver, now=datetime.now(UTC)) for receiver in self._receivers]
        return [one for one in found if one is not None]


def due_of_receiver(connection: Connection, receiver: str, *, now: datetime) -> Waiting | None:
    """The receiver's oldest delivery that is due and unclaimed; None when there is none, or when it may not be sent now.

    The mark changes with every claim and every attempt that ends.
    """
    state = read_state(connection, receiver)
    if state.disabled_reason is not None or permit(state.circuit, now=now) is Permit.NONE:
        return None
    due = and_(unclaimed(receiver, now), outbox.c.next_attempt_at <= now - DUE_FOR)
    oldest = connection.execute(
        select(outbox.c.delivery_id, outbox.c.attempt_count).where(due).order_by(outbox.c.next_attempt_at).limit(1)
    ).one_or_none()
    if oldest is None:
        return None
    claimed = and_(outbox.c.receiver == receiver, outbox.c.state == OutboxState.PENDING.value, outbox.c.leased_until > now)
    claimed_count = connection.scalar(select(func.count()).select_from(outbox).where(claimed))
    return Waiting(f"receiver {receiver}", (oldest.delivery_id, oldest.attempt_count, claimed_count, state.last_success_at))
