"""Rows against their records on a real broker: what the log says decides, whatever the digest says, and gives digests to rows without."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, Table, delete, func, insert, select, update
from support.ledgers import assert_balanced, commit_as_processor, deliver_all
from support.samples import NOON, every_record
from support.storing import caught_up, eventually, publish, running
from support.world import small_world

from newsmon.app.cli.health.verify import command
from newsmon.records import Delivery, Feedback, Notice
from newsmon.settings import Settings
from newsmon.topics import DELIVERIES, FEEDBACK, NOTICES, Topic
from sinks.database import tables
from sinks.database.columns import DIGEST
from sinks.database.digests import digest_of
from sinks.database.engine import reading, writing
from sinks.database.outbox_tables import attempts, outbox
from sinks.ledger.balance import Ledger
from sinks.ledger.contents import TABLES
from sinks.ledger.verify import verify
from sinks.outbox.deliveries_writer import mark_published, unpublished
from sinks.store.service import KEPT


@pytest.fixture
def full(settings: Settings, engine: Engine) -> Engine:
    """A database of each kind that has stored, and a log that holds, a small world from end to end."""
    records: dict[Topic, Any] = dict(small_world(feeds=2, polls=3, articles_per_poll=3).by_topic)
    records[FEEDBACK] = [one for one in every_record() if isinstance(one, Feedback)]
    records[NOTICES] = [one for one in every_record() if isinstance(one, Notice)]
    publish(settings, records)
    store(settings, engine)
    commit_as_processor(settings)
    deliver_all(settings, engine)
    with writing(engine) as connection:
        made: list[Delivery] = unpublished(connection)
        mark_published(connection, made)
    publish(settings, {DELIVERIES: made})
    store(settings, engine)
    return engine


def store(settings: Settings, engine: Engine) -> None:
    with running(settings, engine):
        eventually(lambda: caught_up(settings, engine), "everything stored")


def look(settings: Settings, *, fill: bool = False) -> Ledger:
    return verify(settings, since=None, with_log=True, catch_up_s=1, fill_digests=fill)


def wrong(settings: Settings) -> dict[str, tuple[str, ...]]:
    return {line.name: line.missing.named for line in look(settings).imbalances}


TAMPERED: tuple[tuple[Table, str, Any, str], ...] = (
    (tables.fetches, "entry_count", 99, "fetches"),
    (tables.feed_states, "interval_s", 9, "feed-state"),
    (tables.sightings, "source", "Someone else", "articles"),
    (tables.revisions, "body", "", "articles"),
    (tables.articles, "title", "Nothing happened", "articles"),
    (tables.classifications, "scores", [], "classifications"),
    (tables.classified_themes, "theme_id", "us-trade-2", "classifications"),
    (tables.matches, "evidence", [], "matches"),
    (tables.matches, "score", 7.5, "matches"),
    (tables.stories, "title", "Nothing happened", "stories"),
    (tables.members, "story_id", "s_elsewhere", "stories"),
    (tables.alerts, "articles", [], "alerts"),
    (tables.alerts, "lead", "changed", "alerts"),
    (tables.feedback, "note", "changed", "feedback"),
    (tables.notices, "text", "", "notices"),
    (attempts, "outcome", "will_retry", "deliveries"),
)


def test_what_the_log_says_is_held_against_each_row_and_the_column_is_named(settings: Settings, full: Engine) -> None:
    assert_balanced(settings)
    for table, name, value, topic in TAMPERED:
        with writing(full) as connection:
            row: Any = connection.execute(select(table)).mappings().first()
            mine = [column == row[column.name] for column in table.primary_key.columns]
            forged = {name: value, DIGEST: None if table is attempts else digest_of(table, dict(row) | {name: value})}
            connection.execute(update(table).where(*mine).values(forged))
        found = wrong(settings)[f"log of news.{topic}"]
        key = " ".join(str(row[column.name]) for column in table.primary_key.columns)
        assert any(f"{table.name} {key} differs in {name}" in one for one in found), (table.name, name, found)
        with writing(full) as connection:
            connection.execute(update(table).where(*mine).values(dict(row)))
    assert_balanced(settings)


def test_a_row_put_back_to_an_earlier_record_is_older_than_the_log(settings: Settings, full: Engine) -> None:
    with writing(full) as connection:
        row: Any = connection.execute(select(tables.stories).where(tables.stories.c.revision > 1)).mappings().first()
        old = dict(row) | {"revision": row["revision"] - 1, "kafka_offset": 10**6}
        connection.execute(
            update(tables.stories)
            .where(tables.stories.c.story_id == row["story_id"])
            .values(old | {DIGEST: digest_of(tables.stories, old)})
        )
    assert any(f"stories {row['story_id']} is older than this record" in one for one in wrong(settings)["log of news.stories"])


def test_rows_without_digests_are_proven_by_the_log_and_get_theirs_on_request(settings: Settings, full: Engine) -> None:
    with writing(full) as connection:
        for table in TABLES:
            count = connection.scalar(select(func.count()).select_from(table)) or 0
            connection.execute(update(table).values({DIGEST: None}))
            connection.execute(insert(tables.undigested).values(table_name=table.name, row_count=count, counted_at=NOON))
    before = {line.name: line for line in assert_balanced(settings).lines}["contents"]
    kept = {table.name for table, _kept in KEPT.values()}
    with reading(full) as connection:
        counts = {table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES}
    provable = sum(count for name, count in counts.items() if name in kept)
    assert before.parts == {"as stored": 0, "no digest": sum(counts.values())}
    assert before.note == f"{sum(counts.values())} rows have no digest; the log proves {provable} of them; --fill-digests gives them theirs"

    with writing(full) as connection:
        row: Any = connection.execute(select(tables.matches)).mappings().first()
        connection.execute(update(tables.matches).where(tables.matches.c.match_id == row["match_id"]).values(evidence=[]))
    ledger = look(settings, fill=True)
    assert [line.name for line in ledger.imbalances] == ["log of news.matches"], "a row that the log contradicts gets no digest"
    contents = {line.name: line for line in ledger.lines}["contents"]
    assert contents.parts["as stored"] == provable - 1
    with writing(full) as connection:
        assert connection.scalar(select(tables.undigested.c.row_count).where(tables.undigested.c.table_name == "matches")) == 1
        connection.execute(update(tables.matches).where(tables.matches.c.match_id == row["match_id"]).values(dict(row)))
    assert look(settings, fill=True).balanced
    with writing(full) as connection:
        connection.execute(update(tables.members).values(title="changed"))
    assert {line.name for line in verify(settings, since=None, with_log=False).imbalances} >= {"contents"}


def test_the_same_records_again_change_nothing(settings: Settings, full: Engine) -> None:
    publish(settings, small_world(feeds=2, polls=3, articles_per_poll=3).by_topic)
    store(settings, full)
    commit_as_processor(settings)
    deliver_all(settings, full)
    ledger = assert_balanced(settings)
    assert {line.name: line for line in ledger.lines}["contents"].parts["no digest"] == 0


def test_the_command_exits_1_and_names_what_was_changed_deleted_and_added(
    settings: Settings, full: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSMON_DATABASE__URL", full.url.render_as_string(hide_password=False))
    monkeypatch.setenv("NEWSMON_KAFKA__BOOTSTRAP_SERVERS", ",".join(settings.kafka.bootstrap_servers))
    monkeypatch.setenv("NEWSMON_KAFKA__TOPIC_PREFIX", settings.kafka.topic_prefix)
    monkeypatch.setenv("NEWSMON_STATE_DIR", str(settings.state_dir))
    clean = CliRunner().invoke(command, [])
    assert clean.exit_code == 0, clean.output
    with writing(full) as connection:
        delivery: Any = connection.execute(select(outbox).where(func.length(outbox.c.payload) > 0)).mappings().first()
        connection.execute(update(outbox).where(outbox.c.delivery_id == delivery["delivery_id"]).values(payload=b"{}"))
        noted: Any = connection.execute(select(tables.notices)).mappings().first()
        connection.execute(delete(tables.notices))
        connection.execute(insert(tables.feedback).values(
            feedback_id="fb_forged", article_id="a", theme_id="t", verdict="useful", note="", by="x", given_at=NOON + timedelta(days=1),
            kafka_partition=0, kafka_offset=0,
        ))  # fmt: skip
    done = CliRunner().invoke(command, [])
    assert done.exit_code == 1
    assert f"changed: outbox {delivery['delivery_id']} was changed after it was stored" in done.output
    assert f"no row notices {noted['notice_id']} 1" in done.output
    assert "changed: feedback fb_forged was not written by newsmon, or lost its digest" in done.output
