"""One receiver's queue: claims deliveries that are due and attempts them, a few at once, independently of every other receiver.

In: the outbox, a channel. Out: settled attempts, through the recorder. I/O: through those two; the clock and the jitter are read here.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from newsmon.clock import ClockStep
from newsmon.logs import get_logger
from newsmon.metrics import DELIVERIES, DELIVERY_CIRCUIT_OPEN, DELIVERY_DISABLED
from newsmon.records import DeliveryOutcome
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.settings import ReceiverSettings
from sinks.channels.channel import Channel
from sinks.outbox.claim import Due, claim, hand_back, next_due_at
from sinks.outbox.recorder import OutboxDatabase, Recorder
from sinks.outbox.settle import Settled, mark_dead
from sinks.outbox.state.receiver_state import ReceiverState, read_state
from sinks.outbox.state.silences import active_ids
from sinks.policy.attempt import Outcome
from sinks.policy.circuit import STANDARD_POLICY, CircuitPolicy, Permit, after_attempt, failing_too_long, permit, shifted
from sinks.policy.retry import STANDARD, Disable, Failure, RetryAfter, Schedule, after_failure

LEASE_MARGIN_S = 60.0  # how much longer a lease lasts than all attempts before its own in the queue

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """The retry schedule, the circuit breaker, and the limits of the queues."""

    schedule: Schedule = STANDARD
    circuit: CircuitPolicy = STANDARD_POLICY
    claim_ahead: int = 16  # deliveries claimed per concurrent attempt; also the most that is sent twice after kill -9
    look_again_s: float = 2.0  # finds what other processes changed
    drain_s: float = 17.0  # a receiver's default time-out and a little
    fraction: Callable[[], float] = field(default=random.random)


class ReceiverQueue:
    """`run` until stopped, then `drain`. All methods belong to one event loop."""

    def __init__(
        self, receiver: ReceiverSettings, channel: Channel, database: OutboxDatabase, recorder: Recorder, *,
        worker: str, policy: DeliveryPolicy,
    ) -> None:  # fmt: skip
        self._receiver = receiver
        self._channel = channel
        self._database = database
        self._recorder = recorder
        self._worker = worker
        self._policy = policy
        self._most_held = channel.concurrency * policy.claim_ahead
        self._lease_s = channel.attempt_s * (policy.claim_ahead + 2) + LEASE_MARGIN_S
        self._state = ReceiverState()
        self._slots = asyncio.Semaphore(channel.concurrency)
        self._held: dict[str, asyncio.Task[None]] = {}
        self._untried: list[str] = []
        self._recording: set[str] = set()
        self._is_restored = False
        self._silences: frozenset[str] = frozenset()  # those that held at the last look
        self._changed = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Look again now: something may be due, or there is room again."""
        self._changed.set()

    async def run(self) -> None:
        """Claim and send until `stop`. RefusedError and StoreError come from the database."""
        while not self._stopping:
            self._changed.clear()
            wait_s = await self._turn()
            if wait_s > 0:
                try:
                    async with asyncio.timeout(wait_s):
                        await self._changed.wait()
                except TimeoutError:
                    pass  # time to look again

    def clock_stepped(self, step: ClockStep) -> None:
        """The system clock was set: what lasts in memory goes on for as long as it would have."""
        since, success = self._state.failing_since, self._state.last_success_at
        self._state = replace(
            self._state, circuit=shifted(self._state.circuit, step.span), failing_since=since and since + step.span,
            last_success_at=success and success + step.span,
        )  # fmt: skip
        self.wake()

    def stop(self) -> None:
        """Claim nothing more; attempts under way go on."""
        self._stopping = True
        self._changed.set()

    async def drain(self, timeout_s: float) -> None:
        """Wait up to `timeout_s` for attempts under way; deliveries that were not attempted are handed back."""
        if self._held:
            await asyncio.wait(list(self._held.values()), timeout=timeout_s)
        for delivery_id, task in self._held.items():
            if delivery_id not in self._recording:
                self._untried.append(delivery_id)
                task.cancel()
        await asyncio.gather(*self._held.values(), return_exceptions=True)
        await self._hand_back()

    async def _turn(self) -> float:
        """Do what can be done now; returns how long to sleep unless woken."""
        await self._hand_back()
        now = datetime.now(UTC)
        stored, next_at, self._silences = await self._database.read(lambda connection: self._look(connection, now))
        self._adopt(stored)
        if self._state.disabled_reason is not None:
            await self._give_up(DeliveryReason.RECEIVER_DISABLED)
            return self._policy.look_again_s
        room = self._room(now)
        if room > 0 and next_at is not None and next_at <= now:
            claimed = await self._claim(room)
            for due in claimed:
                self._held[due.delivery_id] = asyncio.create_task(self._attempt(due, self._silences))
            if claimed:
                return 0.0  # look when the next one is due
        return self._wait_s(next_at, room)

    def _look(self, connection: Connection, now: datetime) -> tuple[ReceiverState, datetime | None, frozenset[str]]:
        self._recorder.check_memory(connection)
        return (
            read_state(connection, self._receiver.id),
            next_due_at(connection, self._receiver.id, now=now),
            active_ids(connection, now=now),
        )

    def _room(self, now: datetime) -> int:
        match permit(self._state.circuit, now=now):
            case Permit.ALL:
                # Claim several in one transaction, rather than one for each attempt that ends.
                free = self._most_held - len(self._held)
                return free if free * 2 >= self._most_held or len(self._held) < self._channel.concurrency else 0
            case Permit.PROBE:
                return 0 if self._held else 1
            case Permit.NONE:
                return 0

    def _wait_s(self, next_at: datetime | None, room: int) -> float:
        now = datetime.now(UTC)
        moments = [self._policy.look_again_s]
        if next_at is not None and room > 0:
            moments.append((next_at - now).total_seconds())
        if self._state.circuit.open_until is not None:
            moments.append((self._state.circuit.open_until - now).total_seconds())
        # Whatever was due by now is claimed, or waits for room or for the circuit, and then someone wakes us.
        return min((moment for moment in moments if moment > 0), default=self._policy.look_again_s)

    async def _claim(self, room: int) -> list[Due]:
        now = datetime.now(UTC)
        claimed = await self._database.write_without_fsync(
            lambda connection: claim(connection, self._receiver.id, limit=room, worker=self._worker, now=now, lease_s=self._lease_s)
        )
        return [due for due in claimed if due.delivery_id not in self._held]

    async def _attempt(self, due: Due, asked: frozenset[str]) -> None:
        """Send the claimed delivery, unless there is a silence by now that its claim did not ask."""
        try:
            async with self._slots:
                if not self._may_try(due) or not self._silences <= asked:
                    self._untried.append(due.delivery_id)
                    return
                attempted_at = datetime.now(UTC)
                outcome = await self._channel.post(webhook_id=due.delivery_id, body=due.payload)
            self._recording.add(due.delivery_id)
            settled = self._settled(due, outcome, attempted_at)
            await self._recorder.record(settled, self._state)
        finally:
            self._recording.discard(due.delivery_id)
            del self._held[due.delivery_id]
            if self._untried or len(self._held) * 2 <= self._most_held:
                self._changed.set()

    def _may_try(self, due: Due) -> bool:
        """False when a claimed delivery must not be sent after all: the receiver began to fail, or the lease ends too soon."""
        now = datetime.now(UTC)
        if self._stopping or self._state.disabled_reason is not None:
            return False
        allowed = permit(self._state.circuit, now=now)
        is_probe = allowed is Permit.PROBE and len(self._held) == 1
        return (allowed is Permit.ALL or is_probe) and now + timedelta(seconds=self._channel.attempt_s + 5) < due.leased_until

    def _settled(self, due: Due, outcome: Outcome, attempted_at: datetime) -> Settled:
        """Decide what follows from an attempt, and update the receiver's state."""
        now = datetime.now(UTC)
        asked_s = outcome.retry_after_s or 0.0
        circuit = after_attempt(self._state.circuit, succeeded=outcome.accepted, now=now, asked_rest_s=asked_s, policy=self._policy.circuit)
        last_success_at, failing_since = (
            (now, None) if outcome.accepted else (self._state.last_success_at, self._state.failing_since or now)
        )
        self._state = replace(self._state, circuit=circuit, last_success_at=last_success_at, failing_since=failing_since)
        ended, reason, next_at = DeliveryOutcome.DELIVERED, None, None
        if not outcome.accepted:
            failure = Failure(outcome.reason, outcome.retry_after_s)
            decision = after_failure(failure, attempt=due.step, fraction=self._policy.fraction(), schedule=self._policy.schedule)
            if failing_too_long(failing_since, circuit, now=now, limit=timedelta(days=self._receiver.disable_after_days)):
                decision = Disable(DeliveryReason.FAILING_FOR_DAYS)
            reason = decision.reason
            if isinstance(decision, RetryAfter):
                ended, next_at = DeliveryOutcome.WILL_RETRY, now + timedelta(seconds=decision.seconds)
            else:
                ended = DeliveryOutcome.DEAD
            if isinstance(decision, Disable):
                self._state = replace(self._state, disabled_reason=decision.reason)
                log.error("receiver.disabled", receiver=self._receiver.id, reason=decision.reason.value)
        self._log(due, outcome, ended, next_at)
        return Settled(
            due=due, outcome=ended, attempt_reason=outcome.reason, reason=reason, status=outcome.status, detail=outcome.detail,
            attempted_at=attempted_at, duration_s=outcome.duration_s, next_attempt_at=next_at,
        )  # fmt: skip

    def _adopt(self, stored: ReceiverState) -> None:
        """Take over the stored state at the first turn; after that only whether people or other processes disabled the receiver."""
        if not self._is_restored:
            self._state, self._is_restored = stored, True
        elif stored.disabled_reason is not None or not self._held:
            self._state = replace(self._state, disabled_reason=stored.disabled_reason)
        DELIVERY_DISABLED.labels(self._receiver.id).set(self._state.disabled_reason is not None)
        is_open = permit(self._state.circuit, now=datetime.now(UTC)) is not Permit.ALL
        DELIVERY_CIRCUIT_OPEN.labels(self._receiver.id).set(is_open)

    async def _give_up(self, reason: DeliveryReason) -> None:
        count = 1
        while count:
            count = await self._database.write(lambda connection: mark_dead(connection, self._receiver.id, reason, now=datetime.now(UTC)))
            DELIVERIES.labels(self._receiver.id, DeliveryOutcome.DEAD.value).inc(count)

    async def _hand_back(self) -> None:
        if self._untried:
            untried, self._untried = self._untried, []
            await self._database.write_without_fsync(lambda connection: hand_back(connection, self._worker, untried))

    def _log(self, due: Due, outcome: Outcome, ended: DeliveryOutcome, next_at: datetime | None) -> None:
        said = {"receiver": self._receiver.id, "alert_id": due.alert_id, "attempt": due.attempt, "reason": outcome.reason.value,
                "status": outcome.status, "duration_s": round(outcome.duration_s, 3)}  # fmt: skip
        if ended is DeliveryOutcome.DELIVERED:
            log.info("delivery.accepted", **said)
        elif next_at is not None:
            retry_in_s = round((next_at - datetime.now(UTC)).total_seconds(), 1)
            log.warning("delivery.failed", **said, detail=outcome.detail, retry_in_s=retry_in_s)
        else:
            log.error("delivery.dead", **said, detail=outcome.detail)
