"""One record as it came off a topic: its place there, its bytes, and the record in them when they can be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsmon.codec import decode_one_of
from newsmon.quarantine import Quarantined, Stage, reason_of
from newsmon.records import Record
from newsmon.topics import Topic


@dataclass(frozen=True, slots=True)
class KafkaRecord:
    """One record read; `record` is None on a topic of raw bytes and for a tombstone of a compacted topic."""

    topic: Topic
    topic_name: str  # on the cluster, with its prefix
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    record: Record | None = None


def read_record(topic: Topic, value: bytes | None) -> Record | None:
    """The record in the bytes; RecordError when there is none."""
    if topic.record is None or (topic.compacted and value is None):
        return None
    return decode_one_of(value, topic.records)


def to_quarantine(received: KafkaRecord, error: BaseException, *, stage: Stage, worker: str, now: datetime) -> Quarantined:
    """The quarantine record for one that could not be read or stored."""
    return Quarantined(
        stage=stage,
        reason=reason_of(error),
        topic=received.topic_name,
        partition=received.partition,
        offset=received.offset,
        error=f"{type(error).__name__}: {error}",
        at=now,
        worker=worker,
        key=received.key,
        value=received.value,
    )
