"""The store against a real broker and a real database of each kind."""

from __future__ import annotations

from sqlalchemy import Engine, select
from support.storing import all_rows, publish, store_all
from support.world import small_world

from newsmon.records import Article, Match
from newsmon.settings import Settings
from newsmon.topics import ALERTS, ARTICLES, CLASSIFICATIONS, FETCHES, MATCHES, STORIES
from sinks.database import tables
from sinks.database.engine import reading


def test_every_record_of_every_topic_becomes_its_rows(settings: Settings, engine: Engine) -> None:
    world = small_world()
    publish(settings, world.by_topic)
    store_all(settings, engine)
    with reading(engine) as connection:
        rows = all_rows(connection)
    articles = [one for one in world.of(ARTICLES) if isinstance(one, Article)]
    assert len(rows["sightings"]) == len(articles)
    assert len(rows["revisions"]) == len({one.revision_id for one in articles}) < len(articles)
    assert len(rows["articles"]) == len({one.article_id for one in articles})
    assert len(rows["fetches"]) == len(world.of(FETCHES))
    assert len(rows["feed_states"]) == 2
    assert len(rows["classifications"]) == len(world.of(CLASSIFICATIONS))
    assert len(rows["matches"]) == len({one.match_id for one in world.of(MATCHES) if isinstance(one, Match)})
    assert len(rows["members"]) == len(rows["matches"]) == len(world.of(STORIES))
    assert len(rows["alerts"]) == len(world.of(ALERTS))
    assert rows["quarantined"] == []


def test_evidence_points_into_the_stored_text(settings: Settings, engine: Engine) -> None:
    publish(settings, small_world().by_topic)
    store_all(settings, engine)
    with reading(engine) as connection:
        for row in connection.execute(select(tables.matches)).mappings():
            for clause in row["evidence"]:
                assert row[clause["field"]][clause["start"] : clause["end"]] == clause["text"]


def test_records_delivered_again_in_another_order_change_no_row(settings: Settings, engine: Engine) -> None:
    world = small_world()
    publish(settings, world.by_topic)
    store_all(settings, engine)
    with reading(engine) as connection:
        before = all_rows(connection)
    publish(settings, {topic: list(reversed(records)) for topic, records in world.by_topic.items()})
    store_all(settings, engine)
    with reading(engine) as connection:
        assert all_rows(connection) == before
