"""Raw Kafka records as the processor reads and writes them, without a Kafka client.

In: nothing. Out: `Incoming` and `Outgoing`, the size limit of a value, and `fitting`, which enforces it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from newsmon.kafka.limits import MAX_RECORD_BYTES
from newsmon.topics import Topic

# Leaves room in the largest record that Kafka accepts for key, headers and framing.
LARGEST_VALUE_BYTES = MAX_RECORD_BYTES - 64 * 1024


@dataclass(frozen=True, slots=True)
class Incoming:
    """One record as read: `topic` is its full name on the cluster; `value` None is a tombstone."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None

    @classmethod
    def of(cls, record: Any) -> Incoming:
        """The record of any Kafka client that names the five fields like this one."""
        return cls(record.topic, record.partition, record.offset, record.key, record.value)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to send; with `partition` None the key chooses it, and `value` None deletes the key's record."""

    topic: Topic
    key: bytes | None
    value: bytes | None
    partition: int | None = None
    headers: tuple[tuple[str, bytes], ...] = ()


class OutputTooLargeError(Exception):
    """An answer that Kafka would refuse for its size: the fault of the record that led to it, not of the broker."""


def fitting(outgoing: Iterable[Outgoing]) -> tuple[Outgoing, ...]:
    """The records, all of them small enough for Kafka. Raises OutputTooLargeError."""
    records = tuple(outgoing)
    for one in records:
        if one.value is not None and len(one.value) > LARGEST_VALUE_BYTES:
            raise OutputTooLargeError(f"a record for {one.topic.base_name} has {len(one.value)} bytes; Kafka takes {LARGEST_VALUE_BYTES}")
    return records
