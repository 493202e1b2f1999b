"""The worth of a hit by field, by language and by repetition; no single word carries an article."""

from __future__ import annotations

from pathlib import Path

import pytest

from processors.matching.classify import verdicts_on_text
from processors.themes import load_themes

HEAD = 'id = "rail"\nlabel = "Rail"\nversion = "1"\nowner = "desk"\nthreshold = 2.5\n'
RULE = '[[rule]]\nid = "rail"\nweight = 2\nall = [{ en = ["railway*", "train*", "station*"] }]\n'


def score(folder: Path, text: str, *, title: str = "", lead: str = "", body: str = "", language: str = "en") -> float:
    (folder / "rail.toml").write_text(HEAD + text)
    [verdict] = verdicts_on_text(title, lead, body, language, load_themes(folder))
    assert sum(part.contribution for part in verdict.evidence) == pytest.approx(verdict.score)
    return verdict.score


def test_a_field_weighs_what_the_theme_says(tmp_path: Path) -> None:
    text = "[fields]\ntitle = 2\nlead = 1\nbody = 0.5\n" + RULE + "cap = 100\n"
    assert score(tmp_path, text, title="New railway") == 4
    assert score(tmp_path, text, lead="New railway") == 2
    assert score(tmp_path, text, body="New railway") == 1


def test_a_language_weighs_what_the_theme_says(tmp_path: Path) -> None:
    text = "[languages]\nde = 1.5\n" + RULE + "cap = 100\n"
    assert score(tmp_path, text, title="Railway") == 2
    assert score(tmp_path, text, title="Railway", language="de") == 3


def test_repetition_adds_its_part_up_to_the_cap(tmp_path: Path) -> None:
    title = "Trains, trains, trains and a station"
    assert score(tmp_path, RULE, title=title) == 2
    assert score(tmp_path, RULE + "repeat = 0.5\ncap = 100\n", title=title) == 5
    assert score(tmp_path, RULE + "repeat = 0.5\n", title=title) == 3  # the cap left out is one and a half weights


def test_distinct_counts_each_reading_once(tmp_path: Path) -> None:
    text = RULE + "repeat = 1\ncap = 100\ndistinct = true\n"
    assert score(tmp_path, text, title="Trains, TRAINS, trains") == 2
    assert score(tmp_path, text, title="Trains, TRAINS and a station") == 4
    assert score(tmp_path, text, title="Train and trains at a station") == 6


def test_a_threshold_may_be_whole_or_real(tmp_path: Path) -> None:
    for threshold, matched in (("2", True), ("2.0", True), ("2.01", False)):
        (tmp_path / "rail.toml").write_text(HEAD.replace("2.5", threshold) + RULE)
        [verdict] = verdicts_on_text("Railway", "", "", "en", load_themes(tmp_path))
        assert verdict.matched is matched
