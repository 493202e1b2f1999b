"""The migrations on a database of each kind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, column, func, inspect, select, table
from support.alerts import alert
from support.delivering import received
from support.samples import NOON, every_record
from support.waiting import joined

from newsmon.records import Alert, DeliveryOutcome, SeverityReason
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.settings import DatabaseSettings, Settings
from sinks.database.engine import create_engine_for, reading, writing
from sinks.database.outbox_tables import attempts
from sinks.database.schema import MIGRATIONS, migrate
from sinks.database.tables import metadata
from sinks.database.upsert import insert_new
from sinks.outbox.state.rows import attempt_row
from sinks.policy.attempt import DeliveryKey
from sinks.queries.alerts import list_alerts
from sinks.store.rows import rows_of
from sinks.store.service import writer


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine_for(Settings(state_dir=tmp_path, database=DatabaseSettings(url=database_url)))
    yield engine
    engine.dispose()


def differences(engine: Engine) -> list:
    with reading(engine) as connection:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)


def test_the_steps_lead_to_exactly_the_tables_of_the_code(engine: Engine) -> None:
    assert differences(engine) != []
    migrate(engine)
    assert differences(engine) == []


def test_what_was_stored_before_severities_had_reasons_is_kept_and_listed(engine: Engine, tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    old, new = (next(every for every in every_record() if isinstance(every, Alert)), alert(7, severity_reason=SeverityReason.CONFIRMED))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        [(_table, row)] = rows_of(old, partition=0, offset=0)
        had = {one["name"] for one in inspect(connection).get_columns("alerts")}
        row = {name: value for name, value in row.items() if name in had}
        assert "severity_reason" not in row
        connection.execute(table("alerts", *(column(name, metadata.tables["alerts"].c[name].type) for name in row)).insert(), [row])
    migrate(engine)
    write = writer(Settings(state_dir=tmp_path))
    with writing(engine) as connection:
        write(connection, [received(new)])
    with reading(engine) as connection:
        listed = list_alerts(connection, theme_id=None, severity=(), since=None, unacknowledged=False, limit=5)
    assert {one.row.alert_id: one.row.severity_reason for one in listed} == {old.alert_id: None, new.alert_id: "confirmed"}
    with writing(engine) as connection:  # and back, with all rows
        config.attributes["connection"] = connection
        command.downgrade(config, "0003")
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(table("alerts"))) == 2
    migrate(engine)
    assert differences(engine) == []


def test_processes_that_start_at_once_migrate_once(engine: Engine) -> None:
    results: list[str] = []
    failures: list[Exception] = []

    def start() -> None:
        try:
            results.append(migrate(engine))
        except Exception as error:  # noqa: BLE001 - shown below, whatever it was
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        joined(thread)
    assert failures == []
    assert len(set(results)) == 1
    assert differences(engine) == []


def test_insert_new_counts_the_rows_that_were_not_there_and_leaves_the_others_as_they_are(engine: Engine) -> None:
    migrate(engine)

    def rows(receivers: str, text: str) -> list[dict[str, object]]:
        key = {"alert_id": "al_1", "revision": 1, "theme_id": "us-trade"}
        return [
            attempt_row(
                DeliveryKey(delivery_id=f"msg_{receiver}", receiver=receiver, **key), attempt=1, outcome=DeliveryOutcome.DELIVERED,
                reason=DeliveryReason.ACCEPTED, attempted_at=NOON, detail=text,
            )
            for receiver in receivers
        ]  # fmt: skip

    with writing(engine) as connection:
        assert insert_new(connection, attempts, []) == 0
        assert insert_new(connection, attempts, rows("ab", "first")) == 2
        assert insert_new(connection, attempts, rows("abcd", "second")) == 2
        assert insert_new(connection, attempts, rows("d", "third")) == 0
        found = connection.execute(select(attempts.c.receiver, attempts.c.detail).order_by(attempts.c.receiver))
        assert [tuple(row) for row in found] == [("a", "first"), ("b", "first"), ("c", "second"), ("d", "second")]
