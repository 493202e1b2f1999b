"""`newsmon words check` lists every problem, and what reads news takes `--words` or the configured folder."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from newsmon.app.cli import cli
from newsmon.app.cli.preflight import preflight
from newsmon.errors import SettingsError
from newsmon.settings import Settings, WordSettings
from newsmon.words import use_directory

NAME = "[xhafaj]\nweight = 1.6\naliases = 'xhafaj джафай'\n"
REPORTS = [
    {"id": 1, "lang": "en", "title": "Xhafaj rejects offer from dockers", "text": "Xhafaj said no to the offer.", "published_at": "2026-03-02T08:00Z"},
    {
        "id": 2, "lang": "uk", "title": "Джафай: докери просять забагато", "text": "Переговори з Джафай зірвані, докери страйкують.",
        "published_at": "2026-03-02T09:00Z",
    },
]  # fmt: skip


@pytest.fixture(autouse=True)
def _the_shipped_words_before_and_afterwards() -> Iterator[None]:
    use_directory(None)
    yield
    use_directory(None)


def own(directory: Path, text: str) -> Path:
    (directory / "names").mkdir(parents=True)
    (directory / "names/mine.toml").write_text(text)
    return directory


def newsmon(*arguments: str | Path, stdin: str = "") -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments], input=stdin)


def test_check_counts_what_there_is(tmp_path: Path) -> None:
    plain, extended = newsmon("words", "check"), newsmon("words", "check", "--words", own(tmp_path, NAME))
    assert (plain.exit_code, extended.exit_code) == (0, 0)
    assert "134 names" in plain.output
    assert "135 names" in extended.output
    assert "1 of them yours" in extended.output


def test_check_takes_the_configured_folder_and_names_every_problem(tmp_path: Path) -> None:
    own(tmp_path / "words", NAME + "who = 1\nwhat = 2\n")
    config = tmp_path / "newsmon.toml"
    config.write_text("[words]\ndirectory = 'words'\n")
    result = newsmon("words", "check", "--config", config)
    assert isinstance(result.exception, SettingsError)
    assert [str(one) for one in result.exception.problems] == [
        "names/mine.toml:4:xhafaj.who: unknown key", "names/mine.toml:5:xhafaj.what: unknown key",
    ]  # fmt: skip


def test_stories_takes_words_of_ones_own(tmp_path: Path) -> None:
    lines = "".join(json.dumps(one) + "\n" for one in REPORTS)

    def relations(*arguments: str | Path) -> list[str]:
        result = newsmon("stories", *arguments, stdin=lines)
        assert result.exit_code == 0, result.output
        return [json.loads(line)["relation"] for line in io.StringIO(result.output)]

    assert relations() == ["new", "new"]
    assert relations("--words", own(tmp_path, NAME)) == ["new", "same_story"]


def test_a_broken_word_file_stops_a_start_like_a_broken_theme(tmp_path: Path) -> None:
    settings = Settings(words=WordSettings(directory=own(tmp_path, "[xhafaj]\naliases = 'Xhafaj'")))
    assert [str(one) for one in preflight(settings)] == [
        "names/mine.toml:1:xhafaj.weight: is missing: a new key needs one", "names/mine.toml:2:xhafaj.aliases: 'Xhafaj' must be in lower case",
    ]  # fmt: skip
