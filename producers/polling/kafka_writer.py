"""Writes records to Kafka and waits until they are acknowledged.

I/O: a publisher; its blocking calls run on threads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from newsmon.codec import encode
from newsmon.errors import DependencyError, SettingsError
from newsmon.kafka.admin import ensure_topics
from newsmon.kafka.connect import await_answer
from newsmon.kafka.publisher import Keyed, Publisher
from newsmon.kafka.quarantining import publish_quarantined
from newsmon.metrics import QUARANTINED
from newsmon.quarantine import Quarantined
from newsmon.records import Article, FeedKnown, FeedState, FetchOutcome, Notice, Record
from newsmon.settings import Settings
from newsmon.topics import ARTICLES, FEED_KNOWN, FEED_STATE, FETCHES, NOTICES, Topic


class KafkaWriter:
    """One publisher for all feeds; it connects with `reach` or on first use."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._publisher = Publisher(settings, client_id="newsmon-producer")

    def give_up(self) -> None:
        """End all waits for acknowledgements with PublishError."""
        self._publisher.give_up()

    def close(self) -> None:
        """Blocks for a few seconds at most. Records without acknowledgement are dropped; their polls are repeated."""
        self._publisher.close()

    async def reach(self) -> str | None:
        """None once Kafka answers, has our topics, and a client is connected; else why not. Takes seconds."""
        try:
            await asyncio.to_thread(self._reach)
        except (DependencyError, SettingsError) as error:
            return str(error)
        return None

    def _reach(self) -> None:
        await_answer(self._settings)
        ensure_topics(self._settings)  # a broker that lost its disk comes back without them
        self._publisher.connect()

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
        publish_quarantined(self._publisher, [record])
        QUARANTINED.labels(record.stage.value, record.reason.value).inc()

    def _send_all(self, topic: Topic, records: Sequence[tuple[str, Record]]) -> None:
        self._publisher.publish(topic, [Keyed(key.encode("utf-8"), encode(record)) for key, record in records])
