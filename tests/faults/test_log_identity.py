"""A log that is not the one that was read: replaced, cut, or a position changed by hand. Nothing is skipped, all of it is told."""

from __future__ import annotations

import os
import signal
from collections import Counter

from sqlalchemy import Engine, func, select, update
from support.logs import cut_records, replace_topics
from support.samples import NOON, article
from support.storing import caught_up, eventually, publish, running, store_all

from newsmon.kafka.broker.process import LocalBroker
from newsmon.kafka.positions.identity import read_log_ids
from newsmon.settings import Settings
from newsmon.topics import ARTICLES, STORY_STATE
from sinks.database import tables
from sinks.database.engine import reading, writing
from sinks.database.losses import acknowledge_losses, read_losses
from sinks.database.offsets import read_positions
from sinks.store.kept_logs import look_at_kept_logs

PARTITIONS = range(ARTICLES.partitions)


def sighted(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(tables.sightings)) or 0


def reasons(engine: Engine) -> Counter[str]:
    with reading(engine) as connection:
        return Counter(row.reason for row in read_losses(connection, only_open=True))


def log_ids(engine: Engine, settings: Settings) -> set[str | None]:
    name = ARTICLES.named(settings.kafka.topic_prefix)
    with reading(engine) as connection:
        return {position.log_id for (topic, _partition), position in read_positions(connection, "store").items() if topic == name}


def test_a_log_replaced_by_a_longer_one_is_read_from_its_beginning(settings: Settings, engine: Engine) -> None:
    """Without the identity, as many records as were read of the old log would be skipped of the new one."""
    publish(settings, {ARTICLES: [article(number=number) for number in range(30)]})
    store_all(settings, engine)
    replace_topics(settings, ARTICLES)
    publish(settings, {ARTICLES: [article(number=number) for number in range(100, 190)]})
    store_all(settings, engine)
    assert sighted(engine) == 30 + 90
    assert reasons(engine) == {"log_replaced": sum(1 for _ in PARTITIONS)}, "each partition read before says so"
    assert log_ids(engine, settings) == {read_log_ids(settings, [ARTICLES.named(settings.kafka.topic_prefix)]).popitem()[1]}
    with running(settings, engine) as store:
        eventually(lambda: not store.health.unready_because(), "it reads on")
    assert reasons(engine).total() == 6, "told once"


def test_a_log_replaced_while_it_is_read_is_noticed_and_read_from_its_beginning(settings: Settings, engine: Engine) -> None:
    publish(settings, {ARTICLES: [article(number=number) for number in range(30)]})
    with running(settings, engine, topics=(ARTICLES,)):
        eventually(lambda: sighted(engine) == 30, "the first log is stored")
        replace_topics(settings, ARTICLES)
        publish(settings, {ARTICLES: [article(number=number) for number in range(100, 190)]})
        eventually(lambda: sighted(engine) == 120, "all of the second log is stored")
        eventually(lambda: caught_up(settings, engine, [ARTICLES]), "to its end")
    assert set(reasons(engine)) == {"log_replaced"}


def test_records_that_expired_unread_are_counted_and_stay_until_somebody_has_seen_them(settings: Settings, engine: Engine) -> None:
    publish(settings, {ARTICLES: [article(number=number) for number in range(30)]})
    store_all(settings, engine)
    name = ARTICLES.named(settings.kafka.topic_prefix)
    with reading(engine) as connection:
        read = {partition: at.next_offset for (topic, partition), at in read_positions(connection, "store").items() if topic == name}
    publish(settings, {ARTICLES: [article(number=number) for number in range(30, 90)]})
    cut = {partition: offset + 2 for partition, offset in sorted(read.items())[:2]}
    cut_records(settings, ARTICLES, cut)
    store_all(settings, engine)
    with reading(engine) as connection:
        found = read_losses(connection, only_open=True)
    assert {(row.reason, row.partition, row.from_offset, row.to_offset, row.lost_count) for row in found} == {
        ("expired", partition, offset - 2, offset, 2) for partition, offset in cut.items()
    }
    assert sighted(engine) == 90 - 4
    with writing(engine) as connection:
        assert acknowledge_losses(connection, by="someone", now=NOON) == 2
    with running(settings, engine) as store:
        eventually(lambda: not store.health.unready_because(), "it reads on")
    assert not reasons(engine), "and it does not come back"


def test_a_position_changed_by_hand_skips_nothing(settings: Settings, engine: Engine) -> None:
    publish(settings, {ARTICLES: [article(number=number) for number in range(30)]})
    store_all(settings, engine)
    publish(settings, {ARTICLES: [article(number=number) for number in range(30, 60)]})
    with writing(engine) as connection:  # forward, over what has not been read
        offset = tables.consumed_offsets.c.next_offset
        connection.execute(update(tables.consumed_offsets).values(next_offset=offset + 3))
    store_all(settings, engine)
    assert sighted(engine) == 60
    assert set(reasons(engine)) == {"offset_changed"}


def test_a_database_from_before_identities_adopts_them_in_silence(settings: Settings, engine: Engine) -> None:
    publish(settings, {ARTICLES: [article(number=number) for number in range(30)]})
    store_all(settings, engine)
    with writing(engine) as connection:
        connection.execute(update(tables.consumed_offsets).values(log_id=None, leader_epoch=None, position_digest=None))
    with running(settings, engine):
        eventually(lambda: None not in log_ids(engine, settings), "the log is known")
    assert not reasons(engine)
    replace_topics(settings, ARTICLES)
    publish(settings, {ARTICLES: [article(number=number) for number in range(100, 190)]})
    store_all(settings, engine)
    assert sighted(engine) == 30 + 90, "and from then on a replaced log is noticed"


def test_topics_that_no_sink_reads_are_watched_for_those_who_remember_by_them(settings: Settings, engine: Engine) -> None:
    assert [look_at_kept_logs(settings, engine, consumer="store") for _ in range(2)] == [0, 0]
    replace_topics(settings, STORY_STATE)
    assert [look_at_kept_logs(settings, engine, consumer="store") for _ in range(2)] == [1, 0]
    with reading(engine) as connection:
        [loss] = read_losses(connection)
    assert (loss.topic, loss.reason) == (STORY_STATE.named(settings.kafka.topic_prefix), "log_replaced")


def test_a_broker_that_is_killed_and_comes_back_is_the_same_log(settings: Settings, engine: Engine, broker: LocalBroker) -> None:
    """Its leader epochs rise, and what was read before them is still what was read."""
    publish(settings, {ARTICLES: [article(number=number) for number in range(30)]})
    store_all(settings, engine)
    assert broker.pid is not None
    os.kill(broker.pid, signal.SIGKILL)
    eventually(lambda: broker.poll() is not None, "killed")
    broker.start()
    publish(settings, {ARTICLES: [article(number=number) for number in range(30, 60)]})
    store_all(settings, engine)
    assert sighted(engine) == 60
    assert not reasons(engine)
