"""The migrations on a database of each kind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from newsmon.settings import DatabaseSettings, Settings
from sinks import outbox_tables  # noqa: F401 - completes the metadata
from sinks.database import create_engine_for, migrate, reading
from sinks.tables import metadata


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
        thread.join()
    assert failures == []
    assert len(set(results)) == 1
    assert differences(engine) == []
