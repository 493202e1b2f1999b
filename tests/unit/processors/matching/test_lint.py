"""`newsmon themes check` finds what loads but is wrong; `themes new` writes what it finds nothing in."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from support.theme_texts import RAIL_HEAD

from newsmon.app.cli.themes.themes import command
from processors.matching.lint import Finding, Kind, failed, lint
from processors.themes import load_themes
from processors.themes.load import everyday_news, everyday_words

RAIL = (
    RAIL_HEAD
    + """
[lists.line]
en = ["railway*", "train line"]

[[rule]]
id = "line"
weight = 4
all = ["line"]
"""
)
EXAMPLES = "".join(
    f'\n[[example]]\nexpect = {expect}\ntitle = "{title}"\n'
    for expect, title in (
        ("true", "Railway opens"), ("true", "Railway closes"), ("true", "New railways planned"), ("true", "Train line sold"),
        ("false", "Road opens"),
    )
)  # fmt: skip


def findings(directory: Path, **files: str) -> list[Finding]:
    for name, text in files.items():
        (directory / f"{name}.toml").write_text(text)
    return lint(load_themes(directory), everyday_news(), everyday_words())


def test_a_sound_theme_has_no_findings(tmp_path: Path) -> None:
    assert findings(tmp_path, rail=RAIL + EXAMPLES) == []


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        (RAIL + EXAMPLES.replace("Road opens", "Railway"), Kind.EXAMPLE_FAILS, "Railway"),
        (RAIL, Kind.NO_EXAMPLES, "example"),
        (
            RAIL.replace('"railway*"', '"railway*", "the", "die", "le", "el", "на", "za", "den", "du", "la"') + EXAMPLES,
            Kind.ALWAYS_FIRES,
            "'the'",
        ),
        (RAIL.replace('"railway*"', '"railway*", "railways"') + EXAMPLES, Kind.DEAD_PHRASE, "railways"),
        (RAIL + '[[rule]]\nid = "idle"\nweight = 0\nall = ["line"]\n' + EXAMPLES, Kind.DEAD_RULE, "adds nothing"),
    ],
    ids=lambda value: value if isinstance(value, Kind) else "",
)
def test_what_is_wrong_is_found(tmp_path: Path, text: str, kind: Kind, said: str) -> None:
    found = [one for one in findings(tmp_path, rail=text) if one.kind is kind]
    assert any(said in f"{one.where} {one.message}" for one in found)
    assert failed(found) is (kind in (Kind.EXAMPLE_FAILS, Kind.NO_EXAMPLES, Kind.ALWAYS_FIRES))


def test_themes_that_claim_each_others_texts_are_told_apart_from_those_that_do_not(tmp_path: Path) -> None:
    twin = (RAIL + EXAMPLES).replace('id = "rail"', 'id = "tracks"').replace('all = ["line"]', 'all = ["line"]\nany = ["line"]')
    other = (RAIL + EXAMPLES).replace('id = "rail"', 'id = "sea"').replace("railway", "ferry").replace("Railway", "Ferry")
    found = findings(tmp_path, rail=RAIL + EXAMPLES, tracks=twin, sea=other.replace("rain line", "oat line"))
    assert [(one.kind, one.where) for one in found] == [(Kind.OVERLAP, "rail, tracks"), (Kind.OVERLAP, "tracks, rail")]


def test_a_new_theme_passes_the_check_as_it_stands_and_is_never_written_over(tmp_path: Path) -> None:
    arguments = ["new", "rail-lines", "--themes", str(tmp_path), "--owner", 'The "desk"']
    assert CliRunner().invoke(command, arguments).exit_code == 0
    assert lint(load_themes(tmp_path), everyday_news(), everyday_words()) == []
    file = tmp_path / "rail-lines.toml"
    file.write_text(RAIL)
    assert CliRunner().invoke(command, arguments).exit_code == 1
    assert file.read_text() == RAIL
