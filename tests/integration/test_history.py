"""Articles out of a database of each kind are those the processor read: whoever decides by them decides alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, column, inspect, table
from support.kept_records import filled
from support.samples import NOON, article, match

from newsmon import ids
from newsmon.codec import encode
from newsmon.records import AlertReason, Article, Evidence, Match, TextSource
from newsmon.settings import DatabaseSettings, Settings
from newsmon.topics import ARTICLES
from processors.stories.grouping import Grouping
from sinks.consumer.kafka_record import KafkaRecord
from sinks.database.engine import create_engine_for, writing
from sinks.database.schema import MIGRATIONS, migrate
from sinks.database.tables import metadata
from sinks.queries.history import stored_articles
from sinks.store.rows import rows_of
from sinks.store.service import writer

FEED_TEXT = article(body="Ministers agreed on a force of 20,000 for Arland on Tuesday.")


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path, database=DatabaseSettings(url=database_url))


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = create_engine_for(settings)
    yield engine
    engine.dispose()


def store(settings: Settings, engine: Engine, articles: Iterable[Article]) -> None:
    migrate(engine)
    with writing(engine) as connection:
        writer(settings)(
            connection,
            [KafkaRecord(ARTICLES, ARTICLES.base_name, 0, offset, None, encode(one), record=one) for offset, one in enumerate(articles)],
        )


def page_text(of: Article) -> Article:
    """The revision that reading the article's page gave."""
    body = f"{of.body} A second battalion follows in spring."
    content = ids.content_hash(of.title, of.lead, body)
    return msgspec.structs.replace(
        of, revision=2, body=body, content_hash=content, revision_id=ids.revision_id(of.article_id, content), poll_seq=2,
        first_seen_at=of.first_seen_at + timedelta(minutes=5), text_source=TextSource.PAGE,
    )  # fmt: skip


def decisions(articles: Iterable[Article]) -> list[AlertReason]:
    """What the grouping stage decides about a match of each, every one with other evidence."""
    grouping, found = Grouping(), []
    for number, one in enumerate(articles):
        evidence = Evidence(clause=f"clause-{number}", field="title", start=0, end=9, text=one.title[:9], contribution=2.0)
        given: Match = msgspec.structs.replace(match(one, matched_at=one.first_seen_at), evidence=(evidence,))
        state = grouping.decide(given, source_offset=number)
        grouping.apply(state)
        found.append(state.story.alert_decision)
    return found


@pytest.mark.parametrize("other", [0, 1])
def test_no_field_of_an_article_is_lost(settings: Settings, engine: Engine, other: int) -> None:
    one = filled(Article, other)
    store(settings, engine, [one])
    assert list(stored_articles(engine, since=NOON - timedelta(days=1))) == [one]


def test_each_feed_keeps_what_it_said_of_the_same_words(settings: Settings, engine: Engine) -> None:
    first = article()
    second = msgspec.structs.replace(first, feed_id="other", language="und", tier=4, country="nl", text_source=TextSource.PAGE)
    store(settings, engine, [first, second])
    found = {one.feed_id: one for one in stored_articles(engine, since=NOON)}
    assert found == {"wire": first, "other": second}


def test_a_backtest_decides_about_the_text_of_a_page_as_the_service_did(settings: Settings, engine: Engine) -> None:
    written = [FEED_TEXT, page_text(FEED_TEXT)]
    store(settings, engine, written)
    as_decided = decisions(written)
    assert as_decided == [AlertReason.NEW_STORY, AlertReason.NO_MATERIAL_CHANGE]
    assert decisions(stored_articles(engine, since=NOON)) == as_decided
    revised = msgspec.structs.replace(written[1], text_source=TextSource.FEED)
    assert decisions([FEED_TEXT, revised])[1] is AlertReason.REVISED_TEXT, "the field makes the difference"


def test_an_article_stored_before_there_were_columns_for_its_fields_is_read_with_what_is_known(settings: Settings, engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    old = article()
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        for name, row in rows_of(old, partition=0, offset=0):
            had = {one["name"] for one in inspect(connection).get_columns(name)}
            known = {one: value for one, value in row.items() if one in had}
            assert name != "sightings" or {"language", "text_source"}.isdisjoint(known)
            connection.execute(table(name, *(column(one, metadata.tables[name].c[one].type) for one in known)).insert(), [known])
    store(settings, engine, [page_text(old)])
    assert list(stored_articles(engine, since=NOON)) == [old, page_text(old)]
    with writing(engine) as connection:  # and back, with all rows
        config.attributes["connection"] = connection
        command.downgrade(config, "0004")
    store(settings, engine, ())
    found = list(stored_articles(engine, since=NOON))
    assert [one.text_source for one in found] == [TextSource.FEED, TextSource.FEED]
