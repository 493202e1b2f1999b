"""Which partitions this process holds, and where it stands in each: always what the database says, never Kafka's commits.

A partition that arrives is paused at once; it is read only after its offset came from the database. Kafka's thread
calls in here while the main loop works, so nothing in the callbacks touches the network or the database.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sinks.consumer.resume import Resume, resume_at

if TYPE_CHECKING:
    from kafka import KafkaConsumer, TopicPartition

# What the client raises when Kafka's thread took a partition away between our look and our call.
REVOKED_MEANWHILE = (KeyError, ValueError)


@dataclass(eq=False, slots=True)
class Place:
    """Where one held partition stands: `stored` is what the database says, `position` the next offset to read."""

    stored: int | None
    position: int


class Assignment:
    """The partitions held and their places; `listener` is what the consumer is subscribed with."""

    def __init__(self, consumer: KafkaConsumer, on_assigned: Callable[[frozenset[TopicPartition]], None]) -> None:
        self._consumer = consumer
        self._on_assigned = on_assigned
        self._lock = threading.Lock()
        self._placed: dict[TopicPartition, Place] = {}
        self._unplaced: set[TopicPartition] = set()
        self.listener = _listener(self)

    def assigned(self, partitions: Iterable[TopicPartition]) -> None:
        """Kafka's thread: these were given to us."""
        arrived = frozenset(partitions)
        for partition in arrived:
            self._consumer.pause(partition)
            self._consumer.seek(partition, 0)  # any position: without one the client would ask Kafka for the committed offset
        with self._lock:
            for partition in arrived:
                self._placed.pop(partition, None)
            self._unplaced |= arrived
        self._on_assigned(arrived)

    def revoked(self, partitions: Iterable[TopicPartition]) -> None:
        """Kafka's thread: these are no longer ours. A transaction under way is left alone: the database fences it."""
        with self._lock:
            for partition in partitions:
                self._placed.pop(partition, None)
                self._unplaced.discard(partition)

    def place_of(self, partition: TopicPartition) -> Place | None:
        """None when the partition is not ours, or its offset is still to be read."""
        with self._lock:
            return self._placed.get(partition)

    def unplaced(self) -> set[TopicPartition]:
        with self._lock:
            return set(self._unplaced)

    def unplace(self, partitions: Iterable[TopicPartition] | None = None) -> None:
        """Stop reading these (None: all) until the database has been asked again."""
        with self._lock:
            chosen = set(self._placed) if partitions is None else set(partitions) & set(self._placed)
            for partition in chosen:
                del self._placed[partition]
            self._unplaced |= chosen
        for partition in chosen:
            with suppress(*REVOKED_MEANWHILE):
                self._consumer.pause(partition)

    def place(self, stored: dict[tuple[str, int], int]) -> dict[TopicPartition, Resume]:
        """Put every unplaced partition where the database says, as far as the log still has it, and read on from there."""
        wanted = self.unplaced() & self._consumer.assignment()
        if not wanted:
            with self._lock:
                self._unplaced &= self._consumer.assignment()
            return {}
        beginnings = self._consumer.beginning_offsets(wanted)
        ends = self._consumer.end_offsets(wanted)
        resumes = {
            partition: resume_at(stored.get((partition.topic, partition.partition)), beginning=beginnings[partition], end=ends[partition])
            for partition in wanted
        }
        for partition, resume in resumes.items():
            with self._lock:
                if partition not in self._unplaced:  # revoked in the meantime
                    continue
                self._unplaced.discard(partition)
                self._placed[partition] = Place(resume.stored, resume.offset)
            with suppress(*REVOKED_MEANWHILE):
                self._consumer.seek(partition, resume.offset)
                self._consumer.resume(partition)
        return resumes


def _listener(assignment: Assignment) -> Any:
    from kafka import ConsumerRebalanceListener

    class Listener(ConsumerRebalanceListener):  # type: ignore[misc]
        def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
            assignment.assigned(assigned)

        def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
            assignment.revoked(revoked)

    return Listener()
