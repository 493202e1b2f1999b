"""A log and a memory that older versions of newsmon wrote, on a real broker: all of it is read, none of it is set aside."""

from __future__ import annotations

from kafka import KafkaProducer
from sqlalchemy import func, select
from support.databases import migrated_database
from support.kept_records import kept
from support.storing import publish, store_all, with_database

from newsmon.codec import record_tag
from newsmon.kafka.clients import producer_config
from newsmon.settings import Settings
from newsmon.topics import FEED_STATE, QUARANTINE, STORY_STATE, Topic
from processors.handling.state_reader import StateReader
from producers.polling.state_reader import read_states
from sinks.database import tables
from sinks.database.engine import reading
from sinks.store.service import STORED


def written(topic: Topic) -> list[bytes]:
    """The kept bytes of every version of a topic's record, the oldest first."""
    assert topic.record is not None
    name, _, newest = record_tag(topic.record).partition("/")
    return [raw for version in range(1, int(newest) + 1) for raw in kept(f"{name}/{version}")]


def put(settings: Settings, topic: Topic, records: list[tuple[str, bytes]]) -> None:
    """Write (key, bytes) to the topic's first partition."""
    producer = KafkaProducer(**producer_config(settings, client_id="test"))
    for key, raw in records:
        producer.send(topic.named(settings.kafka.topic_prefix), key=key.encode(), value=raw, partition=0)
    producer.flush()
    producer.close()


def test_a_log_of_all_versions_is_stored_and_nothing_is_set_aside(kafka_settings: Settings, database_url: str) -> None:
    settings = with_database(kafka_settings, database_url)
    with migrated_database(settings) as engine:
        publish(settings, {topic: written(topic) for topic in STORED if topic is not QUARANTINE})
        store_all(settings, engine)
        with reading(engine) as connection:
            assert connection.execute(select(tables.quarantined.c.error)).scalars().all() == []
            counts = {table.name: connection.scalar(select(func.count()).select_from(table)) for table in (tables.alerts, tables.sightings)}
    assert counts == {"alerts": 2, "sightings": 2}, "the filled one and the sample, whatever version they came in"


async def test_the_story_memory_of_all_versions_is_rebuilt(kafka_settings: Settings) -> None:
    states = written(STORY_STATE)
    put(kafka_settings, STORY_STATE, [(f"m_{number}", raw) for number, raw in enumerate(states)])
    replayed = await StateReader(kafka_settings, client_id="test").replay(0)
    assert replayed.unreadable == ()
    assert len(replayed.states) == replayed.read_count == len(states)


def test_where_the_feeds_stood_is_known_in_all_versions(kafka_settings: Settings) -> None:
    samples = [raw for raw in written(FEED_STATE) if b'"feed_id":"wire"' in raw]  # what fills the others is no list of known entries
    assert len(samples) > 4
    topic = FEED_STATE.named(kafka_settings.kafka.topic_prefix)
    refused: list[object] = []
    for number, raw in enumerate(samples, 1):
        numbered = raw.replace(b'"poll_seq":1,', b'"poll_seq":%d,' % number, 1)
        put(kafka_settings, FEED_STATE, [("wire", numbered)])
        states = read_states(kafka_settings, topic, [0], lambda _record, error: refused.append(error))
        assert (refused, states["wire"].poll_seq) == ([], number)
