"""`newsmon verify` on a real log and a real database of each kind: it balances, and it finds what was taken away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from support.ledgers import commit_as_processor, deliver_all
from support.storing import publish, store_all, with_database
from support.world import small_world

from newsmon.cli.verify import as_table
from newsmon.settings import Settings
from sinks.balance import Ledger
from sinks.database import create_engine_for, migrate
from sinks.ledger import verify


@pytest.fixture
def settings(kafka_settings: Settings, database_url: str) -> Settings:
    return with_database(kafka_settings, database_url)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = create_engine_for(settings)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def full(settings: Settings, engine: Engine) -> Engine:
    """A database that has stored, and a log that holds, a small world from end to end."""
    publish(settings, small_world(feeds=2, polls=4, articles_per_poll=4).by_topic)
    store_all(settings, engine)
    commit_as_processor(settings)
    deliver_all(settings, engine)
    return engine


def look(settings: Settings, *, with_log: bool) -> Ledger:
    return verify(settings, since=None, with_log=with_log, catch_up_s=5)


def test_a_complete_store_balances_by_rows_and_by_log(settings: Settings, full: Engine) -> None:
    ledger = look(settings, with_log=True)
    assert ledger.balanced, "\n".join(as_table(ledger))
    print("\n".join(as_table(ledger)))
    assert ledger.log_skipped is None
