"""Databases with every table and no row yet, and the fixtures of the tiers that put one behind a real broker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine

from newsmon.settings import Settings
from sinks.database.engine import create_engine_for
from sinks.database.schema import migrate
from support.storing import with_database


@contextmanager
def migrated_database(settings: Settings) -> Iterator[Engine]:
    """The settings' database, brought to the current schema by its migrations; closed when the block ends."""
    engine = create_engine_for(settings)
    try:
        migrate(engine)
        yield engine
    finally:
        engine.dispose()


@pytest.fixture
def settings(kafka_settings: Settings, database_url: str) -> Settings:
    """The test broker with an empty database of each kind; a file that needs other settings defines its own."""
    return with_database(kafka_settings, database_url)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """The migrated database of the test's `settings`."""
    with migrated_database(settings) as engine:
        yield engine
