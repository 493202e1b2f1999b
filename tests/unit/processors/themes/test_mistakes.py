"""Every mistake in a theme file is named by file and key, all of them at once, before anything runs."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.theme_texts import RAIL_HEAD

from newsmon import paths
from newsmon.errors import SettingsError
from newsmon.toml_lines import line_of
from processors.themes import load_themes

GOOD = (
    RAIL_HEAD
    + """
[lists.train]
en = ["railway*", "train line"]

[[rule]]
id = "rail"
weight = 4
all = ["train"]
"""
)

MISTAKES = {
    "unknown key": (GOOD + '\ncolour = "red"', "rail.toml"),
    "unknown key in a rule": (GOOD + "colour = 1", "colour"),
    "missing threshold": (GOOD.replace("threshold = 3", ""), "threshold"),
    "threshold of nought": (GOOD.replace("threshold = 3", "threshold = 0"), "threshold"),
    "wrong type": (GOOD.replace("weight = 4", 'weight = "four"'), "weight"),
    "unknown list": (GOOD.replace('all = ["train"]', 'all = ["boat"]'), "boat"),
    "nothing but a wildcard": (GOOD.replace('"railway*"', '"*"'), "rail.toml"),
    "empty phrase": (GOOD.replace('"railway*"', '""'), "rail.toml"),
    "stem too short": (GOOD.replace('"railway*"', '"r*"'), "rail.toml"),
    "no rule": (GOOD.partition("[[rule]]")[0], "rule"),
    "bad id": (GOOD.replace('id = "rail"\nlabel', 'id = "Rail!"\nlabel'), "id"),
    "bad reach": (GOOD + 'within = "nearby"', "within"),
    "not TOML": ("id = ", "rail.toml"),
}


def problems_of(directory: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        load_themes(directory)
    return "\n".join(str(problem) for problem in caught.value.problems)


def test_the_file_the_mistakes_are_made_in_is_good(tmp_path: Path) -> None:
    (tmp_path / "rail.toml").write_text(GOOD)
    assert [theme.theme_id for theme in load_themes(tmp_path).themes] == ["rail"]


@pytest.mark.parametrize(("text", "named"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_refused_and_named(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "rail.toml").write_text(text)
    found = problems_of(tmp_path)
    assert "rail.toml" in found
    assert named in found


def test_mistakes_of_several_files_are_reported_together(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(GOOD.replace("weight = 4", 'weight = "x"'))
    (tmp_path / "two.toml").write_text(GOOD.replace("threshold = 3", ""))
    found = problems_of(tmp_path)
    assert "one.toml" in found
    assert "two.toml" in found


def test_two_themes_cannot_share_an_id(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(GOOD)
    (tmp_path / "two.toml").write_text(GOOD)
    assert "rail" in problems_of(tmp_path)


def test_a_folder_without_themes_is_refused(tmp_path: Path) -> None:
    assert "no theme file" in problems_of(tmp_path)
    assert "not a directory" in problems_of(tmp_path / "absent")


def test_the_generation_changes_with_any_change_and_only_then(tmp_path: Path) -> None:
    (tmp_path / "rail.toml").write_text(GOOD)
    first = load_themes(tmp_path).generation
    assert load_themes(tmp_path).generation == first
    (tmp_path / "rail.toml").write_text(GOOD.replace("weight = 4", "weight = 5"))
    assert load_themes(tmp_path).generation != first


MANY = """id = "bad"
label = "Bad"
version = 1
owner = "desk"
threshold = 3

[lists.trains]
en = [
  "train*",  # "train]" is no end
  "*",
  'r*',
]

[[rule]]
id = "one"
weight = "four"
all = ["trains", "nowhere", { en = ["trade", "**x"] }]

[[rule]]
id = "two"
all = [{ en = [3] }, 5]
within = "nearby"

[[example]]
expect = "yes"
"""


def test_every_problem_of_every_file_is_told_in_one_run_with_file_line_and_key(tmp_path: Path) -> None:
    (tmp_path / "many.toml").write_text(MANY)
    (tmp_path / "cut.toml").write_text('id = "cut"\n\nversion = = 2\n')
    (tmp_path / "rail.toml").write_text(GOOD.replace('["railway*", "train line"]', '[\n "railway*",\n "train line",\n "x*"]'))
    with pytest.raises(SettingsError) as caught:
        load_themes(tmp_path)
    assert [problem.where for problem in caught.value.problems] == [
        "cut.toml:3",
        "many.toml:3:version",
        "many.toml:10:lists.trains.en[1]",
        "many.toml:11:lists.trains.en[2]",
        "many.toml:16:rule[0].weight",
        "many.toml:17:rule[0].all[1]",
        "many.toml:17:rule[0].all[2].en[1]",
        "many.toml:19:rule[1].weight",
        "many.toml:21:rule[1].all[0].en[0]",
        "many.toml:21:rule[1].all[1]",
        "many.toml:22:rule[1].within",
        "many.toml:24:example[0].title",
        "many.toml:25:example[0].expect",
        "rail.toml:12:lists.train.en[2]",
    ]


def test_every_value_of_the_shipped_files_is_found_in_its_line() -> None:
    for file in (paths.seeds() / "themes").rglob("*.toml"):
        text = file.read_text("utf-8")
        lines = text.splitlines()
        values = list(strings(tomllib.loads(text)))
        assert len(values) > 20
        for key, value in values:
            line = line_of(text, key)
            assert line is not None, key
            assert value[:10].replace('"', "") in lines[line - 1].replace('\\"', ""), (file.name, key)


def strings(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from strings(inner, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from strings(inner, f"{key}[{index}]")
    elif isinstance(value, str):
        yield key, value
