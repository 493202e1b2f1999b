"""Kafka as both stages use it: publish until acknowledged, quarantine records, read state back.

Broker trouble is waited out here, with capped back-off and the process unready; a record is never skipped because of it.
PublishError means one thing only: the record is too large for Kafka.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime

from newsmon.errors import DependencyError, PublishError, RecordError
from newsmon.logs import get_logger
from newsmon.metrics import QUARANTINED
from newsmon.net.monitoring import Health
from newsmon.quarantine import Quarantined, QuarantineReason, Stage, reason_of
from newsmon.records import GroupState
from newsmon.topics import QUARANTINE
from processors.handling.decision_result import Failed
from processors.handling.kafka_writer import KafkaWriter
from processors.handling.messages import Incoming, Outgoing
from processors.handling.state_reader import StateReader

BACKOFF_FIRST_S = 0.2
BACKOFF_LONGEST_S = 15.0
UNREADY_AFTER_S = 5.0

log = get_logger(__name__)


class KafkaAccess:
    """One processor process's access to Kafka."""

    def __init__(self, writer: KafkaWriter, reader: StateReader, health: Health, *, worker: str) -> None:
        self._writer = writer
        self._reader = reader
        self._health = health
        self._worker = worker

    async def publish(self, records: Sequence[Outgoing]) -> None:
        """Return when Kafka has acknowledged all records. PublishError only for one that is too large."""
        backoff_s = BACKOFF_FIRST_S
        while True:
            try:
                await self._publish_watched(records)
            except PublishError as error:
                if not error.retryable:
                    raise
                backoff_s = await self._wait_out(str(error), backoff_s)
            else:
                self._health.has("kafka")
                return

    async def _publish_watched(self, records: Sequence[Outgoing]) -> None:
        """Publish; the process is unready while acknowledgements keep it waiting."""
        late = asyncio.get_running_loop().call_later(
            UNREADY_AFTER_S, self._health.waiting_for, "kafka", f"no acknowledgement for {UNREADY_AFTER_S:.0f} s"
        )
        try:
            await self._writer.publish(records)
        finally:
            late.cancel()

    async def states_of(self, partition: int, *, source_log: str | None = None) -> tuple[GroupState, ...]:
        """The states on that partition of news.story-state; unreadable ones are quarantined and left out.

        Those of another log than `source_log`, which came before it, have negative offsets.
        """
        backoff_s = BACKOFF_FIRST_S
        while True:
            try:
                replayed = await self._reader.replay(partition, source_log=source_log)
            except DependencyError as error:
                backoff_s = await self._wait_out(str(error), backoff_s)
                continue
            self._health.has("kafka")
            await self.quarantine(Stage.GROUP, [(incoming, unreadable(error)) for incoming, error in replayed.unreadable])
            log.info("state.replayed", partition=partition, records=replayed.read_count, states=len(replayed.states))
            return replayed.states

    async def word_counts(self) -> tuple[Incoming, ...]:
        """The records on news.word-counts."""
        backoff_s = BACKOFF_FIRST_S
        while True:
            try:
                found = await self._reader.word_counts()
            except DependencyError as error:
                backoff_s = await self._wait_out(str(error), backoff_s)
                continue
            self._health.has("kafka")
            return found

    async def quarantine(self, stage: Stage, failed: Sequence[tuple[Incoming, Failed]]) -> None:
        """Put records on news.quarantine, wait for the acknowledgement, then count and log them."""
        now = datetime.now(UTC)
        for incoming, failure in failed:
            record = self._quarantined(stage, incoming, failure, now)
            try:
                await self.publish([_outgoing(record)])
            except PublishError:
                await self.publish([_outgoing(record.cut())])
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

    def _quarantined(self, stage: Stage, incoming: Incoming, failure: Failed, now: datetime) -> Quarantined:
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

    async def _wait_out(self, why: str, backoff_s: float) -> float:
        self._health.waiting_for("kafka", why)
        log.error("kafka.waiting", error=why, retry_in_s=round(backoff_s, 1))
        await asyncio.sleep(backoff_s * random.uniform(0.8, 1.2))
        return min(BACKOFF_LONGEST_S, backoff_s * 2)


def too_large(error: Exception) -> Failed:
    """The failure of a record whose answer Kafka refuses for its size."""
    return Failed(QuarantineReason.HANDLER_FAILED, str(error), None)


def unreadable(error: RecordError) -> Failed:
    """The failure of bytes that are no record."""
    return Failed(reason_of(error), str(error), None)


def _outgoing(record: Quarantined) -> Outgoing:
    return Outgoing(QUARANTINE, record.sent_key, record.value, headers=tuple(record.headers()))
