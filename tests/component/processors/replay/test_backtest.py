"""A backtest names every alert lost and gained with its reason, and writes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from support.databases import migrated_database
from support.samples import article
from support.theme_texts import RAIL_HEAD

from newsmon.app.cli.past.backtest import command
from newsmon.codec import encode
from newsmon.records import Article, Origin
from newsmon.settings import Settings
from newsmon.topics import ARTICLES
from sinks.consumer.kafka_record import KafkaRecord
from sinks.database.engine import writing
from sinks.database.sqlite_file import SQLITE_FILE
from sinks.store.service import writer

RAIL = (
    RAIL_HEAD
    + """
[lists.line]
en = ["railway*"]

[[rule]]
id = "line"
weight = 4
all = ["line"]

[[unless]]
id = "toys"
cancels = ["line"]
by = [{ en = ["model*"] }]
within = 2
"""
)
OTHER = RAIL.replace('id = "rail"', 'id = "ferries"').replace("railway*", "ferry*")
NOW = datetime.now(UTC).replace(microsecond=0)


def one(number: int, title: str, *, days_ago: float, source: str = "Kestrel Post", origin: Origin = Origin.LIVE) -> Article:
    at = NOW - timedelta(days=days_ago)
    given = article(number=number, title=title, body="", source=source, origin=origin, published_at=at)
    return msgspec.structs.replace(given, poll_seq=number, first_seen_at=at)


PAST = (
    one(1, "Railway to the coast of Arland opens after nine years", days_ago=20),
    one(2, "Railway to the coast of Arland opens after nine years of work", days_ago=19.9, source="Harbour Gazette"),
    one(3, "Model railway fair draws 4,000 visitors to Borgen", days_ago=12),
    one(4, "Strike stops tramways and buses in Lindau for 3 days", days_ago=10),
    one(5, "Railway bridge at Oldport is closed", days_ago=8, origin=Origin.BACKFILL),
    one(6, "Railway fares rise by 7 per cent in Norland", days_ago=31.5),
    one(7, "Ferry to Westholm sinks", days_ago=3),
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with settings, two themes and the stored past."""
    settings = Settings(state_dir=tmp_path / "state")
    with migrated_database(settings) as engine:
        batch = [
            KafkaRecord(ARTICLES, ARTICLES.base_name, 0, offset, None, encode(record), record=record) for offset, record in enumerate(PAST)
        ]
        with writing(engine) as connection:
            writer(settings)(connection, batch)
    themes = tmp_path / "themes"
    themes.mkdir()
    (themes / "rail.toml").write_text(RAIL)
    (themes / "ferries.toml").write_text(OTHER)
    (tmp_path / "newsmon.toml").write_text(f'state_dir = "{tmp_path / "state"}"\n[themes]\ndirectory = "{themes}"\n')
    return tmp_path


def backtest(place: Path, changed: str | Iterable[tuple[str, str]], *options: str) -> Result:
    files = [("rail.toml", changed)] if isinstance(changed, str) else list(changed)
    for name, text in files:
        (place / name).write_text(text)
    given = [*(str(place / name) for name, _text in files), "--config", str(place / "newsmon.toml"), "--since", "30d", *options]
    return CliRunner().invoke(command, given)


def answer(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_the_same_theme_loses_and_gains_nothing(place: Path) -> None:
    result = backtest(place, RAIL, "--json", "--fail-on", "any")
    found = answer(result)
    assert result.exit_code == 0
    assert found["lost"] == found["gained"] == []
    assert found["before"] == found["after"]


def test_what_a_narrower_theme_loses_is_named_with_evidence_and_reason(place: Path) -> None:
    result = backtest(place, RAIL.replace('en = ["model*"]', 'en = ["coast"]'), "--json", "--fail-on", "lost")
    found = answer(result)
    assert result.exit_code == 1
    (lost,) = found["lost"]
    assert lost["title"] == PAST[0].title
    assert lost["article_count"] == 2  # the copy did not raise an alert of its own
    (part,) = lost["evidence"]
    assert PAST[0].title[part["start"] : part["end"]] == part["text"] == "Railway"
    assert "cancelled" in lost["why"]
    assert "toys" in lost["why"]
    (gained,) = found["gained"]
    assert gained["title"] == PAST[2].title


def test_counts_are_of_the_asked_time_in_the_pasts_own_time(place: Path) -> None:
    found = answer(backtest(place, RAIL.replace("railway*", "tramway*"), "--json"))
    before, after = found["before"], found["after"]
    assert before["matches"] == 3  # not the one of a month ago, which only warmed the memory up
    assert before["per_day"] == [{"theme": "rail", "day": str((NOW - timedelta(days=20)).date()), "alerts": 1}]
    assert after["per_day"] == [{"theme": "rail", "day": str((NOW - timedelta(days=10)).date()), "alerts": 1}]
    assert {one["decision"]: one["matches"] for one in before["decisions"]} == {"new_story": 1, "copy_of_member": 1, "not_live": 1}
    assert after["notifications_per_week"] == pytest.approx(7 / 30, abs=0.01)


def test_a_new_theme_only_gains(place: Path) -> None:
    result = backtest(
        place, [("trams.toml", RAIL.replace('id = "rail"', 'id = "trams"').replace("railway*", "tramway*"))], "--fail-on", "lost"
    )
    assert result.exit_code == 0
    assert "0 lost stories" in result.output
    assert PAST[3].title in result.output
    assert "there is no such theme" in result.output


def test_a_whole_directory_can_take_the_place_of_the_present_one(place: Path) -> None:
    candidate = place / "candidate"
    candidate.mkdir()
    (candidate / "rail.toml").write_text(RAIL)
    result = CliRunner().invoke(command, [str(candidate), "--config", str(place / "newsmon.toml"), "--json"])
    assert [one["title"] for one in answer(result)["lost"]] == [PAST[6].title]  # its theme is not there


def test_nothing_is_written_and_processes_give_the_same_answer(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = RAIL.replace("railway*", "tramway*")
    database = place / "state" / SQLITE_FILE
    before = database.read_bytes()
    alone = answer(backtest(place, changed, "--json"))
    monkeypatch.setattr("newsmon.app.cli.past.backtest.SMALL", 0)
    assert answer(backtest(place, changed, "--json", "--workers", "2")) | {"days": alone["days"]} == alone
    assert database.read_bytes() == before


def test_a_theme_that_cannot_be_used_is_refused_before_anything_is_read(place: Path) -> None:
    from newsmon.errors import SettingsError

    result = backtest(place, RAIL.replace("weight = 4", 'weight = "four"'))
    assert isinstance(result.exception, SettingsError)
    assert "weight" in str(result.exception)
