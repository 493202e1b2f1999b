"""Lists quarantined records, and replays them: sends their bytes back to the topic they came from.

In: what to select. Out: rows, outcomes. I/O: the database, Kafka.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Engine, func, select, tuple_, update

from newsmon.errors import Problem, SettingsError
from newsmon.kafka.connect import open_producer, reaching_kafka
from newsmon.kafka.publisher import abandon
from newsmon.settings import Settings
from newsmon.topics import ALL_TOPICS, QUARANTINE
from sinks.database.engine import reading, writing
from sinks.database.tables import quarantined
from sinks.ledger.tally import Offsets, before_offsets

if TYPE_CHECKING:
    from kafka import KafkaProducer

REPLAY_HEADER = "newsmon-replay-of"
ACK_TIMEOUT_S = 30.0
CHUNK = 200


@dataclass(frozen=True, slots=True, order=True)
class QuarantineId:
    """Names one record in quarantine: the stage that quarantined it, and the place of the original."""

    stage: str
    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.stage}:{self.topic}/{self.partition}/{self.offset}"

    @classmethod
    def parse(cls, text: str) -> QuarantineId:
        """The id in its `str` form; SettingsError for anything else."""
        stage, colon, where = text.partition(":")
        parts = where.rsplit("/", 2)
        if not colon or len(parts) != 3 or not (parts[1].isdecimal() and parts[2].isdecimal()):
            raise SettingsError([Problem("argument:ID", f"{text!r} is not STAGE:TOPIC/PARTITION/OFFSET, as `quarantine list` shows it")])
        return cls(stage, parts[0], int(parts[1]), int(parts[2]))


@dataclass(frozen=True, slots=True)
class QuarantinedRecord:
    """One record in quarantine; `value` is exactly what was read."""

    id: QuarantineId
    reason: str
    error: str
    quarantined_at: datetime
    worker: str
    key: bytes | None
    value: bytes | None
    replayed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A selection of records: all given conditions must hold; `replayed` None means both those replayed before and not."""

    id: QuarantineId | None = None
    stage: str | None = None
    reason: str | None = None
    replayed: bool | None = None
    before: Offsets | None = None  # only records before these offsets of the quarantine topic

    def conditions(self) -> list[ColumnElement[bool]]:
        found = []
        if self.id is not None:
            found += [
                quarantined.c.stage == self.id.stage,
                quarantined.c.topic == self.id.topic,
                quarantined.c.partition == self.id.partition,
                quarantined.c.offset == self.id.offset,
            ]
        if self.stage is not None:
            found.append(quarantined.c.stage == self.stage)
        if self.reason is not None:
            found.append(quarantined.c.reason == self.reason)
        if self.replayed is not None:
            found.append(quarantined.c.replayed_at.is_not(None) if self.replayed else quarantined.c.replayed_at.is_(None))
        if self.before is not None:
            found.append(before_offsets(quarantined, self.before))
        return found


class Refusal(StrEnum):
    """The reason why a record is not replayed."""

    NO_BYTES = "no_bytes"  # nothing to send; on a compacted topic an empty record would be a deletion
    FOREIGN_TOPIC = "foreign_topic"  # not one of our topics
    QUARANTINE_ITSELF = "quarantine_itself"  # the record would return at once


@dataclass(frozen=True, slots=True)
class Replayed:
    """The outcome for one record: replayed (`refusal` None), or refused."""

    id: QuarantineId
    refusal: Refusal | None


def newest(engine: Engine, wanted: Wanted, *, limit: int) -> list[QuarantinedRecord]:
    """At most `limit` records, last quarantined first."""
    order = (quarantined.c.quarantined_at.desc(), *quarantined.primary_key.columns)
    with reading(engine) as connection:
        rows = connection.execute(select(quarantined).where(*wanted.conditions()).order_by(*order).limit(limit)).mappings()
        return [_record(dict(row)) for row in rows]


def refusal_of(record: QuarantinedRecord, topic_prefix: str) -> Refusal | None:
    """The reason why a record must not be replayed; None when it may."""
    if record.id.topic == QUARANTINE.named(topic_prefix):
        return Refusal.QUARANTINE_ITSELF
    if record.id.topic not in {topic.named(topic_prefix) for topic in ALL_TOPICS}:
        return Refusal.FOREIGN_TOPIC
    return Refusal.NO_BYTES if not record.value else None


def replay(settings: Settings, engine: Engine, wanted: Wanted, *, dry_run: bool) -> Iterator[Replayed]:
    """Send the original bytes back to their topics in their old order, and mark each record once Kafka has acknowledged it.

    Every effect is repeatable, so a record that only one stage had quarantined does no harm in the others. DependencyError when Kafka
    does not acknowledge: the records marked by then were sent, the rest were not.
    """
    producer = None if dry_run else open_producer(settings, client_id="newsmon-quarantine-replay")
    try:
        after: QuarantineId | None = None
        # A record that fails again returns as a new one while we are still sending; without a limit this would never end.
        wanted = dataclasses.replace(wanted, before=_known_until(engine))
        while chunk := _chunk(engine, wanted, after):
            after = chunk[-1].id
            refusals = [(one, refusal_of(one, settings.kafka.topic_prefix)) for one in chunk]
            if producer is not None:
                sent = [one for one, refusal in refusals if refusal is None]
                with reaching_kafka(settings):
                    _send(producer, sent)
                _mark_replayed(engine, sent, now=datetime.now(UTC))
            yield from (Replayed(one.id, refusal) for one, refusal in refusals)
    finally:
        if producer is not None:
            abandon(producer)


def _known_until(engine: Engine) -> Offsets:
    newest_of = select(quarantined.c.kafka_partition, func.max(quarantined.c.kafka_offset)).group_by(quarantined.c.kafka_partition)
    with reading(engine) as connection:
        return {partition: offset + 1 for partition, offset in connection.execute(newest_of)}


def _chunk(engine: Engine, wanted: Wanted, after: QuarantineId | None) -> list[QuarantinedRecord]:
    key = list(quarantined.primary_key.columns)
    query = select(quarantined).where(*wanted.conditions()).order_by(*key).limit(CHUNK)
    if after is not None:
        query = query.where(tuple_(*key) > (after.stage, after.topic, after.partition, after.offset))
    with reading(engine) as connection:
        return [_record(dict(row)) for row in connection.execute(query).mappings()]


def _send(producer: KafkaProducer, records: Sequence[QuarantinedRecord]) -> None:
    futures = [
        producer.send(
            one.id.topic,
            key=one.key,
            value=one.value,
            # The key decides the partition; a record without one goes to its old partition.
            partition=one.id.partition if one.key is None else None,
            headers=[(REPLAY_HEADER, str(one.id).encode())],
        )
        for one in records
    ]
    for future in futures:
        future.get(timeout=ACK_TIMEOUT_S)


def _mark_replayed(engine: Engine, records: Sequence[QuarantinedRecord], *, now: datetime) -> None:
    with writing(engine) as connection:
        for one in records:
            connection.execute(update(quarantined).where(*Wanted(id=one.id).conditions()).values(replayed_at=now))


def _record(row: dict[str, object]) -> QuarantinedRecord:
    taken = {name: row[name] for name in ("reason", "error", "quarantined_at", "worker", "key", "value", "replayed_at")}
    return QuarantinedRecord(QuarantineId(*(row[name] for name in ("stage", "topic", "partition", "offset"))), **taken)  # type: ignore[arg-type]
