"""Reads how far the log and its readers are at one moment, in the order that keeps the ledger exact while everything runs.

The processor's commits are read first, then the ends of the topics from the alerts back to the articles: so everything that was
finished before the first reading lies before the offsets read later. I/O: Kafka, the database.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from newsmon.kafka.clients import group_id
from newsmon.kafka.connect import open_consumer, reaching_kafka
from newsmon.kafka.lag import group_offsets
from newsmon.kafka.positions.identity import read_log_ids
from newsmon.kafka.reading import partitions_of
from newsmon.settings import Settings
from newsmon.topics import (
    ALERTS,
    ALL_TOPICS,
    ARTICLES,
    CLASSIFICATIONS,
    DELIVERIES,
    FEED_STATE,
    FEEDBACK,
    FETCHES,
    MATCHES,
    NOTICES,
    QUARANTINE,
    STORIES,
    Topic,
)
from sinks.database.engine import reading
from sinks.database.offsets import read_offsets
from sinks.ledger.tally import Horizon, Offsets

if TYPE_CHECKING:
    from kafka import TopicPartition

DOWNSTREAM_FIRST = (DELIVERIES, ALERTS, STORIES, MATCHES, CLASSIFICATIONS, FEED_STATE, FETCHES, ARTICLES, FEEDBACK, NOTICES, QUARANTINE)
READ_BY_PROCESSOR = (ARTICLES, MATCHES)
CATCH_UP_S = 30.0
POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class LogEnds:
    """Offsets by topic and partition: what the processor had committed, and where the topics begin and end.

    `log_ids` holds every topic of newsmon that exists (full names); `known_topics` are the full names of all.
    """

    processed: Mapping[Topic, Offsets]
    beginnings: Mapping[Topic, Offsets]
    ends: Mapping[Topic, Offsets]
    log_ids: Mapping[str, str | None] = field(default_factory=dict)
    known_topics: Mapping[str, Topic] = field(default_factory=dict)

    def horizon(self, since: datetime | None) -> Horizon:
        return Horizon(since=since, ends=self.ends, processed=self.processed)

    def ends_of(self, topic: str) -> Offsets:
        """Where the partitions of the topic (full name) end; empty where that was not asked."""
        return self.ends.get(self.known_topics[topic], {}) if topic in self.known_topics else {}

    def bounds(self, topic: str, partition: int) -> tuple[int | None, int | None]:
        """Beginning and end of a partition; None where that was not asked."""
        beginnings = self.beginnings.get(self.known_topics[topic], {}) if topic in self.known_topics else {}
        return beginnings.get(partition), self.ends_of(topic).get(partition)


def look_at_log(settings: Settings) -> LogEnds:
    """Ask the broker; DependencyError when it is out of reach."""
    prefix = settings.kafka.topic_prefix
    names = {topic.named(prefix): topic for topic in READ_BY_PROCESSOR}
    processed: dict[Topic, dict[int, int]] = {topic: {} for topic in READ_BY_PROCESSOR}
    for (name, partition), offset in group_offsets(settings, group_id(settings, "processor")).items():
        if name in names:
            processed[names[name]][partition] = offset
    consumer = open_consumer(settings, client_id="newsmon-verify", group=None)
    try:
        with reaching_kafka(settings):
            partitions = {topic: partitions_of(consumer, topic.named(prefix)) for topic in DOWNSTREAM_FIRST}
            ends = {topic: _by_number(consumer.end_offsets(held)) if held else {} for topic, held in partitions.items()}
            beginnings = {topic: _by_number(consumer.beginning_offsets(held)) if held else {} for topic, held in partitions.items()}
    finally:
        consumer.close()
    known = {topic.named(prefix): topic for topic in ALL_TOPICS}
    return LogEnds(processed, beginnings, ends, read_log_ids(settings, known), known)


def _by_number(offsets: Mapping[TopicPartition, int]) -> dict[int, int]:
    return {partition.partition: offset for partition, offset in offsets.items()}


def wait_for_store(settings: Settings, engine: Engine, ends: LogEnds, *, consumer: str, topics: tuple[Topic, ...], within_s: float) -> int:
    """Wait until the sink has stored what was in the log; returns how many records it still lacks after `within_s`."""
    deadline = time.monotonic() + within_s
    while True:
        behind = _behind(settings, engine, ends, consumer, topics)
        if behind == 0 or time.monotonic() >= deadline:
            return behind
        time.sleep(POLL_S)


def _behind(settings: Settings, engine: Engine, ends: LogEnds, consumer: str, topics: tuple[Topic, ...]) -> int:
    with reading(engine) as connection:
        stored = read_offsets(connection, consumer)
    prefix = settings.kafka.topic_prefix
    return sum(
        max(0, end - max(ends.beginnings[topic].get(partition, 0), stored.get((topic.named(prefix), partition), 0)))
        for topic in topics
        for partition, end in ends.ends[topic].items()
    )
