"""The periodic work of `newsmon deliver`: release held deliveries, escalate, raise newsmon's own notices, send heartbeats.

In: the outbox, the clock. Out: rows that are due; the receiver queues are woken. I/O: the database, on the outbox's thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from newsmon.settings import Settings
from sinks.deliver.heartbeat import enqueue_heartbeats
from sinks.deliver.notices import raise_own_notices
from sinks.message.ack_links import AckLinks
from sinks.outbox.escalate import escalate_due
from sinks.outbox.recorder import OutboxDatabase
from sinks.outbox.release import next_release_at, receivers_with_held, release_due

LOOK_AGAIN_S = 5.0
NOTICES_EVERY = timedelta(seconds=30)


class PeriodicTasks:
    """`run` until cancelled. All methods belong to one event loop."""

    def __init__(
        self, settings: Settings, database: OutboxDatabase, *, on_due: Callable[[], None], links: AckLinks | None = None
    ) -> None:  # fmt: skip
        self._settings = settings
        self._receivers = {receiver.id: receiver for receiver in settings.receivers}
        self._database = database
        self._on_due = on_due
        self._links = links
        self._changed = asyncio.Event()
        self._noticed_at: datetime | None = None

    def wake(self) -> None:
        """Look again now: something new may be held or due."""
        self._changed.set()

    async def run(self) -> None:
        """Work until cancelled; DependencyError and StoreError come from the database."""
        while True:
            self._changed.clear()
            wait_s = await self._turn()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()

    async def _turn(self) -> float:
        now = datetime.now(UTC)
        made = 0
        if self._noticed_at is None or now - self._noticed_at >= NOTICES_EVERY:
            self._noticed_at = now
            made += await self._database.write(lambda connection: self._raise_notices(connection, now))
        next_at = await self._database.read(next_release_at)
        if next_at is not None and next_at <= now:
            made += await self._database.write(lambda connection: self._release(connection, now))
            next_at = await self._database.read(next_release_at)
        if made:
            self._on_due()
        until_s = LOOK_AGAIN_S if next_at is None else (next_at - datetime.now(UTC)).total_seconds()
        return min(LOOK_AGAIN_S, max(0.01, until_s))

    def _release(self, connection: Connection, now: datetime) -> int:
        # Release first: an alert that was still held when both became due (after downtime) must not lose its escalation.
        held = sorted(receivers_with_held(connection))
        made = sum(
            release_due(connection, receiver, now=now, links=self._links, settings=self._receivers.get(receiver)) for receiver in held
        )  # fmt: skip
        return made + escalate_due(connection, self._receivers, now=now, links=self._links)

    def _raise_notices(self, connection: Connection, now: datetime) -> int:
        return raise_own_notices(connection, self._settings, now=now) + enqueue_heartbeats(connection, self._settings.receivers, now=now)
