"""The periodic work of `newsmon deliver`: release held deliveries, escalate, raise its own notices, send heartbeats, mind the clock.

In: the outbox, the clock. Out: rows that are due; the receiver queues are woken. I/O: the database, on the outbox's thread.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from newsmon.clock import ClockStep, is_ahead
from newsmon.kafka.watch import KafkaWatch
from newsmon.logs import get_logger
from newsmon.metrics import CLOCK_STEPS
from newsmon.settings import Settings
from sinks.deliver.heartbeat import enqueue_heartbeats
from sinks.deliver.host_conditions import HostConditions
from sinks.deliver.notices import raise_own_notices
from sinks.message.ack_links import AckLinks
from sinks.outbox.escalate import escalate_due
from sinks.outbox.recorder import OutboxDatabase
from sinks.outbox.release import next_release_at, receivers_with_held, release_due
from sinks.outbox.state.clock_rows import newest_stored_at, time_again
from sinks.policy.clock import clock_condition
from sinks.policy.conditions import Condition

LOOK_AGAIN_S = 5.0
NOTICES_EVERY = timedelta(seconds=30)
STEP_TOLD_FOR_S = 3_600.0  # then the notice about a step of the clock is resolved

log = get_logger(__name__)


class PeriodicTasks:
    """`run` until cancelled. All methods belong to one event loop."""

    def __init__(
        self, settings: Settings, database: OutboxDatabase, *, on_due: Callable[[], None], links: AckLinks | None = None,
        kafka: KafkaWatch | None = None,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._receivers = {receiver.id: receiver for receiver in settings.receivers}
        self._database = database
        self._on_due = on_due
        self._links = links
        self._host = HostConditions(settings, kafka)
        self._changed = asyncio.Event()
        self._noticed_s: float | None = None  # by the steady clock: the other one may be set
        self._step: ClockStep | None = None
        self._step_s = 0.0
        self._time_again = False

    def wake(self) -> None:
        """Look again now: something new may be held or due."""
        self._changed.set()

    def after_start(self, connection: Connection, *, now: datetime) -> None:
        """Find out whether the clock was ahead while nothing ran, and time again what waits."""
        newest = newest_stored_at(connection)
        if newest is not None and is_ahead(newest, now=now):
            self._note(ClockStep((now - newest).total_seconds(), now))
        self._time(connection, now)

    def clock_stepped(self, step: ClockStep) -> None:
        """The clock was set while we ran: time again what waits, and tell people."""
        self._note(step)
        self._time_again, self._noticed_s = True, None
        self.wake()

    async def run(self) -> None:
        """Work until cancelled; RefusedError and StoreError come from the database."""
        while True:
            self._changed.clear()
            wait_s = await self._turn()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()

    async def _turn(self) -> float:
        now = datetime.now(UTC)
        made = 0
        if self._time_again:
            await self._database.write(lambda connection: self._time(connection, now))
            self._time_again = False
            self._on_due()
        if self._noticed_s is None or time.monotonic() - self._noticed_s >= NOTICES_EVERY.total_seconds():
            self._noticed_s = time.monotonic()
            of_host = self._host.at(now)
            made += await self._database.write(lambda connection: self._raise_notices(connection, now, of_host))
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

    def _raise_notices(self, connection: Connection, now: datetime, of_host: Sequence[Condition]) -> int:
        if self._step is not None and time.monotonic() - self._step_s > STEP_TOLD_FOR_S:
            self._step = None
        more = [*of_host, *(() if self._step is None else (clock_condition(self._step),))]
        return raise_own_notices(connection, self._settings, now=now, more=more) + enqueue_heartbeats(
            connection, self._settings.receivers, now=now
        )

    def _note(self, step: ClockStep) -> None:
        log.error("clock.stepped", step_s=round(step.seconds, 1), now=step.at.isoformat())
        CLOCK_STEPS.inc()
        self._step, self._step_s = step, time.monotonic()

    def _time(self, connection: Connection, now: datetime) -> None:
        count = time_again(connection, self._receivers, now=now)
        if count:
            log.warning("outbox.timed_again", count=count)
