"""Topics, lag and both client libraries against the real broker."""

from __future__ import annotations

import gc
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from newsmon.app.supervisor.lag import LagPoller
from newsmon.errors import DependencyError, SettingsError
from newsmon.kafka.admin import ensure_topics, inspect_topics
from newsmon.kafka.clients import aio_consumer_config, aio_producer_config, consumer_config, group_id
from newsmon.kafka.connect import admin_client, open_consumer, open_producer
from newsmon.kafka.lag import Lag, LagQuestion, consumer_lag, end_offsets, group_offsets
from newsmon.kafka.reading import partitions_of, paused_listener, read_to_end
from newsmon.settings import Settings
from newsmon.topics import ALL_TOPICS, ARTICLES, FEED_STATE, MATCHES, Topic

LARGE_BYTES = 4_000_000


def name(settings: Settings, topic: Topic = ARTICLES) -> str:
    return topic.named(settings.kafka.topic_prefix)


def make_topic(settings: Settings, full_name: str, *, partitions: int, **config: str) -> None:
    with admin_client(settings) as admin:
        configs = {key.replace("_", "."): value for key, value in config.items()}
        admin.create_topics(
            {full_name: {"num_partitions": partitions, "replication_factor": 1, "configs": configs}}, wait_for_metadata=True
        )


def produce(settings: Settings, values: dict[int, int]) -> None:
    """Write `count` records into each partition of news.articles, acknowledged."""
    producer = open_producer(settings, client_id="test")
    try:
        futures = [
            producer.send(name(settings), value=b"v", partition=partition) for partition, count in values.items() for _ in range(count)
        ]
        for future in futures:
            future.get(timeout=90)
    finally:
        producer.close()


def commit(settings: Settings, group: str, offsets: dict[int, int]) -> None:
    group_offsets(settings, group)  # waits for the coordinator of a fresh cluster
    with admin_client(settings) as admin:
        admin.alter_group_offsets(
            group, {TopicPartition(name(settings), number): OffsetAndMetadata(at, "", -1) for number, at in offsets.items()}
        )


def test_created_topics_are_as_the_table_says(kafka_settings: Settings) -> None:
    findings = inspect_topics(kafka_settings)
    assert (findings.missing, findings.errors, findings.warnings) == ((), (), ())
    with admin_client(kafka_settings) as admin:
        resource = ConfigResource(ConfigResourceType.TOPIC, name(kafka_settings, FEED_STATE), configs=None)
        config = admin.describe_configs([resource], config_filter="all")["topic"][name(kafka_settings, FEED_STATE)]
    assert (config["cleanup.policy"]["value"], config["message.timestamp.type"]["value"]) == ("compact", "LogAppendTime")


def test_missing_topics_are_found_and_nothing_is_created_by_looking(bare_kafka_settings: Settings) -> None:
    for _ in range(2):
        assert inspect_topics(bare_kafka_settings).missing == ALL_TOPICS


def test_several_may_create_the_topics_at_once(bare_kafka_settings: Settings) -> None:
    with ThreadPoolExecutor(3) as pool:
        for creation in [pool.submit(ensure_topics, bare_kafka_settings) for _ in range(3)]:
            assert creation.result(120).errors == ()
    assert inspect_topics(bare_kafka_settings).missing == ()


def test_topics_newsmon_cannot_work_with_are_all_named_and_none_is_touched(bare_kafka_settings: Settings) -> None:
    make_topic(bare_kafka_settings, name(bare_kafka_settings, MATCHES), partitions=2)
    make_topic(bare_kafka_settings, name(bare_kafka_settings, FEED_STATE), partitions=6, cleanup_policy="delete")
    with pytest.raises(SettingsError) as refused:
        ensure_topics(bare_kafka_settings)
    assert [problem.where for problem in refused.value.problems] == [
        f"kafka:{name(bare_kafka_settings, topic)}" for topic in (FEED_STATE, MATCHES)
    ]
    assert len(inspect_topics(bare_kafka_settings).missing) == len(ALL_TOPICS) - 2


def test_another_retention_is_a_warning_and_is_left_as_it_is(bare_kafka_settings: Settings) -> None:
    make_topic(bare_kafka_settings, name(bare_kafka_settings), partitions=ARTICLES.partitions, retention_ms="86400000")
    warnings = ensure_topics(bare_kafka_settings).warnings
    assert any("retention.ms=86400000" in warning.message for warning in warnings)
    assert any("retention.ms=86400000" in warning.message for warning in inspect_topics(bare_kafka_settings).warnings)


def test_cluster_that_cannot_hold_the_replicas_yet_is_waited_for(bare_kafka_settings: Settings) -> None:
    kafka = bare_kafka_settings.kafka.model_copy(update={"replication": 3})
    with pytest.raises(DependencyError, match=r"cannot be created: .*replication factor"):
        ensure_topics(bare_kafka_settings.model_copy(update={"kafka": kafka}))


def test_lag_counts_from_the_commit_and_without_one_from_what_is_kept(kafka_settings: Settings) -> None:
    produce(kafka_settings, {0: 10, 1: 4})
    reader, newcomer, topic = group_id(kafka_settings, "store"), group_id(kafka_settings, "deliver"), name(kafka_settings)
    commit(kafka_settings, reader, {0: 7, 1: 4})
    lags = consumer_lag(kafka_settings, {reader: [topic], newcomer: [topic]})
    assert [lag for lag in lags if lag.end] == [
        Lag(newcomer, topic, 0, None, 10, 10),
        Lag(newcomer, topic, 1, None, 4, 4),
        Lag(reader, topic, 0, 7, 10, 3),
        Lag(reader, topic, 1, 4, 4, 0),
    ]
    assert Counter(lag.group for lag in lags) == {reader: ARTICLES.partitions, newcomer: ARTICLES.partitions}
    assert group_offsets(kafka_settings, reader) == {(topic, 0): 7, (topic, 1): 4}
    assert group_offsets(kafka_settings, newcomer) == {}
    assert end_offsets(kafka_settings, [topic])[topic, 0] == 10


def test_lag_is_asked_again_with_the_client_of_before_and_after_a_failure_with_another(kafka_settings: Settings) -> None:
    produce(kafka_settings, {0: 3})
    question = LagQuestion({group_id(kafka_settings, "deliver"): [name(kafka_settings)]})
    nowhere = kafka_settings.kafka.model_copy(update={"bootstrap_servers": ("127.0.0.1:9",)})
    try:
        assert sum(lag.lag for lag in question.ask(kafka_settings)) == 3
        assert sum(lag.lag for lag in question.ask(kafka_settings)) == 3
        with pytest.raises(DependencyError):
            question.ask(kafka_settings.model_copy(update={"kafka": nowhere}))
        assert sum(lag.lag for lag in question.ask(kafka_settings)) == 3
    finally:
        question.close()


def test_who_watches_the_lag_leaves_no_connection_behind(kafka_settings: Settings) -> None:
    ensure_topics(kafka_settings)
    answered = threading.Event()

    def sockets() -> int:
        count = 0
        for one in Path("/proc/self/fd").iterdir():
            with suppress(OSError):  # closed meanwhile, as the folder's own is
                count += str(one.readlink()).startswith("socket:")
        return count

    gc.collect()  # what other tests left open goes now
    before = sockets()
    poller = LagPoller(lambda: kafka_settings, on_answer=lambda why: answered.set() if why is None else None, every_s=0.05)
    poller.start()
    assert answered.wait(60)
    assert sockets() > before
    poller.stop()
    poller.join(60)
    assert sockets() <= before


def test_records_that_retention_removed_are_no_lag(kafka_settings: Settings) -> None:
    produce(kafka_settings, {0: 10})
    topic, behind, newcomer = name(kafka_settings), group_id(kafka_settings, "store"), group_id(kafka_settings, "deliver")
    commit(kafka_settings, behind, {0: 2})
    with admin_client(kafka_settings) as admin:
        admin.delete_records({TopicPartition(topic, 0): 6})
    found = {lag.group: lag.lag for lag in consumer_lag(kafka_settings, {behind: [topic], newcomer: [topic]}) if lag.partition == 0}
    assert found == {behind: 4, newcomer: 4}


def test_lag_of_a_topic_that_is_not_there_is_left_out(kafka_settings: Settings) -> None:
    assert consumer_lag(kafka_settings, {"nobody": ["no.such.topic"]}) == []
    assert consumer_lag(kafka_settings, {}) == []
    with admin_client(kafka_settings) as admin:
        assert "no.such.topic" not in admin.list_topics()


async def test_both_libraries_read_what_the_other_writes_and_agree_on_partitions(kafka_settings: Settings) -> None:
    topic, keys = name(kafka_settings), [f"a_{number:x}".encode() for number in range(40)]
    producer = open_producer(kafka_settings, client_id="sync")
    for key in keys:
        producer.send(topic, key=key, value=b"sync " + key)
    producer.flush(timeout=120)
    producer.close()
    async with AIOKafkaProducer(**aio_producer_config(kafka_settings, client_id="async")) as aio_producer:
        for key in keys:
            await aio_producer.send_and_wait(topic, key=key, value=b"async " + key)
    partitions: dict[bytes, set[int]] = {key: set() for key in keys}
    values: set[bytes] = set()
    async with AIOKafkaConsumer(topic, **aio_consumer_config(kafka_settings, client_id="r", group=group_id(kafka_settings, "r"))) as reader:
        while len(values) < 2 * len(keys):
            for records in (await reader.getmany(timeout_ms=1000)).values():
                for record in records:
                    partitions[record.key].add(record.partition)
                    values.add(record.value)
    assert all(len(found) == 1 for found in partitions.values())
    consumer = open_consumer(kafka_settings, client_id="r2", group=group_id(kafka_settings, "r2"))
    consumer.subscribe([topic])
    seen: set[bytes] = set()
    while len(seen) < 2 * len(keys):
        seen |= {record.value for records in consumer.poll(timeout_ms=1000).values() for record in records}
    consumer.close()
    assert seen == values


async def test_a_record_of_four_megabytes_passes_both_ways(kafka_settings: Settings) -> None:
    large = bytes(range(256)) * (LARGE_BYTES // 256)
    producer = open_producer(kafka_settings, client_id="sync")
    producer.send(name(kafka_settings), value=large, partition=0).get(timeout=120)
    producer.close()
    async with AIOKafkaProducer(**aio_producer_config(kafka_settings, client_id="async")) as aio_producer:
        await aio_producer.send_and_wait(name(kafka_settings), value=large, partition=0)
    consumer = KafkaConsumer(**consumer_config(kafka_settings, client_id="r", group=None))
    consumer.assign([TopicPartition(name(kafka_settings), 0)])
    found = [consumer.__next__().value for _ in range(2)]
    consumer.close()
    assert found == [large, large]


def test_a_topic_is_read_to_the_end_it_had_at_the_start_from_wherever_is_wanted(kafka_settings: Settings) -> None:
    topic = name(kafka_settings)
    producer = open_producer(kafka_settings, client_id="write")

    def write(*numbers: int) -> None:
        for future in [producer.send(topic, value=str(number).encode(), partition=number % 2) for number in numbers]:
            future.get(timeout=120)

    write(*range(6))
    consumer = open_consumer(kafka_settings, client_id="read", group=None)
    partitions = partitions_of(consumer, topic)
    assert len(partitions) > 2  # some of them stay empty
    reading = read_to_end(consumer, partitions)
    values = [next(reading).value]
    write(6, 7)  # after the reading began: left for another time
    values += [record.value for record in reading]
    assert sorted(values) == [str(number).encode() for number in range(6)]
    starts = {partition: 2 for partition in partitions if partition.partition < 2}
    assert {record.value for record in read_to_end(consumer, partitions, starts=starts)} == {b"4", b"5", b"6", b"7"}
    assert [record.value for record in read_to_end(consumer, partitions[:1], ends={partitions[0]: 1})] == [b"0"]
    stopped = threading.Event()
    stopped.set()
    assert list(read_to_end(consumer, partitions, stopped=stopped)) == []
    consumer.close()
    producer.close()


def test_a_member_whose_polls_ended_during_a_rebalance_joins_again(kafka_settings: Settings) -> None:
    consumer = open_consumer(kafka_settings, client_id="rejoin", group=f"{kafka_settings.kafka.topic_prefix}rejoin")
    assigned = threading.Event()
    consumer.subscribe([name(kafka_settings)], listener=paused_listener(consumer, lambda _new: assigned.set(), lambda _gone: None))

    def joins(*, poll_ms: int, within_s: float) -> bool:
        deadline = time.monotonic() + within_s
        while not assigned.is_set() and time.monotonic() < deadline:
            consumer.poll(timeout_ms=poll_ms)
            time.sleep(0.02)
        return assigned.is_set()

    try:
        for _ in range(3):  # not every rebalance is hit where it hurts
            assert joins(poll_ms=250, within_s=120)
            consumer.poll(timeout_ms=250)
            assigned.clear()
            consumer._coordinator._assignment_snapshot = {}  # what a metadata refresh during the first assignment leaves
            joins(poll_ms=1, within_s=1)
        assert joins(poll_ms=250, within_s=120)
    finally:
        consumer.close(autocommit=False, timeout_ms=2_000)


def test_mistyped_topic_is_an_error_and_does_not_appear(kafka_settings: Settings) -> None:
    producer = open_producer(kafka_settings, client_id="test")
    producer.config["max_block_ms"] = 1000
    with pytest.raises(KafkaError):
        producer.send(name(kafka_settings) + "x", value=b"v").get(timeout=10)
    producer.close(timeout=1)
    with admin_client(kafka_settings) as admin:
        assert name(kafka_settings) + "x" not in admin.list_topics()


def test_broker_that_wants_tls_is_told_apart_from_ours(kafka_settings: Settings) -> None:
    kafka = kafka_settings.kafka.model_copy(update={"security_protocol": "SSL"})
    settings = kafka_settings.model_copy(update={"kafka": kafka})
    with pytest.raises(DependencyError, match=r"Check .*kafka\.security_protocol"), admin_client(settings, timeout_ms=1500):
        pytest.fail("spoke TLS with a plaintext listener")
