"""Reads one partition of news.story-state to its end, to rebuild a partition's memory before its first match.

In: the partition's number. Out: the newest state of every match and correction that has not been deleted, and the unreadable records.
I/O: Kafka, with a consumer that belongs to no group.

This is enough even with two workers on one partition. The owner reads the state topic after the partition was assigned to it, so
after the last commit of the previous owner; every state below the committed offset was acknowledged before that commit. A previous
owner that still runs (suspended, cut off) can only add states at or above it, and those are repeated, or decided again from the
same inputs to the same result. No worker needs to be fenced off.

A state's offset counts in one log of news.matches, which a header names. If that topic was created again, the offsets of the states
before it mean nothing in the new one: such states keep their order, before everything that the new log holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError

from newsmon.codec import decode_one_of
from newsmon.errors import DependencyError, RecordError
from newsmon.kafka.clients import aio_consumer_config
from newsmon.kafka.positions.identity import same_log
from newsmon.records import GroupState
from newsmon.settings import Settings
from newsmon.topics import STORY_STATE
from processors.handling.answers import SOURCE_LOG
from processors.handling.kafka_writer import close_within
from processors.handling.messages import Incoming

POLL_MS = 500
CLOSE_TIMEOUT_S = 5.0
EARLIER = 2**62  # below every offset; what is added keeps the order in which the states were written


@dataclass(frozen=True, slots=True)
class Replayed:
    """The contents of a partition of the state topic."""

    states: tuple[GroupState, ...]
    unreadable: tuple[tuple[Incoming, RecordError], ...]
    read_count: int


class StateReader:
    """Reads partitions of news.story-state."""

    def __init__(self, settings: Settings, *, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._topic = STORY_STATE.named(settings.kafka.topic_prefix)

    async def replay(self, partition: int, *, source_log: str | None = None) -> Replayed:
        """Everything up to the partition's present end. DependencyError when Kafka does not answer: the caller tries again.

        `source_log` is the log of news.matches that is read now.
        """
        consumer = AIOKafkaConsumer(**aio_consumer_config(self._settings, client_id=self._client_id, group=None))
        try:
            await consumer.start()
            return await self._to_the_end(consumer, TopicPartition(self._topic, partition), source_log)
        except (KafkaError, ConsumerStoppedError, OSError) as error:
            raise DependencyError("Kafka", f"{self._topic}-{partition} cannot be read: {type(error).__name__}: {error}") from error
        finally:
            await close_within(consumer, CLOSE_TIMEOUT_S)

    async def _to_the_end(self, consumer: AIOKafkaConsumer, place: TopicPartition, source_log: str | None) -> Replayed:
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        consumer.seek(place, (await consumer.beginning_offsets([place]))[place])
        newest: dict[bytes | None, Any] = {}
        read_count = 0
        while await consumer.position(place) < end:
            for record in (await consumer.getmany(place, timeout_ms=POLL_MS)).get(place, ()):
                read_count += 1
                newest[record.key] = record
        return decoded(newest.values(), read_count, source_log)


def decoded(newest: Iterable[Any], read_count: int, source_log: str | None) -> Replayed:
    """The records as states and unreadable bytes; deletions are left out."""
    states, unreadable = [], []
    for record in newest:
        if record.value is None:
            continue
        try:
            state = decode_one_of(record.value, STORY_STATE.records)
        except RecordError as error:
            unreadable.append((Incoming.of(record), error))
            continue
        assert isinstance(state, GroupState)
        if not same_log(_source_log_of(record), source_log):
            state = msgspec.structs.replace(state, source_offset=record.offset - EARLIER)
        states.append(state)
    return Replayed(tuple(states), tuple(unreadable), read_count)


def _source_log_of(record: Any) -> str | None:
    named = dict(record.headers or ()).get(SOURCE_LOG)
    return None if named is None else named.decode("utf-8", "replace")
