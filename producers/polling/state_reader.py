"""Reads feeds' states from news.feed-state and news.feed-known: the last readable record of each feed.

In: partitions. Out: states, and bases they refer to; unreadable records are handed to the caller. I/O: Kafka.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from kafka import KafkaConsumer, TopicPartition
from kafka.partitioner.default import murmur2

from newsmon.codec import decode
from newsmon.errors import RecordError, RecordFault
from newsmon.kafka.clients import consumer_config
from newsmon.kafka.prompt_connections import constructed
from newsmon.kafka.reading import read_to_end
from newsmon.records import FeedKnown, FeedState
from newsmon.settings import Settings
from newsmon.topics import FEED_KNOWN
from producers.articles.state_record import checked_record

CLOSE_TIMEOUT_MS = 3_000

SetAside = Callable[[Any, RecordError], None]
S = TypeVar("S", FeedState, FeedKnown)


def partition_of(feed_id: str, partition_count: int) -> int:
    """The partition of a feed's records by Kafka's default partitioner (murmur2), which all our clients use."""
    hashed: int = murmur2(feed_id.encode("utf-8"))
    return (hashed & 0x7FFFFFFF) % partition_count


def read_states(
    settings: Settings,
    topic: str,
    partitions: Iterable[int],
    set_aside: SetAside,
    *,
    stopped: threading.Event | None = None,
) -> dict[str, FeedState]:
    """The last readable state of every feed in these partitions, read to their present end or until `stopped`.

    These are the records as written: one that refers to a base does not have all its known entries. Unreadable records are skipped,
    and the feed continues from its last readable state, or from none. They are set aside unless a readable state of the same feed
    follows, so that a restart does not set them aside again.
    """
    return _last_of_each(settings, topic, partitions, FeedState, set_aside, stopped)


def read_bases(
    settings: Settings, states: Mapping[str, FeedState], set_aside: SetAside, *, stopped: threading.Event | None = None
) -> dict[str, FeedKnown]:
    """The bases that these states refer to; other bases in the same partitions are read along."""
    topic = FEED_KNOWN.named(settings.kafka.topic_prefix)
    consumer = constructed(KafkaConsumer, consumer_config(settings, client_id="newsmon-feed-known", group=None))
    try:
        count = len(consumer.partitions_for_topic(topic) or ())
    finally:
        consumer.close(autocommit=False, timeout_ms=CLOSE_TIMEOUT_MS)
    partitions = {partition_of(feed_id, count) for feed_id, state in states.items() if state.known_base} if count else set()
    return _last_of_each(settings, topic, partitions, FeedKnown, set_aside, stopped)


def _last_of_each(
    settings: Settings, topic: str, partitions: Iterable[int], kind: type[S], set_aside: SetAside, stopped: threading.Event | None
) -> dict[str, S]:
    consumer = constructed(KafkaConsumer, consumer_config(settings, client_id="newsmon-feed-states", group=None))
    found: dict[str, S] = {}
    poison: dict[bytes | None, tuple[Any, RecordError]] = {}
    try:
        places = [TopicPartition(topic, partition) for partition in partitions]
        for record in read_to_end(consumer, places, stopped=stopped):
            _take(record, kind, found, poison)
    finally:
        consumer.close(autocommit=False, timeout_ms=CLOSE_TIMEOUT_MS)
    for record, error in poison.values():
        set_aside(record, error)
    return found


def _take(record: Any, kind: type[S], found: dict[str, S], poison: dict[bytes | None, tuple[Any, RecordError]]) -> None:
    key = (record.key or b"").decode("utf-8", "replace")
    if record.value is None:
        found.pop(key, None)
        poison.pop(record.key, None)
        return
    try:
        one = checked_record(decode(record.value, kind))
        if one.feed_id != key:
            raise RecordError(RecordFault.WRONG_SHAPE, f"the record of {one.feed_id!r} under the key {key!r}")
    except RecordError as error:
        poison[record.key] = (record, error)
        return
    found[key] = one
    poison.pop(record.key, None)
