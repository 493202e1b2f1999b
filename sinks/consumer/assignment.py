"""The partitions this process holds and its position in each, taken from the database, never from Kafka's commits.

A newly assigned partition is paused at once and read only once its offset came from the database. Kafka's thread calls in here
while the main loop works, so the callbacks touch neither network nor database.

A topic that is deleted and created again while we run keeps its name: the client goes on at the old offset of the new log. So the
log's identity in the client's metadata is compared with that of the position, before each batch.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsmon.kafka.positions.identity import log_id_seen_by
from newsmon.kafka.positions.resume import Resume, StoredPosition, resume_at
from newsmon.kafka.reading import paused_listener

if TYPE_CHECKING:
    from kafka import KafkaConsumer, TopicPartition

# The client raises these when Kafka's thread took a partition away between our look and our call.
REVOKED_MEANWHILE = (KeyError, ValueError)


@dataclass(eq=False, slots=True)
class Position:
    """The position in one partition of one log: `stored` is the offset in the database (None: no row yet)."""

    stored: int | None
    next_offset: int
    log_id: str | None = None


class Assignment:
    """The partitions held and the position in each; subscribe with `listener`."""

    def __init__(self, consumer: KafkaConsumer, on_assigned: Callable[[frozenset[TopicPartition]], None]) -> None:
        self._consumer = consumer
        self._on_assigned = on_assigned
        self._lock = threading.Lock()
        self._positions: dict[TopicPartition, Position] = {}
        self._without_position: set[TopicPartition] = set()
        self._truncated: set[TopicPartition] = set()
        self.listener = paused_listener(consumer, self.assigned, self.revoked)

    def assigned(self, partitions: frozenset[TopicPartition]) -> None:
        """Kafka's thread: these partitions were given to us."""
        with self._lock:
            for partition in partitions:
                self._positions.pop(partition, None)
            self._without_position |= partitions
        self._on_assigned(partitions)

    def revoked(self, partitions: frozenset[TopicPartition]) -> None:
        """Kafka's thread: these are no longer ours. A running transaction goes on: the database fences it."""
        with self._lock:
            for partition in partitions:
                self._positions.pop(partition, None)
                self._without_position.discard(partition)

    def position_of(self, partition: TopicPartition) -> Position | None:
        """None when the partition is not ours, or its offset has not been read yet."""
        with self._lock:
            return self._positions.get(partition)

    def without_position(self) -> set[TopicPartition]:
        with self._lock:
            return set(self._without_position)

    def drop_positions(self, partitions: Iterable[TopicPartition] | None = None) -> None:
        """Stop reading these partitions (None: all) until `set_positions`."""
        with self._lock:
            chosen = set(self._positions) if partitions is None else set(partitions) & set(self._positions)
            for partition in chosen:
                del self._positions[partition]
            self._without_position |= chosen
        for partition in chosen:
            with suppress(*REVOKED_MEANWHILE):
                self._consumer.pause(partition)

    def drop_replaced(self) -> set[TopicPartition]:
        """Stop reading the partitions whose topic is another one by now, or whose log has become known; returns them."""
        with self._lock:
            held = {partition: position.log_id for partition, position in self._positions.items()}
        now = {topic: log_id_seen_by(self._consumer, topic) for topic in {partition.topic for partition in held}}
        replaced = {partition for partition, log_id in held.items() if now[partition.topic] not in (None, log_id)}
        if replaced:
            self.drop_positions(replaced)
        return replaced

    def drop_truncated(self, partitions: Iterable[TopicPartition]) -> None:
        """Stop reading these partitions: Kafka says that their log does not continue what was read of it."""
        with self._lock:
            self._truncated |= set(partitions)
        self.drop_positions(partitions)

    def resumes(self, stored: Mapping[tuple[str, int], StoredPosition]) -> dict[TopicPartition, Resume]:
        """Where to resume every partition without a position; `set_positions` then does so."""
        wanted = self.without_position() & self._consumer.assignment()
        with self._lock:
            self._without_position &= self._consumer.assignment()
            truncated = self._truncated & wanted
        if not wanted:
            return {}
        # First the identity: what replaces the log in the meantime is then noticed by `drop_replaced`.
        log_ids = {topic: log_id_seen_by(self._consumer, topic) for topic in {partition.topic for partition in wanted}}
        beginnings = self._consumer.beginning_offsets(wanted)
        ends = self._consumer.end_offsets(wanted)
        return {
            partition: resume_at(
                stored.get((partition.topic, partition.partition)), beginning=beginnings[partition], end=ends[partition],
                log_id=log_ids[partition.topic], truncated=partition in truncated,
            )
            for partition in wanted
        }  # fmt: skip

    def set_positions(self, resumes: Mapping[TopicPartition, Resume]) -> None:
        """Move these partitions to their offsets, and read on from there; the database holds the same offsets by now."""
        from kafka.structs import OffsetAndMetadata

        for partition, resume in resumes.items():
            with self._lock:
                if partition not in self._without_position:  # revoked in the meantime
                    continue
                self._without_position.discard(partition)
                self._truncated.discard(partition)
                stored = resume.offset if resume.changes_row else resume.stored
                self._positions[partition] = Position(stored, resume.offset, resume.log_id)
            with suppress(*REVOKED_MEANWHILE):
                self._consumer.seek(partition, resume.offset)
                if resume.leader_epoch is not None:  # with it, the broker compares its log's history with ours at the first fetch
                    at = OffsetAndMetadata(resume.offset, "", resume.leader_epoch)
                    self._consumer._subscription.seek(partition, at)  # noqa: SLF001 - the public method takes no epoch
                self._consumer.resume(partition)
