"""What a row says is told by its digest on a database of each kind: untouched rows read back as written, and any change shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    DateTime,
    Engine,
    Float,
    Integer,
    LargeBinary,
    column,
    delete,
    func,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy import table as bare_table
from sqlalchemy.types import TypeDecorator
from support.databases import migrated_database
from support.filled import NOTICE, RECEIVERS, fill, received_of
from support.samples import NOON, every_record
from support.world import small_world

from newsmon.codec import encode
from newsmon.quarantine import Quarantined, QuarantineReason, Stage
from newsmon.records import Corrected, Feedback
from newsmon.settings import DatabaseSettings, Settings
from newsmon.topics import ALERTS, ARTICLES, FEEDBACK, MATCHES, NOTICES, QUARANTINE, STORIES
from sinks.consumer.kafka_record import KafkaRecord
from sinks.database import tables
from sinks.database.columns import DIGEST, PAYLOAD_DIGEST
from sinks.database.digests import covered_columns, digest_of
from sinks.database.earlier import keep_earlier
from sinks.database.engine import create_engine_for, reading, writing
from sinks.database.outbox_tables import OutboxState, attempts, outbox
from sinks.database.schema import MIGRATIONS, migrate
from sinks.database.tables import metadata
from sinks.database.upsert import insert_new
from sinks.ledger.balance import Line
from sinks.ledger.contents import TABLES, contents, tables_with_digests
from sinks.ledger.log_rows import LogProof
from sinks.ledger.row_content import Digest, digest_state
from sinks.ledger.tally import Horizon
from sinks.ledger.verify import verify
from sinks.outbox.release import release_due
from sinks.outbox.replay import Selection, replay
from sinks.store.rows import rows_of
from sinks.store.service import writer

CORRECTED: Corrected = next(record for record in every_record() if isinstance(record, Corrected))
LATER = NOON + timedelta(hours=2)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path, database=DatabaseSettings(url=database_url))


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    with migrated_database(settings) as engine:
        fill(settings, engine, small_world(feeds=2, polls=3, articles_per_poll=3))
        given = next(record for record in every_record() if isinstance(record, Feedback))
        aside = Quarantined(Stage.CLASSIFY, QuarantineReason.HANDLER_FAILED, ARTICLES.base_name, 0, 7, "boom", NOON, "w", b"k", b"\x00v")
        with writing(engine) as connection:
            writer(settings)(connection, [
                KafkaRecord(FEEDBACK, FEEDBACK.base_name, 0, 0, None, encode(given), record=given),
                KafkaRecord(NOTICES, NOTICES.base_name, 0, 0, None, encode(NOTICE), record=NOTICE),
                KafkaRecord(MATCHES, MATCHES.base_name, 0, 900, None, encode(CORRECTED.correction), record=CORRECTED.correction),
                KafkaRecord(STORIES, STORIES.base_name, 0, 900, None, encode(CORRECTED), record=CORRECTED),
                KafkaRecord(QUARANTINE, QUARANTINE.base_name, 0, 0, b"k", b"\x00v", tuple(aside.headers())),
            ])  # fmt: skip
            member = connection.execute(select(tables.members)).mappings().first()
            assert member is not None
            keep_earlier(connection, [{**member, "story_id": "s_another", "decided_at": member["decided_at"] + timedelta(hours=1)}])
        yield engine


def look(connection: Connection) -> Line:
    return contents(connection, Horizon(), LogProof())


def other(kind: Any, value: Any) -> Any:
    """Another value that the column takes."""
    if isinstance(kind, JSON):
        return [] if value else ["x"]
    if isinstance(kind, TypeDecorator | DateTime):
        return NOON - timedelta(days=9) if value is None else value + timedelta(microseconds=1)
    if isinstance(kind, Boolean):
        return not value
    if isinstance(kind, Float):
        return value + 1e-9
    if isinstance(kind, Integer):
        return (value or 0) + 1000
    if isinstance(kind, LargeBinary):
        return b"" if value else b"x"
    return "" if value else "x"


def test_a_change_of_any_column_is_found_and_names_the_row(engine: Engine) -> None:
    with engine.connect() as connection:
        assert look(connection).balanced
        for table in TABLES:
            rows = connection.execute(select(table)).mappings().all()
            assert rows, f"{table.name} without a row proves nothing"
            row = rows[len(rows) // 2]
            mine = [one == row[one.name] for one in table.primary_key.columns]
            for name in (*covered_columns(table), *(("payload",) if table is outbox else ())):
                values = [other(table.c[name].type, row[name])]
                if row[name] is not None and table.c[name].nullable:
                    values.append(None)
                for value in values:
                    connection.execute(update(table).where(*mine).values({name: value}))
                    line = look(connection)
                    shown = " ".join(str(value if one.name == name else row[one.name]) for one in table.primary_key.columns)
                    assert (line.balanced, line.missing.count) == (False, 1), (table.name, name, value)
                    assert line.missing.named == (f"{table.name} {shown} was changed after it was stored",)
                    connection.rollback()


def test_every_table_with_digests_is_looked_at() -> None:
    assert {table.name for table in TABLES} == tables_with_digests()
    assert set(metadata.tables) - tables_with_digests() == {
        "consumed_offsets", "losses", "doubts", "receivers_state", "silences", "acknowledgements", "undigested",
    }  # fmt: skip


def test_a_digest_taken_away_or_a_row_written_by_someone_else_is_found(engine: Engine) -> None:
    with engine.connect() as connection:
        row = connection.execute(select(tables.notices)).mappings().first()
        assert row is not None
        connection.execute(update(tables.notices).values({DIGEST: None}))
        assert look(connection).missing.named == (f"notices {row['notice_id']} 1 was not written by newsmon, or lost its digest",)
        connection.rollback()
        connection.execute(insert(tables.notices).values(dict(row) | {"notice_id": "n_forged", DIGEST: None}))
        line = look(connection)
        assert (line.balanced, line.difference, line.missing.count) == (False, 0, 1)
        connection.rollback()
        connection.execute(insert(tables.notices).values(dict(row) | {"notice_id": "n_forged"}))
        assert look(connection).missing.named == ("notices n_forged 1 was changed after it was stored",)


def test_what_newsmon_itself_changes_stays_as_stored(settings: Settings, engine: Engine) -> None:
    with writing(engine) as connection:  # the same records again, newer ones, and deliveries that are held, bundled, sent again
        writer(settings)(connection, list(received_of(small_world(feeds=2, polls=3, articles_per_poll=3))))
        writer(settings)(connection, list(received_of(small_world(feeds=3, polls=6, articles_per_poll=5, body="Another text."))))
        replay(connection, Selection(), configured=[one.id for one in RECEIVERS], also_delivered=True, now=LATER, dry_run=False)
        held = {"state": OutboxState.HELD.value, "reason": "quiet_hours", "next_attempt_at": LATER}
        connection.execute(update(outbox).where(outbox.c.state == OutboxState.PENDING.value).values(held))
        assert release_due(connection, "desk", now=LATER) > 0
        assert connection.scalar(select(func.count()).select_from(outbox).where(outbox.c.carried_by.is_not(None)))
        connection.execute(update(attempts).values(published=True))
        connection.execute(update(tables.quarantined).values(replayed_at=LATER))
    with reading(engine) as connection:
        line = look(connection)
    assert line.balanced, line
    assert line.parts["no digest"] == 0


ODD_VALUES = [
    0.1,
    1.0,
    -0.0,
    1e22,
    1e-7,
    5e-324,
    123456789.125,
    2**53 + 1,
    -7,
    "",
    ' é\u2028\U0001f4f0 \\ "',
    [],
    {},
    {"b": 1.0, "a": None},
    True,
]


def test_numbers_times_and_texts_of_every_spelling_read_back_with_the_digest_they_were_written_with(engine: Engine) -> None:
    with writing(engine) as connection:
        row = dict(connection.execute(select(tables.matches)).mappings().first() or {})
        east = timezone(timedelta(hours=5, minutes=45))
        for number, value in enumerate(ODD_VALUES):
            odd = {"match_id": f"m_{number}", "evidence": [value, {"in": [value]}], "also_matched": {"é": value}, "title": f"é {value!r}"}
            odd |= {"matched_at": datetime(2026, 3, 1, 5, 0, 0, number, tzinfo=east), "url": None}
            odd |= {"score": float(value) if isinstance(value, int | float) else -0.0}
            insert_new(connection, tables.matches, [row | odd])
    with reading(engine) as connection:
        found: Any = connection.execute(select(tables.matches)).mappings().all()
    assert len(found) > len(ODD_VALUES)
    assert [one["match_id"] for one in found if digest_state(tables.matches, one) is not Digest.SAME] == []


def test_a_digest_covers_columns_that_come_later_without_a_change_where_they_are_null(engine: Engine) -> None:
    with reading(engine) as connection:
        row: Any = dict(connection.execute(select(tables.stories)).mappings().first() or {})
    without = {name: value for name, value in row.items() if value is not None}
    assert digest_of(tables.stories, row) == digest_of(tables.stories, dict.fromkeys(row) | without)
    assert bytes(row[DIGEST])[:1] == b"\x01"
    assert len(row[DIGEST]) == 17


def test_rows_from_before_digests_are_counted_and_no_fault_until_one_is_added(database_url: str, settings: Settings) -> None:
    engine = create_engine_for(settings)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        for received in received_of(small_world(feeds=1, polls=2, articles_per_poll=3)):
            for name, row in rows_of(received.record, partition=0, offset=received.offset):
                if not inspect(connection).has_table(name):  # it came later
                    continue
                had = {one["name"] for one in inspect(connection).get_columns(name)}
                assert DIGEST not in had
                row = {one: value for one, value in row.items() if one in had}
                keys = [one.name for one in metadata.tables[name].primary_key.columns]
                old = bare_table(name, *(column(one, metadata.tables[name].c[one].type) for one in row))
                connection.execute(delete(old).where(*(old.c[one] == row[one] for one in keys)))
                connection.execute(insert(old).values(row))
    migrate(engine)
    with engine.connect() as connection:
        line = look(connection)
        assert line.balanced
        assert line.parts["as stored"] == 0
        assert line.parts["no digest"] == line.total > 0
        assert line.note == f"{line.total} rows have no digest; the log proves 0 of them"
        newest = dict(connection.execute(select(tables.alerts)).mappings().first() or {})
        connection.execute(insert(tables.alerts).values(newest | {"alert_id": "al_forged", "raised_at": LATER}))
        assert look(connection).missing.named == ("alerts al_forged 1 was not written by newsmon, or lost its digest",)
        connection.rollback()
    with writing(engine) as connection:  # stored again, they have digests
        writer(settings)(connection, list(received_of(small_world(feeds=1, polls=2, articles_per_poll=3))))
    with reading(engine) as connection:
        assert (look(connection).balanced, look(connection).parts["no digest"]) == (True, 0)
    with writing(engine) as connection:  # and back, with all rows
        config.attributes["connection"] = connection
        command.downgrade(config, "0005")
        assert connection.scalar(select(func.count()).select_from(bare_table("alerts")))
    migrate(engine)
    engine.dispose()


def test_verify_says_so_without_a_log_and_leaves_out_what_is_older_than_since(settings: Settings, engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(tables.consumed_offsets).values(
            consumer="deliver", topic=ALERTS.base_name, partition=0, next_offset=10**6, updated_at=NOON
        ))  # fmt: skip
    assert verify(settings, since=None, with_log=False).balanced
    with writing(engine) as connection:
        connection.execute(update(tables.revisions).where(tables.revisions.c.first_seen_at < NOON + timedelta(minutes=2)).values(body=""))
    assert [line.name for line in verify(settings, since=None, with_log=False).imbalances] == ["contents"]
    assert verify(settings, since=NOON + timedelta(minutes=3), with_log=False).balanced
    assert PAYLOAD_DIGEST in outbox.c
