"""Writes records to Kafka and waits until they are acknowledged.

I/O: an idempotent kafka-python producer with acks=all; its blocking calls run on threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Sequence
from typing import Any

from kafka.errors import KafkaError

from newsmon.codec import encode
from newsmon.errors import PublishError
from newsmon.kafka.connect import open_producer
from newsmon.logs import get_logger
from newsmon.metrics import QUARANTINED
from newsmon.quarantine import Quarantined
from newsmon.records import Article, FeedKnown, FeedState, FetchOutcome, Notice, Record
from newsmon.settings import Settings
from newsmon.topics import ARTICLES, FEED_KNOWN, FEED_STATE, FETCHES, NOTICES, QUARANTINE, Topic

ACKNOWLEDGED_WITHIN_S = 150.0  # the client gives up a record itself after 120 s
LOOK_AGAIN_S = 0.5
CLOSE_WITHIN_S = 3.0

log = get_logger(__name__)


class KafkaWriter:
    """One Kafka producer for all feeds. DependencyError when the broker cannot be reached at the start."""

    def __init__(self, settings: Settings) -> None:
        self._prefix = settings.kafka.topic_prefix
        self._producer = open_producer(settings, client_id="newsmon-producer")
        self._closing = threading.Event()

    def give_up(self) -> None:
        """End all waits for acknowledgements with PublishError."""
        self._closing.set()

    def close(self) -> None:
        """Blocks for a few seconds at most. Records without acknowledgement are dropped; their polls are repeated."""
        self.give_up()
        try:
            self._producer.close(timeout=CLOSE_WITHIN_S)
        except KafkaError as error:
            log.warning("kafka.client_abandoned", reason=f"{type(error).__name__}: {error}"[:200])

    async def write_articles(self, articles: Sequence[Article]) -> None:
        """Return when Kafka has acknowledged all; after a PublishError none may be taken as published."""
        await asyncio.to_thread(self._send_all, ARTICLES, [(article.article_id, article) for article in articles])

    async def write_notices(self, notices: Sequence[Notice]) -> None:
        if notices:
            await asyncio.to_thread(self._send_all, NOTICES, [(notice.subject, notice) for notice in notices])

    async def write_outcome(self, outcome: FetchOutcome) -> None:
        await asyncio.to_thread(self._send_all, FETCHES, [(outcome.feed_id, outcome)])

    async def write_state(self, state: FeedState) -> None:
        await asyncio.to_thread(self._send_all, FEED_STATE, [(state.feed_id, state)])

    async def write_known(self, base: FeedKnown) -> None:
        """Write a base that later states refer to."""
        await asyncio.to_thread(self._send_all, FEED_KNOWN, [(base.feed_id, base)])

    def quarantine(self, record: Quarantined) -> None:
        """Blocks until acknowledged."""
        self._acknowledged(QUARANTINE, [self._sent(QUARANTINE, record.key, record.value, record.headers())])
        QUARANTINED.labels(record.stage.value, record.reason.value).inc()

    def _send_all(self, topic: Topic, records: Sequence[tuple[str, Record]]) -> None:
        self._acknowledged(topic, [self._sent(topic, key.encode("utf-8"), encode(record)) for key, record in records])

    def _sent(self, topic: Topic, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]] | None = None) -> Any:
        try:
            return self._producer.send(topic.named(self._prefix), key=key, value=value, headers=headers or [])
        except KafkaError as error:
            raise PublishError(topic.base_name, f"{type(error).__name__}: {error}", retryable=bool(error.retriable)) from error

    def _acknowledged(self, topic: Topic, futures: Sequence[Any]) -> None:
        deadline = time.monotonic() + ACKNOWLEDGED_WITHIN_S
        for future in futures:
            while not future.is_done and not self._closing.is_set() and time.monotonic() < deadline:
                with contextlib.suppress(KafkaError):  # a time-out of this wait, or the error handled below
                    future.get(timeout=LOOK_AGAIN_S)
            if not future.is_done:
                raise PublishError(topic.base_name, "not acknowledged in time, or before the producer stopped", retryable=True)
            if (error := future.exception) is not None:
                raise PublishError(
                    topic.base_name, f"{type(error).__name__}: {error}", retryable=bool(getattr(error, "retriable", False))
                ) from error
