"""Hands for tests of the sinks: publish records, run a consumer loop beside the test, wait for what it does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from sqlalchemy import Connection, Engine, Table, select

from newsmon.codec import encode
from newsmon.kafka.clients import consumer_config, producer_config
from newsmon.net.monitoring import Health
from newsmon.quarantine import Stage
from newsmon.records import Record
from newsmon.settings import DatabaseSettings, Settings
from newsmon.topics import Topic
from sinks.consumer.batch import Handler
from sinks.consumer.loop import ConsumerLoop
from sinks.database.engine import reading
from sinks.database.offsets import read_offsets
from sinks.database.tables import metadata
from sinks.store.service import NAME, STORED, writer

DEADLINE_S = 120.0


def with_database(settings: Settings, url: str, *, batch_size: int = 50, batch_wait_s: float = 0.05) -> Settings:
    """The records of most tests are from long ago and are sent all the same: nothing is too old unless a test says so."""
    database = DatabaseSettings(url=url, batch_size=batch_size, batch_wait_s=batch_wait_s, hold_older_than_s=30 * 86_400.0)
    return settings.model_copy(update={"database": database})


def publish(settings: Settings, records: Mapping[Topic, Iterable[Record | bytes | None]]) -> None:
    """Write records (or raw bytes) to their topics, keyed as the stages key them, and wait for Kafka."""
    producer = KafkaProducer(**producer_config(settings, client_id="test"))
    for topic, values in records.items():
        for value in values:
            raw = encode(value) if isinstance(value, Record) else value
            producer.send(topic.named(settings.kafka.topic_prefix), key=_key(topic, value), value=raw)
    producer.flush()
    producer.close()


def _key(topic: Topic, value: Any) -> bytes:
    return str(getattr(value, topic.key, "nobody")).encode()


def end_offsets(settings: Settings, topics: Iterable[Topic]) -> dict[tuple[str, int], int]:
    """By (topic, partition): the offset the next record will get, for partitions that hold records."""
    consumer = KafkaConsumer(**consumer_config(settings, client_id="test-ends", group=None))
    try:
        # Not asked of the client: it would read about every topic of every test on this broker, again and again, and starve the loop.
        partitions = [TopicPartition(topic.named(settings.kafka.topic_prefix), n) for topic in topics for n in range(topic.partitions)]
        return {(tp.topic, tp.partition): end for tp, end in consumer.end_offsets(partitions).items() if end}
    finally:
        consumer.close()


def eventually(claim: Callable[[], bool], what: str, *, within_s: float = DEADLINE_S) -> None:
    """Wait until the claim holds; fails naming it."""
    deadline = time.monotonic() + within_s
    while not claim():
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {what}"
        time.sleep(0.1)


@dataclass
class Running:
    """A loop in a thread; `failure` holds what ended it."""

    health: Health
    stop: threading.Event
    thread: threading.Thread
    failure: list[BaseException]


@contextmanager
def running(
    settings: Settings, engine: Engine, *, name: str = NAME, handler: Handler | None = None, topics: tuple[Topic, ...] = STORED
) -> Iterator[Running]:
    """Run the consumer loop (by default the store's) in a thread; it drains when the block ends, and must not have failed."""
    stop, failure, health = threading.Event(), [], Health(name)
    loop = ConsumerLoop(
        settings, name=name, stage=Stage.STORE, topics=topics, engine=engine, handler=handler or writer(settings), health=health, stop=stop
    )

    def target() -> None:
        try:
            loop.run()
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below, whatever it was
            failure.append(error)

    thread = threading.Thread(target=target, name=f"test-{name}")
    thread.start()
    try:
        yield Running(health, stop, thread, failure)
    finally:
        stop.set()
        thread.join(90)
        if failure:  # it says more than whatever the test then waited for in vain
            raise failure[0]
    assert not thread.is_alive()


def caught_up(settings: Settings, engine: Engine, topics: Iterable[Topic] = STORED, *, name: str = NAME) -> bool:
    """Whether the database's offsets have reached the ends of the topics."""
    with reading(engine) as connection:
        stored = read_offsets(connection, name)
    return all(stored.get(where) == end for where, end in end_offsets(settings, topics).items())


def store_all(settings: Settings, engine: Engine) -> None:
    """Run the store until it has read everything there is."""
    with running(settings, engine):
        eventually(lambda: caught_up(settings, engine), "everything stored")


VOLATILE = frozenset(
    {"kafka_partition", "kafka_offset", "partition", "offset", "digest"}
)  # where a record happened to stand, or made of it


def all_rows(connection: Connection, tables: Iterable[Table] | None = None) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the offsets, in key order, without the columns that say where a record stood."""
    found = {}
    for table in tables or metadata.sorted_tables:
        if table.name == "consumed_offsets":
            continue
        columns = [column for column in table.columns if column.name not in VOLATILE]
        found[table.name] = [tuple(row) for row in connection.execute(select(*columns).order_by(*table.primary_key.columns))]
    return found
