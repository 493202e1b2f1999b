"""The consumer loop of every sink: poll a batch, store it together with its offsets, repeat.

Reading resumes from the offsets in the database. Kafka's committed offsets are written afterwards, only for measuring lag.
Faults that may pass (locked, disk full, connection, deadlock, broker away) are waited out: the sink is not ready and skips nothing.

In: topics, a handler. Out: what the handler writes. I/O: Kafka, the database.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from newsmon.errors import RefusedError
from newsmon.kafka.clients import consumer_config, group_id
from newsmon.kafka.connect import reaching_kafka
from newsmon.kafka.prompt_connections import constructed
from newsmon.liveness.dependencies import Stopped, wait_for
from newsmon.logs import get_logger
from newsmon.metrics import (
    DATABASE_UP,
    KAFKA_ASSIGNED,
    KAFKA_COMMITTED,
    KAFKA_REBALANCES,
    SINK_BATCH_DURATION,
    SINK_ERRORS,
    SINK_LAST_COMMIT,
    SINK_ROWS,
    announce_quarantine,
)  # fmt: skip
from newsmon.net.monitoring import Health
from newsmon.quarantine import Stage
from newsmon.settings import Settings
from newsmon.topics import Topic
from sinks.consumer.assignment import Assignment
from sinks.consumer.batch import Batch, BatchFailed, BatchWriter, Handler, Move
from sinks.consumer.kafka_record import KafkaRecord
from sinks.consumer.quarantine_writer import QuarantineWriter
from sinks.consumer.take_positions import announce_losses, take_positions
from sinks.database.faults import SinkFault

if TYPE_CHECKING:
    from kafka import KafkaConsumer, TopicPartition

IDLE_POLL_MS = 1_000  # a record ends it at once; a stop waits for it
IDLE_TURNS = 5  # without a record, after which nothing that failed before can still wait to be written
BACKOFF_FIRST_S = 0.2
BACKOFF_LONGEST_S = 15.0
CLOSE_TIMEOUT_MS = 5_000

log = get_logger(__name__)


class ConsumerLoop:
    """One sink's loop; `run` returns when `stop` is set. Create it in any thread, but use it in one."""

    def __init__(
        self,
        settings: Settings,
        *,
        name: str,
        stage: Stage,
        topics: Sequence[Topic],
        engine: Engine,
        handler: Handler,
        health: Health,
        stop: threading.Event,
        batch_wait_s: float | None = None,
        member: str | None = None,
        after_commit: Callable[[], None] | None = None,
    ) -> None:
        self._settings = settings
        self._name = name
        self._stage = stage
        self._topics = {topic.named(settings.kafka.topic_prefix): topic for topic in topics}
        self._engine = engine
        self._health = health
        self._stop = stop
        self._batch_wait_s = settings.database.batch_wait_s if batch_wait_s is None else batch_wait_s
        self._member = member
        self._after_commit = after_commit
        self._group = group_id(settings, name)
        self._backoff_s = BACKOFF_FIRST_S
        self._quarantine = QuarantineWriter(settings, client_id=f"{self._group}-quarantine")
        self._writer = BatchWriter(
            engine, handler, self._quarantine, name=name, stage=stage, worker=f"{name}@{socket.gethostname()}", beat=health.beat
        )  # fmt: skip
        self._consumer: KafkaConsumer
        self._assignment: Assignment
        self._held: frozenset[tuple[str, int]] = frozenset()
        self._idle_count = 0
        self._announce()

    def run(self) -> None:
        """Consume until stopped, and wait for Kafka. RefusedError: it lets us not in, or the tables are not ours."""
        self._health.waiting_for("partitions", "no partitions assigned yet")
        with suppress(Stopped):
            self._consume(wait_for("kafka", self._connected, self._health, self._stop))

    def held(self) -> frozenset[tuple[str, int]]:
        """The partitions assigned to us, by (topic, partition)."""
        return self._held

    def _connected(self) -> KafkaConsumer:
        from kafka import KafkaConsumer

        config = consumer_config(self._settings, client_id=self._group, group=self._group, member=self._member)
        with reaching_kafka(self._settings):
            # With an offset the log no longer has, the client must raise an error rather than silently choose another.
            return constructed(KafkaConsumer, config | {"auto_offset_reset": "none"})

    def _consume(self, consumer: KafkaConsumer) -> None:
        from kafka.errors import KafkaError

        self._consumer = consumer
        self._assignment = Assignment(self._consumer, self._on_assigned)
        try:
            self._consumer.subscribe(list(self._topics), listener=self._assignment.listener)
            with self._quarantine:
                while not self._stop.is_set():
                    self._health.beat()
                    try:
                        self._turn()
                    except BatchFailed as failure:
                        self._wait_out(failure)
        finally:
            with suppress(KafkaError):
                self._consumer.close(autocommit=False, timeout_ms=CLOSE_TIMEOUT_MS)

    def _turn(self) -> None:
        self._assignment.drop_replaced()
        if self._assignment.without_position():
            self._position()
        batch = self._gather()
        if batch.moves:
            self._idle_count = 0
            self._writer.store(batch)
            self._committed(batch)
        elif not self._assignment.without_position():
            self._idle_count += 1
            if self._idle_count == IDLE_TURNS:
                self._nothing_waits()

    def _position(self) -> None:
        if take_positions(self._engine, self._assignment, consumer=self._name):
            self._health.has("partitions")

    def _gather(self) -> Batch:
        """Poll until the batch is full, or batch_wait_s after its first records."""
        size = self._settings.database.batch_size
        gathered = self._poll(IDLE_POLL_MS, size)
        deadline = time.monotonic() + self._batch_wait_s
        count = sum(map(len, gathered.values()))
        while 0 < count < size and not self._stop.is_set() and (left_s := deadline - time.monotonic()) > 0:
            for partition, more in self._poll(max(1, int(left_s * 1000)), size - count).items():
                gathered.setdefault(partition, []).extend(more)
                count += len(more)
        return self._batch(gathered)

    def _poll(self, timeout_ms: int, size: int) -> dict[TopicPartition, list[Any]]:
        from kafka.errors import AuthorizationError, KafkaError, LogTruncationError, NoOffsetForPartitionError, OffsetOutOfRangeError

        try:
            polled: dict[TopicPartition, list[Any]] = self._consumer.poll(timeout_ms=timeout_ms, max_records=size)
        except OffsetOutOfRangeError as error:
            self._assignment.drop_positions(error.args[0])
            raise BatchFailed(SinkFault.LOG_TRUNCATED, f"the log no longer has {error.args[0]}") from error
        except LogTruncationError as error:
            self._assignment.drop_truncated(error.divergent_offsets)
            raise BatchFailed(SinkFault.LOG_TRUNCATED, f"the log no longer continues what was read of it: {error}") from error
        except NoOffsetForPartitionError:  # assigned just now, and the listener has not been called yet
            return {}
        except AuthorizationError as error:
            raise RefusedError("Kafka", f"no permission to read: {error}. Check the user's permissions.") from error
        except (KafkaError, OSError) as error:
            raise BatchFailed(SinkFault.KAFKA, f"{type(error).__name__}: {error}") from error
        return polled

    def _batch(self, gathered: dict[TopicPartition, list[Any]]) -> Batch:
        records: list[KafkaRecord] = []
        moves: dict[TopicPartition, Move] = {}
        for partition, polled in sorted(gathered.items()):
            position = self._assignment.position_of(partition)
            if position is None:  # revoked, or moved, while we gathered
                continue
            fresh = [one for one in polled if one.offset >= position.next_offset]
            if fresh:
                records.extend(self._received(one) for one in fresh)
                moves[partition] = Move(position, fresh[-1].offset + 1, _epoch_of(fresh[-1]))
        return Batch(tuple(records), moves)

    def _received(self, raw: Any) -> KafkaRecord:
        return KafkaRecord(self._topics[raw.topic], raw.topic, raw.partition, raw.offset, raw.key, raw.value, tuple(raw.headers))

    def _committed(self, batch: Batch) -> None:
        from kafka.structs import OffsetAndMetadata

        for move in batch.moves.values():
            move.position.stored = move.position.next_offset = move.next_offset
        self._nothing_waits()
        SINK_LAST_COMMIT.labels(self._name).set_to_current_time()
        for name, count in Counter(received.topic.base_name for received in batch.records).items():
            KAFKA_COMMITTED.labels(self._group, name).inc(count)
        # Only for measuring lag: the database holds the offsets, so nothing waits for the answer.
        self._consumer.commit_async({tp: OffsetAndMetadata(move.next_offset, "", -1) for tp, move in batch.moves.items()})
        if self._after_commit is not None:
            self._after_commit()

    def _nothing_waits(self) -> None:
        """Kafka and the database have taken all there was. Nothing else would say so where no record follows for hours."""
        self._backoff_s = BACKOFF_FIRST_S
        self._health.has("database")
        DATABASE_UP.labels(self._name).set(1)
        self._health.has("kafka")

    def _wait_out(self, failure: BatchFailed) -> None:
        """Drop the batch, wait while staying in the group, and read the offsets from the database again."""
        SINK_ERRORS.labels(self._name, failure.fault.value).inc()
        self._assignment.drop_positions()
        self._idle_count = 0
        if failure.fault in (SinkFault.FENCED, SinkFault.LOG_TRUNCATED):
            log.warning("sink.position_lost", reason=failure.fault.value, error=failure.detail)
            self._stop.wait(BACKOFF_FIRST_S)
            return
        what = "kafka" if failure.fault in (SinkFault.KAFKA, SinkFault.QUARANTINE) else "database"
        self._health.waiting_for(what, f"{failure.fault}: {failure.detail}")
        if what == "database":
            DATABASE_UP.labels(self._name).set(0)
        log.error("sink.waiting", reason=failure.fault.value, error=failure.detail, retry_in_s=round(self._backoff_s, 1))
        until = time.monotonic() + self._backoff_s
        self._backoff_s = min(BACKOFF_LONGEST_S, self._backoff_s * 2)
        while not self._stop.is_set() and (left_s := until - time.monotonic()) > 0:
            self._health.beat()
            self._stay_in_group(left_s)

    def _stay_in_group(self, at_most_s: float) -> None:
        from kafka.errors import KafkaError, NoOffsetForPartitionError

        try:
            self._consumer.poll(timeout_ms=int(min(at_most_s, 1.0) * 1000))  # every partition is paused: this only keeps the membership
        except NoOffsetForPartitionError:
            self._stop.wait(0.05)
        except (KafkaError, OSError):
            self._stop.wait(min(at_most_s, 1.0))

    def _on_assigned(self, partitions: frozenset[TopicPartition]) -> None:
        KAFKA_REBALANCES.labels(self._group).inc()
        self._held = frozenset((partition.topic, partition.partition) for partition in partitions)
        held = dict.fromkeys(self._topics, 0)
        for partition in partitions:
            held[partition.topic] += 1
        for name, count in held.items():
            KAFKA_ASSIGNED.labels(self._group, self._topics[name].base_name).set(count)
        if not partitions:
            self._health.has("partitions")

    def _announce(self) -> None:
        announce_quarantine([self._stage])
        DATABASE_UP.labels(self._name).set(1)  # it has answered before this loop starts
        SINK_ROWS.labels(self._name)
        SINK_BATCH_DURATION.labels(self._name)
        KAFKA_REBALANCES.labels(self._group)
        announce_losses(self._name)
        for fault in SinkFault:
            SINK_ERRORS.labels(self._name, fault.value)
        for topic in self._topics.values():
            KAFKA_COMMITTED.labels(self._group, topic.base_name)
            KAFKA_ASSIGNED.labels(self._group, topic.base_name)


def _epoch_of(raw: Any) -> int | None:
    """The leader epoch a record was written under; None where Kafka does not tell."""
    epoch: int | None = raw.leader_epoch
    return epoch if epoch is not None and epoch >= 0 else None
