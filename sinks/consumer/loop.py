"""The consumer loop of every sink: poll, hand the batch to a handler inside one transaction with the offsets, repeat.

A record is stored exactly when the offset behind it is: both are in the same transaction, and reading resumes from the
database. Kafka's committed offsets are written afterwards, for those who measure lag.

- A record that cannot be read goes to the quarantine topic, acknowledged, before the transaction that moves past it.
- A batch the database refuses for its values is tried record by record; only the bad ones are set aside.
- Anything time may mend (locked, disk full, connection, deadlock, a broker away) waits, unready, and skips nothing.

In: topics, a handler. Out: what the handler writes. I/O: Kafka, the database.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine

from newsmon.errors import DependencyError, PublishError, RecordError
from newsmon.kafka.clients import consumer_config, group_id
from newsmon.kafka.connect import reaching_kafka
from newsmon.logs import get_logger
from newsmon.metrics import (
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
from sinks.consumer.assignment import Assignment, Place
from sinks.consumer.quarantine_writer import Asides
from sinks.consumer.received import Received, read_record, set_aside
from sinks.consumer.resume import Resume
from sinks.database.engine import reading, writing
from sinks.database.faults import DATABASE_ERRORS, SinkFault, fault_of
from sinks.database.offsets import Advance, FencedError, advance_offsets, read_offsets

if TYPE_CHECKING:
    from kafka import KafkaConsumer, TopicPartition

# Writes the batch on the connection and returns how many rows that made. It must do nothing else: it may be called
# again with the same records, and what it wrote may be rolled back.
Handler = Callable[[Connection, Sequence[Received]], int]

IDLE_POLL_MS = 500
BACKOFF_FIRST_S = 0.2
BACKOFF_LONGEST_S = 15.0
CLOSE_TIMEOUT_MS = 5_000

log = get_logger(__name__)


class _Setback(Exception):
    """The turn came to nothing; nothing was stored, nothing is skipped."""

    def __init__(self, fault: SinkFault, detail: str) -> None:
        self.fault = fault
        self.detail = detail
        super().__init__(f"{fault}: {detail}")


@dataclass(frozen=True, slots=True)
class _Batch:
    """Records in order, and where each of their partitions stands afterwards."""

    records: tuple[Received, ...]
    places: dict[TopicPartition, tuple[Place, int]]


class Consume:
    """One sink's loop; `run` returns when `stop` is set. Create it in the process's main thread or another, but use it in one."""

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
        self._handler = handler
        self._health = health
        self._stop = stop
        self._batch_wait_s = settings.database.batch_wait_s if batch_wait_s is None else batch_wait_s
        self._member = member
        self._after_commit = after_commit
        self._group = group_id(settings, name)
        self._worker = f"{name}@{socket.gethostname()}"
        self._backoff_s = BACKOFF_FIRST_S
        self._asides = Asides(settings, client_id=f"{self._group}-quarantine")
        self._consumer: KafkaConsumer
        self._assignment: Assignment
        self._announce()

    def run(self) -> None:
        """Consume until stopped. DependencyError when Kafka is out of reach at the start, or the tables are not ours."""
        from kafka import KafkaConsumer

        self._health.waiting_for("partitions", "no partitions assigned yet")
        config = consumer_config(self._settings, client_id=self._group, group=self._group, member=self._member)
        with reaching_kafka(self._settings):
            # An offset the log no longer has must be seen here, not silently replaced by the client.
            self._consumer = KafkaConsumer(**config | {"auto_offset_reset": "none"})
        self._assignment = Assignment(self._consumer, self._on_assigned)
        try:
            self._consumer.subscribe(list(self._topics), listener=self._assignment.listener)
            with self._asides:
                while not self._stop.is_set():
                    self._health.beat()
                    try:
                        self._turn()
                    except _Setback as setback:
                        self._sit_out(setback)
        finally:
            self._consumer.close(autocommit=False, timeout_ms=CLOSE_TIMEOUT_MS)

    def _turn(self) -> None:
        if self._assignment.unplaced():
            self._place()
        batch = self._gather()
        if batch.places:
            self._store(batch)

    def _place(self) -> None:
        from kafka.errors import KafkaError

        try:
            with reading(self._engine) as connection:
                stored = read_offsets(connection, self._name)
        except DATABASE_ERRORS as error:
            raise self._database_setback(error) from error
        try:
            resumes = self._assignment.place(stored)
        except (KafkaError, OSError) as error:
            raise _Setback(SinkFault.KAFKA, f"{type(error).__name__}: {error}") from error
        if resumes:
            log.info("offsets.resumed", partition_count=len(resumes))
        for partition, resume in resumes.items():
            if resume.lost:
                self._tell_loss(partition, resume)
        if not self._assignment.unplaced():
            self._health.has("partitions")

    def _tell_loss(self, partition: TopicPartition, resume: Resume) -> None:
        told = {"topic": partition.topic, "partition": partition.partition, "offset": resume.offset, "reason": resume.reason.value}
        SINK_ERRORS.labels(self._name, SinkFault.LOG_TRUNCATED.value).inc()
        log.error("offsets.records_lost", **told, stored_offset=resume.stored, lost_count=resume.lost_count)

    def _gather(self) -> _Batch:
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
        from kafka.errors import AuthorizationError, KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError

        try:
            polled: dict[TopicPartition, list[Any]] = self._consumer.poll(timeout_ms=timeout_ms, max_records=size)
        except OffsetOutOfRangeError as error:
            self._assignment.unplace(error.args[0])
            raise _Setback(SinkFault.LOG_TRUNCATED, f"the log no longer has {error.args[0]}") from error
        except NoOffsetForPartitionError:  # assigned this very moment, the listener has not yet been called
            return {}
        except AuthorizationError as error:
            raise DependencyError("Kafka", f"may not read: {error}. Check what this user may do.") from error
        except (KafkaError, OSError) as error:
            raise _Setback(SinkFault.KAFKA, f"{type(error).__name__}: {error}") from error
        return polled

    def _batch(self, gathered: dict[TopicPartition, list[Any]]) -> _Batch:
        records: list[Received] = []
        places: dict[TopicPartition, tuple[Place, int]] = {}
        for partition, polled in sorted(gathered.items()):
            place = self._assignment.place_of(partition)
            if place is None:  # taken away, or moved, while we gathered
                continue
            fresh = [self._received(one) for one in polled if one.offset >= place.position]
            if fresh:
                records.extend(fresh)
                places[partition] = (place, fresh[-1].offset + 1)
        return _Batch(tuple(records), places)

    def _received(self, raw: Any) -> Received:
        return Received(self._topics[raw.topic], raw.topic, raw.partition, raw.offset, raw.key, raw.value, tuple(raw.headers))

    def _store(self, batch: _Batch) -> None:
        good: list[Received] = []
        bad: list[tuple[Received, BaseException]] = []
        for received in batch.records:
            try:
                good.append(replace(received, record=read_record(received.topic, received.value)))
            except RecordError as error:
                bad.append((received, error))
        self._put_aside(bad)
        while not self._stored(batch, good):
            refused = self._refused(good)
            if not refused:  # each alone is welcome: what stood in the way has gone
                raise _Setback(SinkFault.DATA, "the batch was refused, its records one by one were not")
            self._put_aside(refused)
            gone = {id(received) for received, _error in refused}
            good = [received for received in good if id(received) not in gone]
        self._committed(batch)

    def _stored(self, batch: _Batch, good: Sequence[Received]) -> bool:
        """Store the records and the offsets; False when a value was refused. Nothing is stored then."""
        moves = [
            Advance(partition.topic, partition.partition, place.stored, next_offset)
            for partition, (place, next_offset) in batch.places.items()
        ]
        started = time.monotonic()
        try:
            with writing(self._engine) as connection:
                advance_offsets(connection, self._name, moves, now=datetime.now(UTC))
                row_count = self._handler(connection, good) if good else 0
        except FencedError as error:
            raise _Setback(SinkFault.FENCED, str(error)) from error
        except DATABASE_ERRORS as error:
            if fault_of(error) is SinkFault.DATA:
                SINK_ERRORS.labels(self._name, SinkFault.DATA.value).inc()
                return False
            raise self._database_setback(error) from error
        SINK_BATCH_DURATION.labels(self._name).observe(time.monotonic() - started)
        SINK_ROWS.labels(self._name).inc(row_count)
        return True

    def _refused(self, records: Sequence[Received]) -> list[tuple[Received, BaseException]]:
        """Try each record alone, roll everything back, and return those the database will not have."""
        refused: list[tuple[Received, BaseException]] = []
        try:
            with self._engine.connect() as connection, connection.begin() as outer:
                for received in records:
                    self._health.beat()
                    try:
                        with connection.begin_nested():
                            self._handler(connection, [received])
                    except DATABASE_ERRORS as error:
                        if fault_of(error) is not SinkFault.DATA:
                            raise
                        refused.append((received, error))
                outer.rollback()
        except DATABASE_ERRORS as error:
            raise self._database_setback(error) from error
        return refused

    def _put_aside(self, bad: Sequence[tuple[Received, BaseException]]) -> None:
        if not bad:
            return
        now = datetime.now(UTC)
        try:
            self._asides.put([set_aside(received, error, stage=self._stage, worker=self._worker, now=now) for received, error in bad])
        except (PublishError, DependencyError) as error:
            raise _Setback(SinkFault.QUARANTINE, str(error)) from error

    def _committed(self, batch: _Batch) -> None:
        from kafka.structs import OffsetAndMetadata

        for place, next_offset in batch.places.values():
            place.stored = place.position = next_offset
        self._backoff_s = BACKOFF_FIRST_S
        self._health.has("database")
        self._health.has("kafka")
        SINK_LAST_COMMIT.labels(self._name).set_to_current_time()
        for name, count in Counter(received.topic.base_name for received in batch.records).items():
            KAFKA_COMMITTED.labels(self._group, name).inc(count)
        # For those who measure lag; the database is the truth, so nobody waits for the answer.
        self._consumer.commit_async({tp: OffsetAndMetadata(after, "", -1) for tp, (_place, after) in batch.places.items()})
        if self._after_commit is not None:
            self._after_commit()

    def _database_setback(self, error: BaseException) -> _Setback:
        fault = fault_of(error)
        detail = str(getattr(error, "orig", None) or error).strip()
        if fault is SinkFault.SCHEMA:
            raise DependencyError("database", f"its tables are not what this newsmon knows: {detail}") from error
        return _Setback(fault, detail)

    def _sit_out(self, setback: _Setback) -> None:
        """Forget what was gathered, wait while staying in the group, and ask the database for the offsets again."""
        SINK_ERRORS.labels(self._name, setback.fault.value).inc()
        self._assignment.unplace()
        if setback.fault in (SinkFault.FENCED, SinkFault.LOG_TRUNCATED):
            log.warning("sink.position_lost", reason=setback.fault.value, error=setback.detail)
            self._stop.wait(BACKOFF_FIRST_S)
            return
        what = "kafka" if setback.fault in (SinkFault.KAFKA, SinkFault.QUARANTINE) else "database"
        self._health.waiting_for(what, f"{setback.fault}: {setback.detail}")
        log.error("sink.waiting", reason=setback.fault.value, error=setback.detail, retry_in_s=round(self._backoff_s, 1))
        until = time.monotonic() + self._backoff_s
        self._backoff_s = min(BACKOFF_LONGEST_S, self._backoff_s * 2)
        while not self._stop.is_set() and (left_s := until - time.monotonic()) > 0:
            self._health.beat()
            self._stay_in_group(left_s)

    def _stay_in_group(self, at_most_s: float) -> None:
        from kafka.errors import KafkaError, NoOffsetForPartitionError

        try:
            self._consumer.poll(timeout_ms=int(min(at_most_s, 1.0) * 1000))  # all is paused: this only keeps the membership
        except NoOffsetForPartitionError:
            self._stop.wait(0.05)
        except (KafkaError, OSError):
            self._stop.wait(min(at_most_s, 1.0))

    def _on_assigned(self, partitions: frozenset[TopicPartition]) -> None:
        KAFKA_REBALANCES.labels(self._group).inc()
        held = dict.fromkeys(self._topics, 0)
        for partition in partitions:
            held[partition.topic] += 1
        for name, count in held.items():
            KAFKA_ASSIGNED.labels(self._group, self._topics[name].base_name).set(count)
        if not partitions:
            self._health.has("partitions")

    def _announce(self) -> None:
        announce_quarantine([self._stage])
        SINK_ROWS.labels(self._name)
        SINK_BATCH_DURATION.labels(self._name)
        SINK_LAST_COMMIT.labels(self._name)
        KAFKA_REBALANCES.labels(self._group)
        for fault in SinkFault:
            SINK_ERRORS.labels(self._name, fault.value)
        for topic in self._topics.values():
            KAFKA_COMMITTED.labels(self._group, topic.base_name)
            KAFKA_ASSIGNED.labels(self._group, topic.base_name)
