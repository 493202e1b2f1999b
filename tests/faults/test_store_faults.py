"""What befalls a sink: killed in mid-batch, a twin, a full disk, a database that goes away, a log that was cut."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient
from sqlalchemy import BigInteger, Column, Connection, Engine, Integer, MetaData, Table, Text, event, func, insert, select
from support.databases import migrated_database
from support.ledgers import commit_offsets
from support.postgres import PostgresServer
from support.samples import NOON, article
from support.storing import all_rows, caught_up, eventually, publish, running, store_all, with_database
from support.world import small_world

from newsmon.kafka.clients import admin_config
from newsmon.metrics import REGISTRY
from newsmon.settings import Settings
from newsmon.topics import ARTICLES
from sinks.consumer.kafka_record import KafkaRecord
from sinks.database import tables
from sinks.database.engine import create_engine_for, reading, writing
from sinks.database.offsets import Advance, FencedError, advance_offsets, read_offsets
from sinks.database.schema import migrate
from sinks.store.service import STORED, writer

SEED = int(os.environ.get("NEWSMON_TEST_SEED", "0")) or random.SystemRandom().randrange(2**32)
KILLS = 4


# Every record as it was handled, without any key: doing it twice would show as two rows.
journal = Table("test_journal", MetaData(), Column("topic", Text), Column("partition", Integer), Column("offset", BigInteger))


def journalled(settings: Settings):
    """The store's handler that also writes down each record it was given, in the same transaction."""
    write = writer(settings)

    def handler(connection: Connection, batch: Sequence[KafkaRecord]) -> int:
        rows = write(connection, batch)
        connection.execute(insert(journal), [{"topic": one.topic_name, "partition": one.partition, "offset": one.offset} for one in batch])
        return rows

    return handler


def handled(engine: Engine) -> Counter[tuple[str, int, int]]:
    with reading(engine) as connection:
        return Counter(tuple(row) for row in connection.execute(select(journal)))


def assert_offsets_and_rows_agree(engine: Engine) -> None:
    """At any moment: exactly the records before the stored offsets have left their rows."""
    with reading(engine) as connection:
        stored = read_offsets(connection, "store")
        rows = Counter(
            tuple(row) for row in connection.execute(select(tables.sightings.c.kafka_partition, tables.sightings.c.kafka_offset))
        )
    expected = {
        (partition, offset) for (topic, partition), end in stored.items() if topic.endswith(ARTICLES.base_name) for offset in range(end)
    }
    assert set(rows) == expected
    assert set(rows.values()) <= {1}


@contextlib.contextmanager
def store_process(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEWSMON_")} | {
        "NEWSMON_STATE_DIR": str(settings.state_dir),
        "NEWSMON_KAFKA__BOOTSTRAP_SERVERS": settings.kafka.bootstrap_servers[0],
        "NEWSMON_KAFKA__TOPIC_PREFIX": settings.kafka.topic_prefix,
        "NEWSMON_KAFKA__GROUP_PREFIX": settings.kafka.group_prefix,
        "NEWSMON_KAFKA__SESSION_TIMEOUT_S": str(settings.kafka.session_timeout_s),
        "NEWSMON_DATABASE__URL": str(settings.database.url),
        "NEWSMON_DATABASE__BATCH_SIZE": "2",  # many transactions, so that a kill comes between two of them
    }
    log = settings.state_dir / "store.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("ab") as stderr,
        subprocess.Popen([sys.executable, "-Im", "newsmon", "store"], env=environment, stderr=stderr) as process,
    ):
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def losses() -> float:
    return REGISTRY.get_sample_value("newsmon_sink_errors_total", {"sink": "store", "reason": "log_truncated"}) or 0.0


def sighted(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(tables.sightings)) or 0


def kill_at_work(settings: Settings, engine: Engine, *, after_s: float) -> None:
    """Start the store, wait until it stores, and kill it a little later."""
    before = sighted(engine)
    with store_process(settings) as process:
        eventually(lambda: sighted(engine) > before or process.poll() is not None, "the store goes on")
        time.sleep(after_s)
        assert process.poll() is None, (settings.state_dir / "store.log").read_text()
        process.send_signal(signal.SIGKILL)
        process.wait(60)


def test_killed_in_mid_stream_offsets_and_rows_agree_and_the_end_is_the_same(settings: Settings, engine: Engine) -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    # No article twice, so that each sighting answers for exactly one record.
    world = small_world(feeds=3, polls=60, articles_per_poll=8, shared=False, body="A long text. " * 100)
    published = mid_stream = 0
    for number in range(KILLS):  # more of it before each start, so that there is work left however late the kill comes
        portion = {
            topic: records[number * len(records) // KILLS : (number + 1) * len(records) // KILLS]
            for topic, records in world.by_topic.items()
        }
        publish(settings, portion)
        published += len(portion[ARTICLES])
        kill_at_work(settings, engine, after_s=chance.random() * 0.1)
        mid_stream += sighted(engine) < published
        assert_offsets_and_rows_agree(engine)
    print(f"{mid_stream} of {KILLS} kills came in mid-stream")
    assert mid_stream >= 1, "no kill came in mid-stream: this test proved nothing"
    store_all(settings, engine)
    assert_offsets_and_rows_agree(engine)
    with reading(engine) as connection:
        after_kills = all_rows(connection)
    undisturbed = create_engine_for(with_database(settings, f"sqlite:///{settings.state_dir}/undisturbed.db"))
    migrate(undisturbed)
    store_all(settings, undisturbed)
    with reading(undisturbed) as connection:
        assert all_rows(connection) == after_kills
    undisturbed.dispose()


def test_sigterm_drains_and_exits_0(settings: Settings, engine: Engine) -> None:
    publish(settings, small_world().by_topic)
    with store_process(settings) as process:
        eventually(lambda: sighted(engine) > 0, "the store works")
        process.send_signal(signal.SIGTERM)
        assert process.wait(90) == 0


def test_two_instances_share_the_work_and_double_nothing_while_they_come_and_go(settings: Settings, engine: Engine) -> None:
    journal.create(engine)
    first_half, second_half = small_world(polls=20), small_world(polls=40)
    publish(settings, first_half.by_topic)
    with running(settings, engine, handler=journalled(settings)):
        eventually(lambda: bool(handled(engine)), "the first works")
        with running(settings, engine, handler=journalled(settings)):
            publish(settings, second_half.by_topic)
            eventually(lambda: caught_up(settings, engine), "both have read everything")
        publish(settings, first_half.by_topic)
        eventually(lambda: caught_up(settings, engine), "the one left has the rest")
    counts = handled(engine)
    expected = sum(len(records) for world in (first_half, second_half, first_half) for records in world.by_topic.values())
    assert len(counts) == expected
    assert set(counts.values()) == {1}


def test_a_late_twin_is_fenced_and_leaves_nothing(settings: Settings, engine: Engine) -> None:
    journal.create(engine)

    def store_behind_its_back(expected: int | None) -> None:
        with writing(engine) as connection:
            connection.execute(insert(journal).values(topic="t", partition=0, offset=4))
            advance_offsets(connection, "store", [Advance("t", 0, expected, 6)], now=NOON)

    with writing(engine) as connection:
        advance_offsets(connection, "store", [Advance("t", 0, None, 5)], now=NOON)
    with pytest.raises(FencedError):
        store_behind_its_back(None)
    with pytest.raises(FencedError):
        store_behind_its_back(4)
    assert handled(engine) == Counter()
    with reading(engine) as connection:
        assert read_offsets(connection, "store") == {("t", 0): 5}


def test_a_full_disk_skips_nothing_and_goes_on_when_there_is_room(kafka_settings: Settings, tmp_path: Path) -> None:
    settings = with_database(kafka_settings, f"sqlite:///{tmp_path / 'full.db'}")
    with migrated_database(settings) as engine:
        room = {"pages": 0}

        @event.listens_for(engine, "checkout")
        def limit(connection, _record, _proxy) -> None:
            connection.execute(f"PRAGMA max_page_count = {room['pages'] or 2**30}").fetchall()

        with reading(engine) as connection:
            used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        room["pages"] = used + 60
        world = small_world(feeds=2, polls=20, articles_per_poll=5, body="A long text. " * 200)
        publish(settings, world.by_topic)
        with running(settings, engine) as store:
            eventually(lambda: "full" in store.health.unready_because().get("database", ""), "it says that the disk is full")
            assert not caught_up(settings, engine)
            assert store.health.unhealthy_because() == {}, "restarting would not help"
            room["pages"] = 0
            eventually(lambda: caught_up(settings, engine), "it goes on when there is room")
            eventually(lambda: store.health.unready_because() == {}, "and is ready again")
        with reading(engine) as connection:
            assert connection.scalar(select(func.count()).select_from(tables.quarantined)) == 0
        assert sighted(engine) == len(world.of(ARTICLES))


def test_a_database_that_goes_away_is_waited_for(kafka_settings: Settings, postgres_server: PostgresServer) -> None:
    settings = with_database(kafka_settings, postgres_server.create_database())
    with migrated_database(settings) as engine:
        world = small_world(polls=10)
        publish(settings, {ARTICLES: world.of(ARTICLES)[:10]})
        with running(settings, engine) as store:
            eventually(lambda: sighted(engine) == 10, "it works")
            postgres_server.stop()
            try:
                publish(settings, {ARTICLES: world.of(ARTICLES)[10:]})
                eventually(lambda: "database" in store.health.unready_because(), "it notices")
            finally:
                postgres_server.start()
            eventually(lambda: caught_up(settings, engine), "it goes on")
        assert sighted(engine) == len(world.of(ARTICLES))


def test_records_that_left_the_log_unread_are_told_and_the_rest_is_stored(settings: Settings, engine: Engine) -> None:
    articles = [article(number=number) for number in range(60)]
    publish(settings, {ARTICLES: articles[:30]})
    store_all(settings, engine)
    publish(settings, {ARTICLES: articles[30:]})
    name = ARTICLES.named(settings.kafka.topic_prefix)
    with reading(engine) as connection:
        stored = {partition: offset for (topic, partition), offset in read_offsets(connection, "store").items() if topic == name}
    told = losses()
    admin = KafkaAdminClient(**admin_config(settings))
    cut = next(iter(sorted(stored)))
    admin.delete_records({TopicPartition(name, cut): stored[cut] + 2})
    admin.close()
    store_all(settings, engine)
    assert sighted(engine) == len(articles) - 2
    assert losses() == told + 1, "one partition lost records"


def test_a_topic_made_anew_is_read_from_its_beginning(settings: Settings, engine: Engine) -> None:
    name = ARTICLES.named(settings.kafka.topic_prefix)
    with writing(engine) as connection:
        advance_offsets(connection, "store", [Advance(name, partition, None, 10_000) for partition in range(6)], now=NOON)
    articles = [article(number=number) for number in range(30)]
    publish(settings, {ARTICLES: articles})
    told = losses()
    store_all(settings, engine)
    assert sighted(engine) == len(articles)
    assert losses() == told + 6, "each partition says so"


def test_what_kafka_says_was_committed_is_never_trusted(settings: Settings, engine: Engine) -> None:
    world = small_world()
    publish(settings, world.by_topic)
    commit_offsets(settings, "store", STORED)
    store_all(settings, engine)
    assert sighted(engine) == len(world.of(ARTICLES))
