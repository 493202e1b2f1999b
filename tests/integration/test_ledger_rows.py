"""The ledger by rows alone, on a database of each kind: every kind of row that goes missing is found, on the right line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import ColumnElement, Engine, Table, delete, insert, select, update
from support.databases import migrated_database
from support.filled import fill, received_of
from support.samples import NOON, every_record
from support.world import small_world

from newsmon.codec import encode
from newsmon.quarantine import Quarantined, QuarantineReason, Stage
from newsmon.records import Corrected, CorrectionOutcome
from newsmon.settings import DatabaseSettings, Settings
from newsmon.topics import ALERTS, ARTICLES, MATCHES, QUARANTINE, STORIES, Topic
from sinks.consumer.kafka_record import KafkaRecord
from sinks.database import tables
from sinks.database.engine import reading, writing
from sinks.database.outbox_tables import attempts, fanouts, outbox
from sinks.database.upsert import insert_new
from sinks.ledger.balance import Ledger, Line
from sinks.ledger.verify import verify
from sinks.store.service import writer

CORRECTED: Corrected = next(record for record in every_record() if isinstance(record, Corrected))


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path, database=DatabaseSettings(url=database_url))


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    with migrated_database(settings) as engine:
        fill(settings, engine, small_world(feeds=2, polls=4, articles_per_poll=4))
        with writing(engine) as connection:  # a person has corrected a story, and was answered
            batch = [
                (MATCHES, CORRECTED.correction),
                (STORIES, msgspec.structs.replace(CORRECTED, outcome=CorrectionOutcome.ALREADY_SO, moved=())),
            ]
            writer(settings)(
                connection, [KafkaRecord(topic, topic.base_name, 0, 900, None, encode(one), record=one) for topic, one in batch]
            )
        with writing(engine) as connection:  # the deliver stage has read everything
            connection.execute(
                insert(tables.consumed_offsets).values(
                    consumer="deliver", topic=ALERTS.base_name, partition=0, next_offset=10**6, updated_at=NOON
                )
            )
        yield engine


IDENTITIES = ("correction_id", "match_id", "alert_id", "story_id", "revision_id", "article_id", "feed_id")


def ledger_of(settings: Settings, *, since: datetime | None = None) -> Ledger:
    return verify(settings, since=since, with_log=False)


def wrong_lines(ledger: Ledger) -> dict[str, Line]:
    return {line.name: line for line in ledger.imbalances}


def take_one(engine: Engine, table: Table, *conditions: ColumnElement[bool]) -> dict[str, Any]:
    """Delete one row from the middle of the table and give it."""
    key = list(table.primary_key.columns)
    with writing(engine) as connection:
        rows = connection.execute(select(table).where(*conditions).order_by(*key)).mappings().all()
        chosen = dict(rows[len(rows) // 2])
        connection.execute(delete(table).where(*(column == chosen[column.name] for column in key)))
    return chosen


def test_a_whole_world_balances(settings: Settings, engine: Engine) -> None:
    ledger = ledger_of(settings)
    assert ledger.balanced
    assert all(line.total > 0 for line in ledger.lines if line.name != "losses"), "a line that counts nothing proves nothing"


@pytest.mark.parametrize(
    ("table", "line"),
    [
        (tables.sightings, "announced articles"),
        (tables.revisions, "texts"),
        (tables.articles, "texts"),
        (tables.classifications, "classifications"),
        (tables.classified_themes, "themes"),
        (tables.matches, "stories' members"),
        (tables.members, "stories' members"),
        (tables.corrections, "corrections"),
        (tables.corrected, "corrections"),
        (tables.stories, "stories"),
        (tables.alerts, "alert decisions"),
        (tables.alerts, "alerts"),
        (fanouts, "alerts"),
        (outbox, "deliveries"),
    ],
    ids=lambda value: value.name if isinstance(value, Table) else value.replace(" ", "-"),
)
def test_a_row_taken_away_is_missed_by_name(settings: Settings, engine: Engine, table: Table, line: str) -> None:
    row = take_one(engine, table)
    wrong = wrong_lines(ledger_of(settings))
    assert line in wrong
    assert wrong[line].missing.count >= 1
    named = " ".join(wrong[line].missing.named)
    identities = [row[name] for name in IDENTITIES if row.get(name)]
    assert any(identity in named for identity in identities), (identities, named)


def test_a_match_taken_away_is_missed_where_a_classification_names_it(settings: Settings, engine: Engine) -> None:
    match_id = take_one(engine, tables.matches)["match_id"]
    line = wrong_lines(ledger_of(settings))["matches"]
    assert line.missing.count == 1
    assert match_id in line.missing.named[0]


def test_a_poll_taken_away_leaves_a_gap_and_homeless_sightings(settings: Settings, engine: Engine) -> None:
    take_one(engine, tables.fetches, tables.fetches.c.poll_seq == 2)
    wrong = wrong_lines(ledger_of(settings))
    assert wrong["polls"].missing.named == ("feed-1 poll 2",)
    assert wrong["sightings"].missing.count == 4


def test_the_newest_poll_not_yet_stored_is_under_way(settings: Settings, engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(delete(tables.fetches).where(tables.fetches.c.poll_seq == 4))
    ledger = ledger_of(settings)
    assert ledger.balanced
    assert {line.name: line for line in ledger.lines}["sightings"].parts["of polls under way"] == 8


def test_sightings_of_a_poll_that_was_cut_off_are_shown_and_no_fault(settings: Settings, engine: Engine) -> None:
    with writing(engine) as connection:
        row = connection.execute(select(tables.sightings).where(tables.sightings.c.poll_seq == 3)).mappings().first()
        assert row is not None
        insert_new(connection, tables.sightings, [dict(row) | {"article_id": "a_gone_by_the_second_try", "poll_id": "p_cut_off"}])
        gone = {"article_id": "a_gone_by_the_second_try", "revision_id": "r", "revision": 1, "feed_id": "f", "source": "s", "url": None}
        gone |= {"title": "t", "language": "en", "published_at": None, "first_seen_at": NOON}
        insert_new(connection, tables.articles, [gone])
    ledger = ledger_of(settings)
    assert ledger.balanced
    assert {line.name: line for line in ledger.lines}["sightings"].parts["of polls cut off"] == 1


def test_counts_of_a_poll_that_do_not_add_up_are_named(settings: Settings, engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(
            update(tables.fetches).where(tables.fetches.c.feed_id == "feed-0", tables.fetches.c.poll_seq == 2).values(known_count=1)
        )
    line = wrong_lines(ledger_of(settings))["entries"]
    assert line.missing.named == ("feed-0 poll 2: 7 entries, but 4 + 0 + 1 + 1",)
    assert line.difference == 1


def test_a_delivery_that_claims_success_without_an_attempt_is_named(settings: Settings, engine: Engine) -> None:
    delivery_id = take_one(engine, attempts, attempts.c.outcome == "delivered")["delivery_id"]
    line = wrong_lines(ledger_of(settings))["proofs"]
    assert line.missing.count == 1
    assert delivery_id in line.missing.named[0]


@pytest.mark.parametrize("state", ["pending", "held", "dead"])
def test_a_delivery_that_was_delivered_and_is_made_to_wait_again_is_named(settings: Settings, engine: Engine, state: str) -> None:
    with writing(engine) as connection:
        delivery_id = connection.scalar(select(outbox.c.delivery_id).where(outbox.c.state == "delivered", outbox.c.receiver == "desk"))
        connection.execute(update(outbox).where(outbox.c.delivery_id == delivery_id).values(state=state))
    assert any(
        f"{delivery_id} to desk is {state}, but an attempt that delivered it is stored" == one
        for one in wrong_lines(ledger_of(settings))["proofs"].missing.named
    )
    with writing(engine) as connection:  # as `deliveries replay --also-delivered` leaves it
        connection.execute(update(outbox).where(outbox.c.delivery_id == delivery_id).values(state="pending", schedule_start=1))
    assert "proofs" not in wrong_lines(ledger_of(settings))


def quarantine(settings: Settings, engine: Engine, stage: Stage, topic: Topic, one: KafkaRecord) -> None:
    """Store the quarantine message a stage would have written of this record."""
    message = Quarantined(
        stage, QuarantineReason.HANDLER_FAILED, topic.base_name, one.partition, one.offset, "boom", NOON, "w", one.key, one.value
    )
    received = KafkaRecord(QUARANTINE, QUARANTINE.base_name, 0, one.offset, one.key, one.value, tuple(message.headers()))
    with writing(engine) as connection:
        writer(settings)(connection, [received])


def test_what_a_stage_set_aside_is_accounted_for(settings: Settings, engine: Engine) -> None:
    records = {
        topic: [one for one in received_of(small_world(feeds=2, polls=4, articles_per_poll=4)) if one.topic is topic]
        for topic in (ARTICLES, MATCHES, STORIES)
    }
    article = next(one.record for one in records[ARTICLES] if one.record.article_id and one.offset == 5)
    with writing(engine) as connection:
        connection.execute(delete(tables.classifications).where(tables.classifications.c.revision_id == article.revision_id))
        connection.execute(delete(tables.classified_themes).where(tables.classified_themes.c.revision_id == article.revision_id))
    assert "classifications" in wrong_lines(ledger_of(settings))
    quarantine(settings, engine, Stage.CLASSIFY, ARTICLES, records[ARTICLES][5])
    assert "classifications" not in wrong_lines(ledger_of(settings))


def test_a_match_the_grouping_stage_set_aside_is_accounted_for(settings: Settings, engine: Engine) -> None:
    match_id = take_one(engine, tables.members, tables.members.c.relation == "copy")["match_id"]
    assert set(wrong_lines(ledger_of(settings))) == {"stories' members"}
    hit = next(
        one
        for one in received_of(small_world(feeds=2, polls=4, articles_per_poll=4))
        if getattr(one.record, "match_id", "") == match_id and one.topic is MATCHES
    )
    quarantine(settings, engine, Stage.GROUP, MATCHES, hit)
    assert ledger_of(settings).balanced


def test_since_leaves_out_what_is_older(settings: Settings, engine: Engine) -> None:
    with reading(engine) as connection:
        old = (
            connection.execute(
                select(tables.classifications.c.revision_id).where(tables.classifications.c.classified_at < NOON + timedelta(minutes=2))
            )
            .scalars()
            .first()
        )
    with writing(engine) as connection:
        connection.execute(delete(tables.classifications).where(tables.classifications.c.revision_id == old))
    assert not ledger_of(settings).balanced
    assert ledger_of(settings, since=NOON + timedelta(minutes=3)).balanced
