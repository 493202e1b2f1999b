"""Reads the topic news.themes: to its end at the start, record by record afterwards.

In: settings. Out: `ActiveThemes` in the topic's order. I/O: Kafka, with a consumer that belongs to no group.
"""

from __future__ import annotations

from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError

from newsmon.codec import decode
from newsmon.errors import DependencyError, RecordError
from newsmon.kafka.clients import aio_consumer_config
from newsmon.logs import get_logger
from newsmon.records import ActiveThemes
from newsmon.settings import Settings
from newsmon.topics import THEMES
from processors.handling.kafka_writer import close_within

POLL_MS = 500
CLOSE_TIMEOUT_S = 5.0

log = get_logger(__name__)


class ThemeTopic:
    """Reads for one worker; connects on first use and after a failure, and remembers its position."""

    def __init__(self, settings: Settings, *, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._place = TopicPartition(THEMES.named(settings.kafka.topic_prefix), 0)
        self._consumer: AIOKafkaConsumer | None = None
        self._next_offset: int | None = None

    async def newest(self) -> ActiveThemes | None:
        """The newest readable record up to the topic's present end. After a DependencyError, call again."""
        try:
            consumer = await self._connected()
            end = (await consumer.end_offsets([self._place]))[self._place]
            found = None
            while await consumer.position(self._place) < end:
                found = await self._next(consumer) or found
        except (KafkaError, ConsumerStoppedError, OSError) as error:
            raise await self._lost(error) from error
        return found

    async def next(self) -> ActiveThemes | None:
        """The newest record that has arrived since, after a short wait; None if none has. After a DependencyError, call again."""
        try:
            return await self._next(await self._connected())
        except (KafkaError, ConsumerStoppedError, OSError) as error:
            raise await self._lost(error) from error

    async def close(self) -> None:
        if self._consumer is not None:
            await close_within(self._consumer, CLOSE_TIMEOUT_S)
            self._consumer = None

    async def _next(self, consumer: AIOKafkaConsumer) -> ActiveThemes | None:
        fetched = await consumer.getmany(self._place, timeout_ms=POLL_MS)
        found = None
        for record in fetched.get(self._place, ()):
            found = _read(record) or found
            self._next_offset = record.offset + 1
        return found

    async def _connected(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = AIOKafkaConsumer(**aio_consumer_config(self._settings, client_id=self._client_id, group=None))
            try:
                await consumer.start()
                consumer.assign([self._place])
                if self._next_offset is None:
                    self._next_offset = (await consumer.beginning_offsets([self._place]))[self._place]
                consumer.seek(self._place, self._next_offset)
            except BaseException:
                await close_within(consumer, CLOSE_TIMEOUT_S)
                raise
            self._consumer = consumer
        return self._consumer

    async def _lost(self, error: BaseException) -> DependencyError:
        await self.close()
        return DependencyError("Kafka", f"{self._place.topic} cannot be read: {type(error).__name__}: {error}")


def _read(record: Any) -> ActiveThemes | None:
    """The record, or None for an unreadable one: then the set before it stays active."""
    try:
        return decode(record.value, ActiveThemes)
    except RecordError as error:
        log.error("themes.record_unreadable", offset=record.offset, error=str(error)[:300])
        return None
