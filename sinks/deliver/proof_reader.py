"""Reads news.deliveries to its end, so that a database that was lost or put back learns what was sent before anything is sent.

In: news.deliveries from the offsets in the database. Out: attempts, corrected deliveries, doubts. I/O: Kafka, the database.
A database that knows everything gains nothing by it but the offsets.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from newsmon.codec import decode
from newsmon.errors import DependencyError, RecordError
from newsmon.kafka.connect import open_consumer
from newsmon.kafka.positions.identity import log_id_seen_by
from newsmon.kafka.positions.resume import Resume, StoredPosition, resume_at
from newsmon.kafka.reading import partitions_of, read_to_end
from newsmon.logs import get_logger
from newsmon.metrics import DELIVERY_PROOFS_LEARNED
from newsmon.net.monitoring import Health
from newsmon.records import Delivery
from newsmon.settings import Settings
from newsmon.topics import ALERTS, DELIVERIES, NOTICES
from sinks.database.engine import reading, writing
from sinks.database.faults import DATABASE_ERRORS, SinkFault, fault_of
from sinks.database.offsets import Advance, FencedError, advance_offsets, read_offsets, read_positions
from sinks.outbox.proofs import Learned, doubt, has_doubts, learn

if TYPE_CHECKING:
    from kafka import KafkaConsumer, TopicPartition

CONSUMER = "deliver-proof"  # its name among the consumed offsets
AT_ONCE = 1_000
AGAIN_EVERY_S = 600.0  # keeps the next start short, and finds what another database sent
BACKOFF_FIRST_S, BACKOFF_LONGEST_S = 0.5, 15.0
CLOSE_TIMEOUT_MS = 3_000
WAITS_FOR = "proof"

log = get_logger(__name__)


class ProofReader:
    """`learn_all` before anything is sent; `keep_up` from then on. One thread at a time."""

    def __init__(self, settings: Settings, engine: Engine, health: Health, stop: threading.Event, *, enqueuer: str) -> None:
        """`enqueuer`: the consumer whose offsets tell a new database from one that has read alerts before."""
        self._settings = settings
        self._engine = engine
        self._health = health
        self._stop = stop
        self._enqueuer = enqueuer
        self._topic = DELIVERIES.named(settings.kafka.topic_prefix)

    def learn_all(self) -> bool:
        """Learn everything on the topic, however long Kafka or the database take; False when stopped before that."""
        backoff_s = BACKOFF_FIRST_S
        self._health.waiting_for(WAITS_FOR, "reading what was delivered before")
        while not self._stop.is_set():
            self._health.beat()
            behind_because = self._caught_up()
            if behind_because is None:
                self._health.has(WAITS_FOR)
                return not self._stop.is_set()
            self._health.waiting_for(WAITS_FOR, f"reading what was delivered before: {behind_because}")
            until = time.monotonic() + backoff_s
            while not self._stop.is_set() and (left_s := until - time.monotonic()) > 0:
                self._health.beat()
                self._stop.wait(min(left_s, 1.0))
            backoff_s = min(BACKOFF_LONGEST_S, backoff_s * 2)
        return False

    def keep_up(self) -> None:
        """Learn what is new from time to time until stopped; a failure only makes the next start longer."""
        while not self._stop.wait(AGAIN_EVERY_S):
            self._caught_up()

    def _caught_up(self) -> str | None:
        """Learn what is new; None when that was everything, else why it was not."""
        from kafka.errors import KafkaError

        reason, detail = SinkFault.KAFKA, ""
        try:
            self._catch_up()
        except FencedError as error:  # another deliver process learns at the same time
            reason, detail = SinkFault.FENCED, str(error)
        except (KafkaError, OSError) as error:
            detail = f"{type(error).__name__}: {error}"
        except DependencyError as error:
            detail = str(error)
        except DATABASE_ERRORS as error:
            reason, detail = fault_of(error), str(getattr(error, "orig", None) or error).strip()
            if reason is SinkFault.SCHEMA:
                raise DependencyError("database", f"its tables do not match this version of newsmon: {detail}") from error
        else:
            return None
        if not self._stop.is_set():
            log.warning("deliver.proof_waiting", reason=reason.value, error=detail)
        return detail

    def _catch_up(self) -> None:
        started_at = datetime.now(UTC)
        with reading(self._engine) as connection:
            stored = read_positions(connection, CONSUMER)
            is_new = not read_offsets(connection, self._enqueuer)
        consumer = open_consumer(self._settings, client_id=f"{self._settings.kafka.group_prefix}-proof", group=None)
        try:
            read_by = self._ends(consumer)
            found = self._learn(consumer, stored, read_by)
        finally:
            with contextlib.suppress(Exception):
                consumer.close(autocommit=False, timeout_ms=CLOSE_TIMEOUT_MS)
        if self._stop.is_set():
            return
        if is_new and not found.count:
            # Nothing tells what an earlier database has sent of all this. Whatever comes after this moment is ours.
            with writing(self._engine) as connection:
                if not has_doubts(connection):
                    doubt(connection, read_by, made_until=started_at, now=started_at)
        if found.newest_at is not None:
            log.warning("deliver.database_behind", learned_count=found.count, sent_until=found.newest_at.isoformat(), is_new=is_new)
            DELIVERY_PROOFS_LEARNED.inc(found.count)

    def _ends(self, consumer: KafkaConsumer) -> dict[tuple[str, int], int]:
        """The present ends of the partitions with alerts and notices."""
        prefix = self._settings.kafka.topic_prefix
        partitions = [one for topic in (ALERTS, NOTICES) for one in partitions_of(consumer, topic.named(prefix))]
        return {(one.topic, one.partition): end for one, end in consumer.end_offsets(partitions).items()}

    def _learn(
        self, consumer: KafkaConsumer, stored: Mapping[tuple[str, int], StoredPosition], read_by: dict[tuple[str, int], int]
    ) -> Learned:  # fmt: skip
        partitions = partitions_of(consumer, self._topic)
        beginnings, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
        log_id = log_id_seen_by(consumer, self._topic)
        resumes = {
            one: resume_at(stored.get((one.topic, one.partition)), beginning=beginnings[one], end=ends[one], log_id=log_id)
            for one in partitions
        }
        expected = self._moved(resumes)
        starts = {one: resume.offset for one, resume in resumes.items()}
        unread = [one for one in partitions if starts[one] < ends[one]]
        total = Learned()
        records = read_to_end(consumer, unread, starts={one: starts[one] for one in unread}, ends={one: ends[one] for one in unread},
                              stopped=self._stop)  # fmt: skip
        for batch in _batches(records):
            self._health.beat()
            learned = self._store(batch, expected, read_by, log_id)
            newest = max((at for at in (total.newest_at, learned.newest_at) if at is not None), default=None)
            total = Learned(total.count + learned.count, newest)
        return total

    def _moved(self, resumes: Mapping[TopicPartition, Resume]) -> dict[TopicPartition, int | None]:
        """The stored offsets, moved where the log is another one by now. The store stage reads this topic too, and tells of the loss."""
        moves = [
            Advance(one.topic, one.partition, resume.stored, resume.offset, resume.log_id)
            for one, resume in resumes.items() if resume.changes_row
        ]  # fmt: skip
        if moves:
            with writing(self._engine) as connection:
                advance_offsets(connection, CONSUMER, moves, now=datetime.now(UTC))
        return {one: resume.offset if resume.changes_row else resume.stored for one, resume in resumes.items()}

    def _store(
        self, batch: Sequence[Any], expected: dict[TopicPartition, int | None], read_by: dict[tuple[str, int], int], log_id: str | None
    ) -> Learned:
        from kafka import TopicPartition

        now = datetime.now(UTC)
        reached = {TopicPartition(record.topic, record.partition): record.offset + 1 for record in batch}
        moves = [Advance(one.topic, one.partition, expected[one], offset, log_id) for one, offset in reached.items()]
        with writing(self._engine) as connection:
            advance_offsets(connection, CONSUMER, moves, now=now)
            learned = learn(connection, [one for one in map(_delivery, batch) if one is not None], now=now)
            if learned.newest_at is not None:
                doubt(connection, read_by, made_until=learned.newest_at, now=now)
        expected |= reached
        return learned


def _batches(records: Iterator[Any]) -> Iterator[list[Any]]:
    gathered: list[Any] = []
    for record in records:
        gathered.append(record)
        if len(gathered) == AT_ONCE:
            yield gathered
            gathered = []
    if gathered:
        yield gathered


def _delivery(record: Any) -> Delivery | None:
    try:
        return decode(record.value, Delivery)
    except RecordError as error:  # the store quarantines it
        log.warning("deliver.proof_unreadable", partition=record.partition, offset=record.offset, error=str(error)[:300])
        return None
