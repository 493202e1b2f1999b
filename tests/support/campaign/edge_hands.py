"""Faults of feeds, receivers, topics and theme files. Each is a block, as in core_hands.

In: the world, the planned fault. Out: the name of what it hit. I/O: the outlet, the desks, records on topics, files.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from newsmon.kafka.limits import MAX_RECORD_BYTES
from newsmon.topics import ALERTS, ALL_TOPICS, ARTICLES, CLASSIFICATIONS, DELIVERIES, MATCHES, STORIES
from support.campaign.core_hands import Hand, broken_theme
from support.campaign.desks import DeskMode
from support.campaign.kinds import Kind
from support.campaign.outlet import FeedMode
from support.campaign.plan import Fault
from support.campaign.world import NotDone, World, waited_for

SENT_WITHIN_S = 180.0
ROOM_FOR_HEADERS = 4096
REPEATED_TOPICS = (ARTICLES, CLASSIFICATIONS, MATCHES, STORIES, ALERTS, DELIVERIES)
REPEATED = 3  # the last records of each partition
Sending = tuple[str, int | None, bytes | None, bytes | None]  # topic, partition, key, value


def _desk(mode: DeskMode) -> Hand:
    @contextmanager
    def hand(world: World, fault: Fault) -> Iterator[str]:
        desk = world.desks[fault.choice % len(world.desks)]
        desk.behave(mode)
        try:
            time.sleep(fault.lasts_s)
            yield desk.name
        finally:
            desk.behave(DeskMode.WELL)

    return hand


def _feed(mode: FeedMode) -> Hand:
    @contextmanager
    def hand(world: World, fault: Fault) -> Iterator[str]:
        names = list(world.outlet.feeds)
        name = names[fault.choice % len(names)]
        world.outlet.behave(name, mode)
        try:
            time.sleep(fault.lasts_s)
            yield name
        finally:
            world.outlet.behave(name, FeedMode.WELL)

    return hand


@contextmanager
def topic_garbage(world: World, fault: Fault) -> Iterator[str]:
    chance = random.Random(fault.choice)
    values = (
        b"",
        chance.randbytes(300),
        b"{",
        b'{"record": "article/99"}',
        b'{"record": "article/1"}',
        b"[" * 5_000,
        '"\u2028"'.encode(),
        None,
    )
    _send(world, [(topic.base_name, None, f"garbage-{chance.random()}".encode(), value) for topic in ALL_TOPICS for value in values])
    yield f"{len(values)} records on {len(ALL_TOPICS)} topics"


@contextmanager
def topic_oversized(world: World, fault: Fault) -> Iterator[str]:
    huge = random.Random(fault.choice).randbytes(MAX_RECORD_BYTES - ROOM_FOR_HEADERS)
    topics = (ARTICLES, MATCHES, ALERTS)
    _send(world, [(topic.base_name, None, b"huge", huge) for topic in topics])
    yield f"{len(huge)} bytes on {len(topics)} topics"


@contextmanager
def topic_repeated(world: World, _fault: Fault) -> Iterator[str]:
    again = waited_for(lambda: _last(world), SENT_WITHIN_S, every_s=1.0)
    if again is None:
        raise NotDone("the broker gave nothing to repeat")
    _send(world, again)
    yield f"{len(again)} records"


@contextmanager
def theme_broken(world: World, fault: Fault) -> Iterator[str]:
    with broken_theme(world, fault) as name:
        time.sleep(fault.lasts_s)
        yield name


def _send(world: World, records: list[Sending]) -> None:
    """Wait for each acknowledgement: garbage that is not there is no fault. NotDone if the broker takes none in time."""
    deadline = time.monotonic() + SENT_WITHIN_S
    left = list(records)
    while left:
        try:
            producer = KafkaProducer(
                bootstrap_servers=world.broker_address(), acks="all", enable_idempotence=False, max_request_size=MAX_RECORD_BYTES,
                delivery_timeout_ms=15_000, request_timeout_ms=10_000, linger_ms=0, max_block_ms=10_000,
            )  # fmt: skip
            try:
                while left:
                    topic, partition, key, value = left[-1]
                    producer.send(topic, partition=partition, key=key, value=value).get(20)
                    left.pop()
            finally:
                producer.close(timeout=5)
        except (KafkaError, OSError, NotDone) as error:
            if time.monotonic() > deadline:
                raise NotDone(f"{len(left)} of {len(records)} records could not be sent: {error!r}") from error
            time.sleep(1)


def _last(world: World) -> list[Sending] | None:
    """The newest records of each partition, for the partition they are in; None while the broker is away."""
    try:
        consumer = KafkaConsumer(bootstrap_servers=world.broker_address(), enable_auto_commit=False, consumer_timeout_ms=5_000)
    except (KafkaError, NotDone):
        return None
    try:
        partitions = [
            TopicPartition(topic.base_name, number)
            for topic in REPEATED_TOPICS
            for number in consumer.partitions_for_topic(topic.base_name) or ()
        ]
        ends = consumer.end_offsets(partitions)
        wanted = sum(min(end, REPEATED) for end in ends.values())
        consumer.assign(partitions)
        for partition, end in ends.items():
            consumer.seek(partition, max(end - REPEATED, 0))
        found: list[Sending] = []
        for record in consumer if wanted else ():
            found.append((record.topic, record.partition, record.key, record.value))
            if len(found) >= wanted:
                break
    except KafkaError:
        return None
    finally:
        consumer.close()
    return found or None


EDGE_HANDS: dict[Kind, Hand] = {
    Kind.RECEIVER_ERROR: _desk(DeskMode.ERROR),
    Kind.RECEIVER_THROTTLED: _desk(DeskMode.THROTTLED),
    Kind.RECEIVER_HANGS: _desk(DeskMode.HANG),
    Kind.RECEIVER_CLOSES_EARLY: _desk(DeskMode.CLOSES_EARLY),
    Kind.RECEIVER_REFUSED: _desk(DeskMode.REFUSED),
    Kind.FEED_ERROR: _feed(FeedMode.ERROR),
    Kind.FEED_HANGS: _feed(FeedMode.HANG),
    Kind.FEED_GARBAGE: _feed(FeedMode.GARBAGE),
    Kind.FEED_TRUNCATED: _feed(FeedMode.TRUNCATED),
    Kind.FEED_THROTTLED: _feed(FeedMode.THROTTLED),
    Kind.TOPIC_GARBAGE: topic_garbage,
    Kind.TOPIC_OVERSIZED: topic_oversized,
    Kind.TOPIC_REPEATED: topic_repeated,
    Kind.THEME_BROKEN: theme_broken,
}
