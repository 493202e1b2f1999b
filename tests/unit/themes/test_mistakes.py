"""Every mistake in a theme file is named by file and key, all of them at once, before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsmon.errors import SettingsError
from processors.themes import load_themes

GOOD = """
id = "rail"
label = "Rail"
version = "1"
owner = "desk"
threshold = 3

[lists.train]
en = ["railway*", "train line"]

[[rule]]
id = "rail"
weight = 4
all = ["train"]
"""

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
