"""`newsmon rehearse` shows the inbox of an archive: counted by day, theme and severity, then each message with what came after it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from support.theme_texts import RAIL_HEAD

from newsmon.app.cli.past.rehearse import command

RAIL = (
    RAIL_HEAD
    + """
[lists.line]
en = ["railway*"]

[[rule]]
id = "line"
weight = 4
all = ["line"]
"""
)
BRIDGE = {"title": "Railway bridge over the Larn collapses near Oldport", "text": "Nobody was hurt when the railway bridge fell."}
LINES = (
    {"id": "fares", "title": "Railway fares in Norland rise by 7 per cent", "text": "From May.", "first_seen_at": "2026-11-11T08:00:00Z"},
    {"id": "late", "title": "Ferry to Westholm sinks", "text": "All were saved.", "first_seen_at": "2026-11-12T08:00:00Z"},
    {"id": "bridge", **BRIDGE, "source": "Kestrel Post", "first_seen_at": "2026-11-10T08:00:00Z"},
    {"id": "copy", **BRIDGE, "source": "Harbour Gazette", "url": "https://b.example/1", "first_seen_at": "2026-11-10T09:00:00Z"},
    "{broken",
    {"id": "no time", "title": "Railway"},
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    themes = tmp_path / "themes"
    themes.mkdir()
    (themes / "rail.toml").write_text(RAIL)
    (tmp_path / "newsmon.toml").write_text(f'[themes]\ndirectory = "{themes}"\n')
    return tmp_path


def rehearse(place: Path, *options: str, lines: tuple[object, ...] = LINES) -> Result:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (place / "week.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    return CliRunner().invoke(command, [str(place / "week.jsonl.gz"), "--config", str(place / "newsmon.toml"), *options])


def rows(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_page_counts_the_messages_and_shows_each_with_what_came_without_one(place: Path) -> None:
    result = rehearse(place)
    text = result.stdout
    assert result.exit_code == 1, "two lines gave no article"
    assert f"{place / 'week.jsonl.gz'}:5: bad_line:" in result.stderr
    assert f"{place / 'week.jsonl.gz'}:6: bad_line: neither" in result.stderr
    assert "2 lines left out" in text
    assert "4 articles, 2026-11-10 08:00Z to 2026-11-12 08:00Z; nothing was sent" in text
    assert "3 matches, 2 stories, 2 messages: 7 a week" in text
    table = [line.split() for line in text.splitlines() if line.startswith(("2026-11-1", "all ")) and len(line.split()) < 7]
    assert table == [["2026-11-10", "rail", "1", ".", ".", "1"], ["2026-11-11", "rail", "1", ".", ".", "1"], ["all", "2", ".", ".", "2"]]
    assert "without a message: copy of member 1" in text
    bridge = text[text.index("2026-11-10 08:00Z  notice  rail  opened: new story") :].splitlines()[:8]
    assert bridge[1] == f"  {BRIDGE['title']}"
    assert bridge[2].startswith("  score ")
    assert bridge[4] == f"  - 10 08:00 opened Kestrel Post: {BRIDGE['title']}"
    assert bridge[5] == "  then, without a message: 1"
    assert bridge[6] == f"  - 10 09:00 copy Harbour Gazette: {BRIDGE['title']} (copy of member)"


def test_json_has_a_line_for_every_match_by_the_archives_own_ids(place: Path) -> None:
    found = rows(rehearse(place, "--json"))
    assert [(row["article_id"], row["theme"], row["relation"], row["decision"]) for row in found] == [
        ("bridge", "rail", "opened", "new_story"), ("copy", "rail", "copy", "copy_of_member"), ("fares", "rail", "opened", "new_story"),
    ]  # fmt: skip
    bridge, copy, _fares = found
    assert copy["story"] == bridge["story"]
    assert copy["told"] is None
    assert bridge["told"] == {
        "alert": bridge["told"]["alert"], "revision": 1, "kind": "opened", "reason": "new_story", "severity": "notice",
        "title": BRIDGE["title"], "article_id": "bridge",
    }  # fmt: skip


def test_what_was_seen_before_the_start_is_known_and_not_shown(place: Path) -> None:
    found = rows(rehearse(place, "--json", "--from", "2026-11-10T08:30Z", "--to", "2026-11-11"))
    assert [(row["article_id"], row["relation"]) for row in found] == [("copy", "copy")]


def test_no_word_of_the_press_steers_the_terminal(place: Path) -> None:
    line = {"title": "Railway \x1b[2J\u202e opens", "text": "Far away.", "source": "a\x07b", "first_seen_at": "2026-11-10T08:00:00Z"}
    text = rehearse(place, lines=(line,)).stdout
    assert "Railway" in text
    assert not {"\x1b", "\u202e", "\x07"} & set(text)


def test_an_archive_without_articles_is_said_to_be_one(place: Path) -> None:
    assert "no articles" in rehearse(place, lines=()).stdout


def test_an_archive_or_a_time_has_to_be_given(place: Path) -> None:
    assert CliRunner().invoke(command, ["--config", str(place / "newsmon.toml")]).exit_code == 2
    assert rehearse(place, "--since", "3d").exit_code == 2
