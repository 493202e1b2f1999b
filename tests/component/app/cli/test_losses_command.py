"""`newsmon losses`, and what `doctor` and `verify` say until a loss is acknowledged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.databases import migrated_database
from support.samples import NOON

from newsmon.app.cli import cli
from newsmon.app.cli.health.doctor_checks import Verdict, run_checks
from newsmon.settings import Settings
from sinks.database.engine import writing
from sinks.database.losses import Loss, add_losses


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "newsmon.toml").write_text(f'state_dir = "{tmp_path}/state"\n')
    return Settings(state_dir=tmp_path / "state")


def lose(settings: Settings) -> None:
    settings.state_dir.mkdir(exist_ok=True)
    with migrated_database(settings) as engine, writing(engine) as connection:
        found = [
            Loss("store", "news.articles", 0, "expired", 3, 9, 6, "c/1", "c/1"),
            Loss("deliver", "news.alerts", 2, "log_replaced", 3, 0, None, "c/1", "c/2"),
        ]
        add_losses(connection, found, now=NOON)


def run(settings: Settings, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, [*arguments, "--config", str(settings.state_dir.parent / "newsmon.toml")])
    return done.exit_code, done.output


def doctor(settings: Settings) -> list[tuple[Verdict, str]]:
    return [(check.verdict, check.detail) for check in run_checks(settings, None, fetch=False) if check.what == "losses"]


def test_losses_are_listed_and_stay_until_each_is_acknowledged(settings: Settings) -> None:
    lose(settings)
    code, text = run(settings, "losses", "list")
    assert (code, len(text.splitlines())) == (0, 2)
    assert "news.articles/0  expired: 6 records, left Kafka before they were read (store: offset 3 to 9)" in text
    assert "news.alerts/2  log_replaced: unknown number of records" in text
    [(verdict, detail)] = doctor(settings)
    assert verdict is Verdict.BAD
    assert "news.alerts, news.articles" in detail
    assert run(settings, "verify", "--no-log")[0] == 1
    first = json.loads(run(settings, "losses", "list", "--json")[1].splitlines()[0])
    assert run(settings, "losses", "acknowledge", first["loss_id"], "--by", "me") == (0, "1 acknowledged\n")
    assert len(doctor(settings)) == 1, "one is still open"
    assert len(run(settings, "losses", "list", "--open")[1].splitlines()) == 1
    assert run(settings, "losses", "acknowledge") == (0, "1 acknowledged\n")
    assert doctor(settings) == []
    assert run(settings, "verify", "--no-log")[0] == 0
    assert run(settings, "losses", "acknowledge")[0] == 1
    assert "acknowledged by me" in run(settings, "losses", "list")[1]


def test_without_a_database_or_losses_doctor_has_no_row_for_them(settings: Settings) -> None:
    assert doctor(settings) == []
