"""Reads one partition of a compacted topic to its present end.

In: the settings, the topic, the partition. Out: the newest record of each key, deletions included.
I/O: Kafka, with a consumer that belongs to no group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError

from newsmon.errors import DependencyError
from newsmon.kafka.clients import aio_consumer_config
from newsmon.settings import Settings
from newsmon.topics import Topic
from processors.handling.kafka_writer import close_within

POLL_MS = 500
CLOSE_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Contents:
    """The newest record of each key, in the order of the keys' first appearance, and the number of records read."""

    newest: tuple[Any, ...]
    read_count: int


async def contents_of(settings: Settings, topic: Topic, partition: int, *, client_id: str) -> Contents:
    """Everything up to the partition's present end. DependencyError when Kafka does not answer: the caller tries again."""
    name = topic.named(settings.kafka.topic_prefix)
    consumer = AIOKafkaConsumer(**aio_consumer_config(settings, client_id=client_id, group=None))
    try:
        await consumer.start()
        return await _to_the_end(consumer, TopicPartition(name, partition))
    except (KafkaError, ConsumerStoppedError, OSError) as error:
        raise DependencyError("Kafka", f"{name}-{partition} cannot be read: {type(error).__name__}: {error}") from error
    finally:
        await close_within(consumer, CLOSE_TIMEOUT_S)


async def _to_the_end(consumer: AIOKafkaConsumer, place: TopicPartition) -> Contents:
    consumer.assign([place])
    end = (await consumer.end_offsets([place]))[place]
    consumer.seek(place, (await consumer.beginning_offsets([place]))[place])
    newest: dict[bytes | None, Any] = {}
    read_count = 0
    while await consumer.position(place) < end:
        for record in (await consumer.getmany(place, timeout_ms=POLL_MS)).get(place, ()):
            read_count += 1
            newest[record.key] = record
    return Contents(tuple(newest.values()), read_count)
