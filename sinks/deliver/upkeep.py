"""What the clock brings about in `newsmon deliver`: held deliveries let go, escalations, notices, signs of life.

In: the outbox, the clock. Out: rows that are due; the lanes are woken. I/O: the database, through the outbox's thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from newsmon.settings import Settings
from sinks.deliver.heartbeat import beat
from sinks.deliver.notices import look_for_troubles
from sinks.message.ack_links import AckLinks
from sinks.outbox.held import escalate_due, next_release_at, receivers_with_held, release_due
from sinks.outbox.recorder import OutboxDatabase

LOOK_AGAIN_S = 5.0
WATCH_EVERY = timedelta(seconds=30)


class Upkeep:
    """`run` until cancelled. All methods belong to one event loop."""

    def __init__(
        self, settings: Settings, database: OutboxDatabase, *, released: Callable[[], None], links: AckLinks | None = None
    ) -> None:  # fmt: skip
        self._settings = settings
        self._receivers = {receiver.id: receiver for receiver in settings.receivers}
        self._database = database
        self._released = released
        self._links = links
        self._changed = asyncio.Event()
        self._watched_at: datetime | None = None

    def wake(self) -> None:
        """Something may be held, or due, that was not."""
        self._changed.set()

    async def run(self) -> None:
        """DependencyError and StoreError come from the database."""
        while True:
            self._changed.clear()
            wait_s = await self._turn()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()

    async def _turn(self) -> float:
        now = datetime.now(UTC)
        made = 0
        if self._watched_at is None or now - self._watched_at >= WATCH_EVERY:
            self._watched_at = now
            made += await self._database.write(lambda connection: self._watch(connection, now))
        next_at = await self._database.read(next_release_at)
        if next_at is not None and next_at <= now:
            made += await self._database.write(lambda connection: self._let_go(connection, now))
            next_at = await self._database.read(next_release_at)
        if made:
            self._released()
        until_s = LOOK_AGAIN_S if next_at is None else (next_at - datetime.now(UTC)).total_seconds()
        return min(LOOK_AGAIN_S, max(0.01, until_s))

    def _let_go(self, connection: Connection, now: datetime) -> int:
        # Released first: what was still held when both were due (after a standstill) must not lose its escalation.
        held = sorted(receivers_with_held(connection))
        made = sum(release_due(connection, receiver, now=now, links=self._links) for receiver in held)
        return made + escalate_due(connection, self._receivers, now=now, links=self._links)

    def _watch(self, connection: Connection, now: datetime) -> int:
        return look_for_troubles(connection, self._settings, now=now) + beat(connection, self._settings.receivers, now=now)
