"""What both handlings do to the outside: publish until acknowledged, set records aside, read state back.

Trouble with the broker is waited out here, in place, with capped back-off and the process unready; it is never answered by skipping.
Only a record that Kafka will not have for its size comes back as PublishError.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime

from newsmon.errors import DependencyError, PublishError, RecordError
from newsmon.kafka.limits import MAX_RECORD_BYTES
from newsmon.logs import get_logger
from newsmon.metrics import QUARANTINED
from newsmon.net.monitoring import Health
from newsmon.quarantine import Quarantined, QuarantineReason, Stage, reason_of
from newsmon.records import StoryState
from newsmon.topics import QUARANTINE
from processors.handling.core import Incoming, Outgoing
from processors.handling.judging import Failed
from processors.handling.publisher import Publisher
from processors.handling.state import StateReader

BACKOFF_FIRST_S = 0.2
BACKOFF_LONGEST_S = 15.0
UNREADY_AFTER_S = 5.0
# What is kept of a record too large to be set aside whole.
KEPT_OF_TOO_LARGE_BYTES = MAX_RECORD_BYTES // 16

log = get_logger(__name__)


class Effects:
    """The outside of one processor process."""

    def __init__(self, publisher: Publisher, reader: StateReader, health: Health, *, worker: str) -> None:
        self._publisher = publisher
        self._reader = reader
        self._health = health
        self._worker = worker

    async def publish(self, records: Sequence[Outgoing]) -> None:
        """Return when Kafka has all of them. PublishError only for a record that is too large; everything else is waited out."""
        backoff_s = BACKOFF_FIRST_S
        while True:
            try:
                await self._watched(records)
            except PublishError as error:
                if not error.retryable:
                    raise
                backoff_s = await self._sit_out(str(error), backoff_s)
            else:
                self._health.has("kafka")
                return

    async def _watched(self, records: Sequence[Outgoing]) -> None:
        """Publish; the process is unready while acknowledgements keep it waiting."""
        late = asyncio.get_running_loop().call_later(
            UNREADY_AFTER_S, self._health.waiting_for, "kafka", f"no acknowledgement for {UNREADY_AFTER_S:.0f} s"
        )
        try:
            await self._publisher.publish(records)
        finally:
            late.cancel()

    async def states_of(self, partition: int) -> tuple[StoryState, ...]:
        """The states on news.story-state of that partition; those nobody can read are set aside and skipped."""
        backoff_s = BACKOFF_FIRST_S
        while True:
            try:
                replayed = await self._reader.replay(partition)
            except DependencyError as error:
                backoff_s = await self._sit_out(str(error), backoff_s)
                continue
            self._health.has("kafka")
            await self.set_aside(Stage.GROUP, [(incoming, _poison(error)) for incoming, error in replayed.poison])
            log.info("state.replayed", partition=partition, records=replayed.read_count, states=len(replayed.states))
            return replayed.states

    async def set_aside(self, stage: Stage, failed: Sequence[tuple[Incoming, Failed]]) -> None:
        """Put records on news.quarantine, acknowledged; then count and log them."""
        now = datetime.now(UTC)
        for incoming, failure in failed:
            note = self._note(stage, incoming, failure, now)
            try:
                await self.publish([_outgoing(note)])
            except PublishError:
                assert note.value is not None  # a tombstone is never too large
                await self.publish([_outgoing(self._cut(note))])
            QUARANTINED.labels(stage.value, failure.reason.value).inc()
            log.warning(
                "record.quarantined",
                topic=incoming.topic,
                partition=incoming.partition,
                offset=incoming.offset,
                reason=failure.reason.value,
                error=failure.error[:300],
                **({"traceback": failure.trace} if failure.trace else {}),
            )

    def _note(self, stage: Stage, incoming: Incoming, failure: Failed, now: datetime) -> Quarantined:
        return Quarantined(
            stage=stage,
            reason=failure.reason,
            topic=incoming.topic,
            partition=incoming.partition,
            offset=incoming.offset,
            error=failure.error,
            at=now,
            worker=self._worker,
            key=incoming.key,
            value=incoming.value,
        )

    def _cut(self, note: Quarantined) -> Quarantined:
        """The same record, its first bytes only, saying so: one that Kafka will not have whole must not stop the flow."""
        value = note.value or b""
        error = f"only the first {KEPT_OF_TOO_LARGE_BYTES} of {len(value)} bytes kept: too large to set aside; {note.error}"
        return Quarantined(
            stage=note.stage,
            reason=note.reason,
            topic=note.topic,
            partition=note.partition,
            offset=note.offset,
            error=error,
            at=note.at,
            worker=note.worker,
            key=None,
            value=value[:KEPT_OF_TOO_LARGE_BYTES],
        )

    async def _sit_out(self, why: str, backoff_s: float) -> float:
        self._health.waiting_for("kafka", why)
        log.error("kafka.waiting", error=why, retry_in_s=round(backoff_s, 1))
        await asyncio.sleep(backoff_s * random.uniform(0.8, 1.2))
        return min(BACKOFF_LONGEST_S, backoff_s * 2)


def too_large(error: Exception) -> Failed:
    """The failure of a record whose answer Kafka refuses for its size."""
    return Failed(QuarantineReason.HANDLER_FAILED, str(error), None)


def _poison(error: RecordError) -> Failed:
    return Failed(reason_of(error), str(error), None)


def _outgoing(note: Quarantined) -> Outgoing:
    # Clients refuse to send neither key nor value, though others may have written just that: the empty key stands for none.
    key = b"" if note.key is None and note.value is None else note.key
    return Outgoing(QUARANTINE, key, note.value, headers=tuple(note.headers()))
