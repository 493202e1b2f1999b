"""The quarantine as rows: listed, shown, and sent back to where they came from."""

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
class AsideId:
    """Names one record in quarantine: the stage that set it aside and where the original stood."""

    stage: str
    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.stage}:{self.topic}/{self.partition}/{self.offset}"

    @classmethod
    def parse(cls, text: str) -> AsideId:
        """The id that `str` gave; SettingsError for anything else."""
        stage, colon, where = text.partition(":")
        parts = where.rsplit("/", 2)
        if not colon or len(parts) != 3 or not (parts[1].isdecimal() and parts[2].isdecimal()):
            raise SettingsError([Problem("argument:ID", f"{text!r} is not STAGE:TOPIC/PARTITION/OFFSET, as `quarantine list` shows it")])
        return cls(stage, parts[0], int(parts[1]), int(parts[2]))


@dataclass(frozen=True, slots=True)
class Aside:
    """One record in quarantine; `value` is exactly what was read."""

    id: AsideId
    reason: str
    error: str
    quarantined_at: datetime
    worker: str
    key: bytes | None
    value: bytes | None
    replayed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records: all of the given conditions hold; `replayed` None means whether or not they were sent back before."""

    id: AsideId | None = None
    stage: str | None = None
    reason: str | None = None
    replayed: bool | None = None
    before: Offsets | None = None  # only what stands before these offsets of the quarantine topic

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
    """Why a record is not sent back."""

    NO_BYTES = "no_bytes"  # nothing to send; on a compacted topic an empty record would delete
    FOREIGN_TOPIC = "foreign_topic"  # not one of our topics
    QUARANTINE_ITSELF = "quarantine_itself"  # it would come straight back


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one record: sent (`refusal` None), or refused."""

    id: AsideId
    refusal: Refusal | None


def newest(engine: Engine, wanted: Wanted, *, limit: int) -> list[Aside]:
    """The records last set aside first, at most `limit`."""
    order = (quarantined.c.quarantined_at.desc(), *quarantined.primary_key.columns)
    with reading(engine) as connection:
        rows = connection.execute(select(quarantined).where(*wanted.conditions()).order_by(*order).limit(limit)).mappings()
        return [_aside(dict(row)) for row in rows]


def refusal_of(aside: Aside, topic_prefix: str) -> Refusal | None:
    """Whether the record may be sent back to its topic; None when it may. Pure."""
    if aside.id.topic == QUARANTINE.named(topic_prefix):
        return Refusal.QUARANTINE_ITSELF
    if aside.id.topic not in {topic.named(topic_prefix) for topic in ALL_TOPICS}:
        return Refusal.FOREIGN_TOPIC
    return Refusal.NO_BYTES if not aside.value else None


def replay(settings: Settings, engine: Engine, wanted: Wanted, *, dry_run: bool) -> Iterator[Replayed]:
    """Send the original bytes back to their topics in their old order, and note it once Kafka has them.

    Every effect behind the topics is repeatable, so a record of which only one stage had despaired does no harm to the
    others. DependencyError when Kafka does not acknowledge: what was noted by then is sent, the rest is not.
    """
    producer = None if dry_run else open_producer(settings, client_id="newsmon-quarantine-replay")
    try:
        after: AsideId | None = None
        # What fails again comes back as a new record while we are still sending: without a limit that would never end.
        wanted = dataclasses.replace(wanted, before=_known_until(engine))
        while chunk := _chunk(engine, wanted, after):
            after = chunk[-1].id
            refusals = [(aside, refusal_of(aside, settings.kafka.topic_prefix)) for aside in chunk]
            if producer is not None:
                sent = [aside for aside, refusal in refusals if refusal is None]
                with reaching_kafka(settings):
                    _send(producer, sent)
                _note(engine, sent, now=datetime.now(UTC))
            yield from (Replayed(aside.id, refusal) for aside, refusal in refusals)
    finally:
        if producer is not None:
            producer.close()


def _known_until(engine: Engine) -> Offsets:
    newest_of = select(quarantined.c.kafka_partition, func.max(quarantined.c.kafka_offset)).group_by(quarantined.c.kafka_partition)
    with reading(engine) as connection:
        return {partition: offset + 1 for partition, offset in connection.execute(newest_of)}


def _chunk(engine: Engine, wanted: Wanted, after: AsideId | None) -> list[Aside]:
    key = list(quarantined.primary_key.columns)
    query = select(quarantined).where(*wanted.conditions()).order_by(*key).limit(CHUNK)
    if after is not None:
        query = query.where(tuple_(*key) > (after.stage, after.topic, after.partition, after.offset))
    with reading(engine) as connection:
        return [_aside(dict(row)) for row in connection.execute(query).mappings()]


def _send(producer: KafkaProducer, asides: Sequence[Aside]) -> None:
    futures = [
        producer.send(
            aside.id.topic,
            key=aside.key,
            value=aside.value,
            # With a key Kafka finds the partition; without one the record goes where it stood.
            partition=aside.id.partition if aside.key is None else None,
            headers=[(REPLAY_HEADER, str(aside.id).encode())],
        )
        for aside in asides
    ]
    for future in futures:
        future.get(timeout=ACK_TIMEOUT_S)


def _note(engine: Engine, asides: Sequence[Aside], *, now: datetime) -> None:
    with writing(engine) as connection:
        for aside in asides:
            connection.execute(update(quarantined).where(*Wanted(id=aside.id).conditions()).values(replayed_at=now))


def _aside(row: dict[str, object]) -> Aside:
    taken = {name: row[name] for name in ("reason", "error", "quarantined_at", "worker", "key", "value", "replayed_at")}
    return Aside(AsideId(*(row[name] for name in ("stage", "topic", "partition", "offset"))), **taken)  # type: ignore[arg-type]
