"""The partitions this process holds and its position in each, taken from the database, never from Kafka's commits.

A newly assigned partition is paused at once and read only once its offset came from the database. Kafka's thread calls in here
while the main loop works, so the callbacks touch neither network nor database.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsmon.kafka.reading import paused_listener
from sinks.consumer.resume import Resume, resume_at

if TYPE_CHECKING:
    from kafka import KafkaConsumer, TopicPartition

# The client raises these when Kafka's thread took a partition away between our look and our call.
REVOKED_MEANWHILE = (KeyError, ValueError)


@dataclass(eq=False, slots=True)
class Position:
    """The position in one partition: `stored` is the offset in the database (None: no row yet)."""

    stored: int | None
    next_offset: int


class Assignment:
    """The partitions held and the position in each; subscribe with `listener`."""

    def __init__(self, consumer: KafkaConsumer, on_assigned: Callable[[frozenset[TopicPartition]], None]) -> None:
        self._consumer = consumer
        self._on_assigned = on_assigned
        self._lock = threading.Lock()
        self._positions: dict[TopicPartition, Position] = {}
        self._without_position: set[TopicPartition] = set()
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

    def set_positions(self, stored: dict[tuple[str, int], int]) -> dict[TopicPartition, Resume]:
        """Move every partition without a position to its stored offset, as far as the log still has it, and read on from there."""
        wanted = self.without_position() & self._consumer.assignment()
        if not wanted:
            with self._lock:
                self._without_position &= self._consumer.assignment()
            return {}
        beginnings = self._consumer.beginning_offsets(wanted)
        ends = self._consumer.end_offsets(wanted)
        resumes = {
            partition: resume_at(stored.get((partition.topic, partition.partition)), beginning=beginnings[partition], end=ends[partition])
            for partition in wanted
        }
        for partition, resume in resumes.items():
            with self._lock:
                if partition not in self._without_position:  # revoked in the meantime
                    continue
                self._without_position.discard(partition)
                self._positions[partition] = Position(resume.stored, resume.offset)
            with suppress(*REVOKED_MEANWHILE):
                self._consumer.seek(partition, resume.offset)
                self._consumer.resume(partition)
        return resumes
