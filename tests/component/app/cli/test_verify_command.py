"""`newsmon verify` without a broker: exit codes, the table, and what it says of the log it could not read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete
from support.databases import migrated_database
from support.filled import fill
from support.world import small_world

from newsmon.app.cli.health.verify import command
from newsmon.app.cli.times import Since
from newsmon.errors import DependencyError
from newsmon.settings import Settings
from sinks.database import tables
from sinks.database.engine import create_engine_for, writing


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory whose database holds a small world."""
    settings = Settings(state_dir=tmp_path)
    with migrated_database(settings) as engine:
        fill(settings, engine, small_world())
    return tmp_path


def verify(state: Path, *arguments: str) -> Result:
    file = state / "newsmon.toml"
    file.write_text(f'state_dir = "{state}"\n')
    return CliRunner().invoke(command, ["--config", str(file), *arguments])


def test_a_world_that_balances_exits_0_and_says_that_the_log_was_not_read(state: Path) -> None:
    answer = verify(state)
    assert answer.exit_code == 0, answer.output
    assert "The rows in the database balance. Kafka was not checked." in answer.output
    assert "Kafka was not read: newsmon's own broker was never started" in answer.output


def test_a_missing_row_exits_1_and_is_named(state: Path) -> None:
    engine = create_engine_for(Settings(state_dir=state))
    with writing(engine) as connection:
        story_id = connection.execute(tables.stories.select()).mappings().first()["story_id"]
        connection.execute(delete(tables.stories).where(tables.stories.c.story_id == story_id))
    engine.dispose()
    answer = verify(state, "--no-log")
    assert answer.exit_code == 1
    assert f"missing: {story_id} is not stored" in answer.output
    told = json.loads(verify(state, "--no-log", "--json").output)
    assert [line["name"] for line in told["lines"] if not line["balanced"]] == ["stories"]


def test_without_a_database_nothing_can_be_said(tmp_path: Path) -> None:
    answer = verify(tmp_path)
    assert isinstance(answer.exception, DependencyError)
    assert "nothing has been stored yet" in str(answer.exception)


@pytest.mark.parametrize(("text", "back"), [("90m", timedelta(minutes=90)), ("24h", timedelta(hours=24)), ("7d", timedelta(days=7))])
def test_a_period_counts_back_from_now(text: str, back: timedelta) -> None:
    before = datetime.now(UTC)
    assert before - back <= Since().convert(text, None, None) <= datetime.now(UTC) - back


def test_a_time_without_a_zone_is_utc() -> None:
    assert Since().convert("2026-11-24T06:00", None, None) == datetime(2026, 11, 24, 6, tzinfo=UTC)
    assert Since().convert("2026-11-24T06:00+02:00", None, None) == datetime(2026, 11, 24, 4, tzinfo=UTC)


def test_anything_else_is_the_users_mistake() -> None:
    with pytest.raises(click.BadParameter, match="neither a time"):
        Since().convert("yesterday", None, None)
