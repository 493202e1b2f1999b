"""The sending half of `newsmon deliver`: one queue per receiver on one event loop, fed from the outbox.

In: the outbox. Out: webhooks, settled attempts, metrics. I/O: HTTP and, on the outbox's thread, the database.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from sqlalchemy import Connection, Engine

from newsmon.clock import ClockWatch
from newsmon.kafka.watch import KafkaWatch
from newsmon.logs import get_logger
from newsmon.metrics import (
    ALERTS_SUPPRESSED,
    ARTICLE_TO_ALERT,
    DELIVERIES,
    DELIVERY_ATTEMPTS,
    DELIVERY_DURATION,
    DELIVERY_HELD,
    DELIVERY_OLDEST_PENDING,
    DELIVERY_PENDING,
    AttemptCode,
    announce_receivers,
)
from newsmon.net.monitoring import Health
from newsmon.records import DeliveryOutcome
from newsmon.records.delivery_reasons import HOLDS, SUPPRESSIONS, DeliveryReason
from newsmon.settings import ReceiverSettings, Settings
from newsmon.settings.theme_ids import theme_ids
from sinks.channels.channel import open_channel
from sinks.deliver.periodic import PeriodicTasks
from sinks.deliver.receiver_queue import DeliveryPolicy, ReceiverQueue
from sinks.message.ack_links import AckLinks
from sinks.message.signature import Signer
from sinks.outbox.claim import free_dead_claims, held_counts, pending, waiting_receivers, worker_name
from sinks.outbox.recorder import OutboxDatabase, Recorder
from sinks.outbox.release import release_for_removed
from sinks.outbox.settle import Settled, mark_dead
from sinks.policy.routing import NO_RECEIVER

COUNT_EVERY_S = 5.0
TICK_S = 1.0

ATTEMPT_CODES: dict[DeliveryReason, AttemptCode] = {
    DeliveryReason.ACCEPTED: AttemptCode.OK,
    DeliveryReason.REDIRECTED: AttemptCode.REDIRECT,
    DeliveryReason.CLIENT_ERROR: AttemptCode.CLIENT,
    DeliveryReason.GONE: AttemptCode.CLIENT,
    DeliveryReason.ABORTED: AttemptCode.CLIENT,
    DeliveryReason.THROTTLED: AttemptCode.THROTTLED,
    DeliveryReason.SERVER_ERROR: AttemptCode.SERVER,
    DeliveryReason.TIMED_OUT: AttemptCode.TIMEOUT,
    DeliveryReason.CONNECT_FAILED: AttemptCode.CONNECT,
    DeliveryReason.BAD_ANSWER: AttemptCode.CONNECT,
    DeliveryReason.BLOCKED_ADDRESS: AttemptCode.BLOCKED,
    DeliveryReason.CHANNEL_FAILED: AttemptCode.CONNECT,
}

log = get_logger(__name__)


@dataclass
class TwoLoopHealth(Health):
    """Healthy while both loops turn: the consumer's, which calls `beat`, and the event loop, which calls `tick`."""

    _ticked_at: float | None = field(default=None)

    def tick(self) -> None:
        """Records that the event loop is still turning."""
        self._ticked_at = time.monotonic()

    def unhealthy_because(self) -> dict[str, str]:
        reasons = super().unhealthy_because()
        if self._ticked_at is not None and (silent_s := time.monotonic() - self._ticked_at) > self.alive_within_s:
            reasons["event_loop"] = f"has not turned for {silent_s:.0f} s"
        return reasons


class Dispatcher:
    """The receiver queues and what they share. `wake` may be called from any thread, everything else from the event loop."""

    def __init__(
        self, settings: Settings, secrets: Mapping[str, tuple[Signer, ...]], engine: Engine, health: TwoLoopHealth, *,
        policy: DeliveryPolicy, after_commit: Callable[[], None], addresses: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
        links: AckLinks | None = None, clock: ClockWatch | None = None, kafka: KafkaWatch | None = None,
    ) -> None:  # fmt: skip
        self._addresses = {receiver.id: addresses.get(receiver.id, ()) for receiver in settings.receivers}
        self._receivers = settings.receivers
        self._theme_ids = theme_ids(settings.themes.directory)
        self._secrets = secrets
        self._health = health
        self._policy = policy
        self._worker = worker_name()
        self._database = OutboxDatabase(engine, health)
        self._recorder = Recorder(self._database, self._worker, on_recorded=_count_attempt, after_commit=after_commit)
        self._periodic = PeriodicTasks(settings, self._database, on_due=self._wake_queues, links=links, kafka=kafka)
        self._clock = clock or ClockWatch()
        self._queues: list[ReceiverQueue] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def wake(self) -> None:
        """Look again: the outbox has something new."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has just been closed: the next process will find it
                self._loop.call_soon_threadsafe(self._wake_all)

    async def run(self, stopped: asyncio.Event) -> None:
        """Send until `stopped` is set, then drain. RefusedError and StoreError come from the database."""
        self._loop = asyncio.get_running_loop()
        announce(self._receivers, self._theme_ids)
        await self._database.write(self._take_over)
        async with AsyncExitStack() as stack:
            for receiver in self._receivers:
                channel = await stack.enter_async_context(open_channel(receiver, self._secrets[receiver.id], self._addresses[receiver.id]))
                queue = ReceiverQueue(receiver, channel, self._database, self._recorder, worker=self._worker, policy=self._policy)
                self._queues.append(queue)
            background = {asyncio.create_task(helper) for helper in self._background()}
            queues = {asyncio.create_task(queue.run()) for queue in self._queues}
            stopping: asyncio.Task[bool] = asyncio.create_task(stopped.wait())
            try:
                await asyncio.wait({*background, *queues, stopping}, return_when=asyncio.FIRST_COMPLETED)
                for task in (*background, *queues):
                    if task.done():
                        task.result()  # raises what ended it
                await self._drain(queues)
            finally:
                stopping.cancel()
                for task in (*background, *queues):
                    task.cancel()
                self._database.close()

    async def _drain(self, queues: set[asyncio.Task[None]]) -> None:
        log.info("deliver.draining")
        for queue in self._queues:
            queue.stop()
        try:
            async with asyncio.timeout(self._policy.drain_s + 1.0):
                await asyncio.gather(*queues)
                await asyncio.gather(*(queue.drain(self._policy.drain_s) for queue in self._queues))
        except TimeoutError:
            log.warning("deliver.drain_cut_short")  # the database is away: attempts under way are sent again, with the same ids

    def _take_over(self, connection: Connection) -> None:
        """Free what a killed predecessor had claimed, and give up deliveries to receivers that are no longer configured."""
        freed = free_dead_claims(connection)
        if freed:
            log.info("outbox.leases_freed", count=freed)
        self._periodic.after_start(connection, now=datetime.now(UTC))
        configured = frozenset(receiver.id for receiver in self._receivers)
        release_for_removed(connection, configured, now=datetime.now(UTC))
        for receiver in sorted(waiting_receivers(connection) - configured):
            given_up = 0
            while (count := mark_dead(connection, receiver, DeliveryReason.RECEIVER_REMOVED, now=datetime.now(UTC))) > 0:
                given_up += count
            log.warning("outbox.receiver_removed", receiver=receiver, count=given_up)

    def _background(self) -> tuple[Coroutine[None, None, None], ...]:
        return self._recorder.run(), self._count_pending(), self._tick(), self._periodic.run()

    def _wake_all(self) -> None:
        self._periodic.wake()
        self._wake_queues()

    def _wake_queues(self) -> None:
        for queue in self._queues:
            queue.wake()

    async def _tick(self) -> None:
        while True:
            self._health.tick()
            step = self._clock.look()
            if step is not None:
                for queue in self._queues:
                    queue.clock_stepped(step)
                self._periodic.clock_stepped(step)
            await asyncio.sleep(TICK_S)

    async def _count_pending(self) -> None:
        while True:
            for receiver in self._receivers:
                count, oldest = await self._database.read(lambda connection, name=receiver.id: pending(connection, name))  # type: ignore[misc]
                DELIVERY_PENDING.labels(receiver.id).set(count)
                age_s = (datetime.now(UTC) - oldest).total_seconds() if oldest is not None else 0.0
                DELIVERY_OLDEST_PENDING.labels(receiver.id).set(max(0.0, age_s))
            held = await self._database.read(held_counts)
            for receiver in self._receivers:
                for reason in HOLDS:
                    DELIVERY_HELD.labels(receiver.id, reason.value).set(held.get((receiver.id, reason.value), 0))
            await asyncio.sleep(COUNT_EVERY_S)


def announce(receivers: tuple[ReceiverSettings, ...], themes: Iterable[str] = ()) -> None:
    """Create every metric series of the deliver stage at zero."""
    names = [receiver.id for receiver in receivers]
    announce_receivers(names, themes)
    for name in names or [NO_RECEIVER]:
        for reason in SUPPRESSIONS:
            ALERTS_SUPPRESSED.labels(name, reason.value)
        for reason in HOLDS:
            DELIVERY_HELD.labels(name, reason.value)


def _count_attempt(settled: Settled, is_first: bool) -> None:
    receiver = settled.due.receiver
    DELIVERY_ATTEMPTS.labels(receiver, ATTEMPT_CODES[settled.attempt_reason].value).inc()
    DELIVERY_DURATION.labels(receiver).observe(settled.duration_s)
    if settled.outcome is not DeliveryOutcome.WILL_RETRY:
        DELIVERIES.labels(receiver, settled.outcome.value).inc()
    if is_first and settled.due.first_seen_at is not None:
        arrived_at = settled.attempted_at + timedelta(seconds=settled.duration_s)
        ARTICLE_TO_ALERT.labels(settled.due.theme_id).observe(max(0.0, (arrived_at - settled.due.first_seen_at).total_seconds()))
