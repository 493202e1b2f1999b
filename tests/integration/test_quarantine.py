"""Bytes that cannot be read: set aside, stored untouched, listed, and sent back to where they came from."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from sqlalchemy import Engine, func, select
from support.samples import NOON, article
from support.storing import caught_up, eventually, publish, running, store_all
from support.world import small_world

from newsmon.app.cli import cli
from newsmon.codec import decode, encode, record_tag
from newsmon.kafka.clients import consumer_config, producer_config
from newsmon.quarantine import Quarantined, QuarantineReason, Stage
from newsmon.records import Article
from newsmon.records.upgrades import STEPS, as_it_is, following
from newsmon.settings import Settings
from newsmon.topics import ARTICLES, CLASSIFICATIONS, QUARANTINE, Topic
from sinks.database import tables
from sinks.database.engine import reading
from sinks.store.service import STORED

GARBAGE = b"\xff\x00 no record \x1b[2J"


@pytest.fixture
def newsmon(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The command line with these settings."""
    file = tmp_path / "newsmon.toml"
    kafka, database = settings.kafka, settings.database
    file.write_text(
        f'state_dir = "{settings.state_dir}"\n[kafka]\nbootstrap_servers = "{kafka.bootstrap_servers[0]}"\n'
        f'topic_prefix = "{kafka.topic_prefix}"\ngroup_prefix = "{kafka.group_prefix}"\n[database]\nurl = "{database.url}"\n'
    )

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, [arguments[0], arguments[1], "--config", str(file), *arguments[2:]])

    return run


def quarantined_count(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(tables.quarantined)) or 0


def test_garbage_on_every_topic_is_set_aside_and_the_flow_goes_on(settings: Settings, engine: Engine) -> None:
    world = small_world()
    publish(settings, {topic: [GARBAGE, *world.by_topic.get(topic, ()), GARBAGE] for topic in STORED if topic is not QUARANTINE})
    publish(settings, {QUARANTINE: [GARBAGE]})
    garbage_count = 2 * (len(STORED) - 1) + 1
    with running(settings, engine):
        eventually(lambda: caught_up(settings, engine), "everything read")
        eventually(lambda: quarantined_count(engine) == garbage_count, "every piece of garbage is a row")
        eventually(lambda: caught_up(settings, engine), "also what was set aside")
    with reading(engine) as connection:
        rows = connection.execute(select(tables.quarantined)).mappings().all()
        assert {row["value"] for row in rows} == {GARBAGE}
        assert {row["stage"] for row in rows} == {"store"}
        assert {row["topic"] for row in rows} == {topic.named(settings.kafka.topic_prefix) for topic in STORED}
        assert {row["reason"] for row in rows} == {"not_json", "wrong_shape"}
        assert connection.scalar(select(func.count()).select_from(tables.sightings)) == len(world.of(ARTICLES))


def test_values_a_database_cannot_hold_are_set_aside_alone(settings: Settings, engine: Engine) -> None:
    articles = [article(number=number) for number in range(20)]
    too_large = msgspec.structs.replace(articles[7], tier=2**63)
    publish(settings, {ARTICLES: [*articles[:7], too_large, *articles[8:]]})
    with running(settings, engine):
        eventually(lambda: quarantined_count(engine) == 1, "the one bad record is set aside")
        eventually(lambda: caught_up(settings, engine), "the others are stored")
    with reading(engine) as connection:
        row = connection.execute(select(tables.quarantined)).mappings().one()
        assert (row["reason"], row["subject"]) == ("handler_failed", too_large.revision_id)
        assert row["value"] == encode(too_large)
        stored = set(connection.execute(select(tables.sightings.c.article_id)).scalars())
    assert stored == {one.article_id for one in articles} - {too_large.article_id}


def test_text_with_a_nul_is_stored_alike_everywhere(settings: Settings, engine: Engine) -> None:
    publish(settings, {ARTICLES: [article(title="Force\x00s agreed")]})
    store_all(settings, engine)
    with reading(engine) as connection:
        assert connection.scalar(select(tables.revisions.c.title)) == "Force\ufffds agreed"
    assert quarantined_count(engine) == 0


def test_a_record_the_classifier_despaired_of_is_listed_shown_and_sent_back(settings: Settings, engine: Engine, newsmon) -> None:
    one = article()
    source = ARTICLES.named(settings.kafka.topic_prefix)
    message = Quarantined(
        Stage.CLASSIFY, QuarantineReason.HANDLER_FAILED, source, 3, 17, "ValueError: \x1b[2J boom", NOON, "w1", b"the key", encode(one)
    )
    producer = KafkaProducer(**producer_config(settings, client_id="test"))
    producer.send(QUARANTINE.named(settings.kafka.topic_prefix), key=message.key, value=message.value, headers=message.headers())
    producer.flush()
    producer.close()
    store_all(settings, engine)
    name = f"classify:{source}/3/17"

    listed = newsmon("quarantine", "list", "--stage", "classify", "--json")
    assert [json.loads(line)["id"] for line in listed.output.splitlines()] == [name]
    shown = newsmon("quarantine", "show", name)
    assert one.title in shown.output
    assert "\x1b" not in shown.output
    assert newsmon("quarantine", "show", name, "--raw").stdout_bytes == encode(one)

    dry = newsmon("quarantine", "replay", "--all", "--dry-run")
    assert "would be sent" in dry.output
    assert (dry.exit_code, sightings(engine)) == (0, 0)
    sent = newsmon("quarantine", "replay", "--all")
    assert "1 sent back, 0 refused." in sent.output
    store_all(settings, engine)
    assert sightings(engine) == 1, "the record is on its topic again"
    assert "0 sent back" in newsmon("quarantine", "replay", "--all").output, "it is not sent twice"
    assert "1 sent back" in newsmon("quarantine", "replay", "--id", name).output, "unless asked for by name"


UPGRADED = {**STEPS, record_tag(Article): as_it_is}


class NextArticle(Article, frozen=True, kw_only=True, tag=following(record_tag(Article))):
    """An article as a newer newsmon writes it."""

    mood: str | None = None


def test_a_record_of_a_newer_newsmon_waits_untouched_and_is_read_after_the_upgrade(settings: Settings, engine: Engine, newsmon) -> None:
    newer = NextArticle(**msgspec.structs.asdict(article(number=2)), mood="grim")
    publish(settings, {ARTICLES: [article(number=1), newer]})
    with running(settings, engine):
        eventually(lambda: quarantined_count(engine) == 1, "the newer one is set aside")
        eventually(lambda: caught_up(settings, engine), "the others are stored")
    with reading(engine) as connection:
        row = connection.execute(select(tables.quarantined)).mappings().one()
    assert (row["stage"], row["reason"], row["value"]) == ("store", "unknown_version", encode(newer))
    assert sightings(engine) == 1

    assert "1 sent back" in newsmon("quarantine", "replay", "--reason", "unknown_version").output
    sent_back = values_of(settings, ARTICLES)[-1]
    assert sent_back == encode(newer)
    assert decode(sent_back, NextArticle, steps=UPGRADED) == newer, "the upgraded program reads it"
    assert decode(encode(article()), NextArticle, steps=UPGRADED).mood is None, "and what was written before"


def values_of(settings: Settings, topic: Topic) -> list[bytes]:
    """All values on a topic, in the order they were written."""
    consumer = KafkaConsumer(**consumer_config(settings, client_id="test-values", group=None))
    name = topic.named(settings.kafka.topic_prefix)
    places = [TopicPartition(name, partition) for partition in range(topic.partitions)]
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    ends = consumer.end_offsets(places)
    found = []
    while any(consumer.position(place) < end for place, end in ends.items()):
        found += [record for records in consumer.poll(timeout_ms=200).values() for record in records]
    consumer.close()
    return [record.value for record in sorted(found, key=lambda record: record.timestamp)]


def sightings(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(tables.sightings)) or 0


def test_what_cannot_go_back_is_refused_by_reason(settings: Settings, engine: Engine, newsmon) -> None:
    publish(settings, {QUARANTINE: [GARBAGE], CLASSIFICATIONS: [b""]})
    with running(settings, engine):
        eventually(lambda: quarantined_count(engine) == 2, "both are stored")
    answer = newsmon("quarantine", "replay", "--stage", "store")
    assert "0 sent back, 2 refused." in answer.output
    assert "refused: quarantine_itself" in answer.output
    assert "refused: no_bytes" in answer.output


def test_an_id_that_names_nothing_is_a_no_and_one_that_is_none_a_mistake(newsmon, engine: Engine) -> None:
    assert newsmon("quarantine", "show", "store:news.articles/0/99").exit_code == 1
    assert newsmon("quarantine", "replay", "--id", "store:news.articles/0/99").exit_code == 1
    assert newsmon("quarantine", "replay").exit_code == 2
