"""A theme that a longer text mentions in passing does not match; one that it comes back to, or begins with, does."""

from __future__ import annotations

from pathlib import Path

import pytest

from processors.matching.verdicts import Reason, Verdict, verdicts_of
from processors.search.scan import scan
from processors.themes import ThemeSet, load_themes

THEME = """id = "rail"
label = "Rail"
version = "1"
owner = "desk"
threshold = 3
[fields]
title = 1
lead = 1
body = 1
[lists]
rail = { en = ["railway*"] }
shut = { en = ["shut", "opens"] }
[[rule]]
id = "line"
weight = 4
all = ["rail"]
[[rule]]
id = "alone"
weight = -3
all = [{ en = ["model railway"] }]
fields = ["title"]
none = [{ en = ["station"] }]
none_within = "passage"
has_text = true
[[severity]]
level = "urgent"
any = ["shut"]
near = 2
fields = ["title", "lead"]
"""
FILLER = "The mayor opened a school. Children sang. The band played. A cake was cut. Everyone went home late. "


@pytest.fixture(scope="module")
def themes(tmp_path_factory: pytest.TempPathFactory) -> ThemeSet:
    folder = tmp_path_factory.mktemp("themes")
    (folder / "rail.toml").write_text(THEME, encoding="utf-8")
    return load_themes(folder)


def verdict(themes: ThemeSet, title: str, lead: str = "", body: str = "") -> Verdict:
    return verdicts_of(scan(title, lead, body), themes, "en")[0]


@pytest.mark.parametrize(
    ("title", "text", "reason"),
    [
        ("Railway line reopens", FILLER, Reason.MATCHED),
        ("A day in town", "The railway reopened. " + FILLER, Reason.MATCHED),
        ("A day in town", "The mayor spoke. The railway came up once.", Reason.MATCHED),  # a short text
        ("A day in town", FILLER + "The railway came up once.", Reason.IN_PASSING),
        ("A day in town", FILLER + "The railway came up once. Then the railway came up again.", Reason.MATCHED),
        ("A day in town", FILLER * 5 + "The railway came up once. Then the railway came up again.", Reason.MATCHED),  # short sentences
        ("A day in town", FILLER * 24 + "The railway came up once. Then the railway came up again.", Reason.IN_PASSING),
        ("A day in town", FILLER * 24 + "The railway runs. The railway pays. No railway ends.", Reason.MATCHED),
        ("A day in town", FILLER * 24 + "The railway, that railway, any railway came up once.", Reason.IN_PASSING),  # one sentence
        ("A day in town", FILLER * 8 + "The railway must pay for the railway. " + FILLER * 6, Reason.MATCHED),  # a day of several subjects
        ("A day in town", FILLER * 5 + "The railway came up once. Then the railway came up again. " + FILLER * 20, Reason.MATCHED),  # early
    ],
)
def test_position_and_proportion_decide(themes: ThemeSet, title: str, text: str, reason: Reason) -> None:
    assert verdict(themes, title, "", text).reason is reason


def test_a_lead_without_an_end_ends_where_leads_do(tmp_path: Path) -> None:
    theme = THEME.replace('all = ["rail"]', 'all = ["rail"]\nfields = ["title", "lead"]')
    (tmp_path / "rail.toml").write_text(theme, encoding="utf-8")
    heads = load_themes(tmp_path)
    early, late = FILLER + "The railway runs. " + FILLER * 9, FILLER * 9 + "The railway runs. " + FILLER
    assert verdict(heads, "A day in town", early).score > 0
    assert verdict(heads, "A day in town", late).reason is Reason.NOTHING_FOUND


def test_evidence_past_the_end_of_a_lead_points_into_the_lead(themes: ThemeSet) -> None:
    lead = FILLER * 9 + "The railway runs. The railway pays. The railway ends."
    shown = verdict(themes, "A day in town", lead, "Nothing else.").evidence[0]
    assert (shown.field, lead[shown.start : shown.end]) == ("lead", "railway")


def test_a_mention_in_passing_says_so_and_the_points_add_up(themes: ThemeSet) -> None:
    told = verdict(themes, "A day in town", "", FILLER + "The railway came up once.")
    assert told.evidence[-1].clause == "in-passing"
    assert told.score < told.threshold
    assert round(sum(part.contribution for part in told.evidence), 4) == told.score


def test_a_rule_may_ask_for_more_than_a_headline(themes: ThemeSet) -> None:
    assert verdict(themes, "Model railway of the year").matched
    assert not verdict(themes, "Model railway of the year", "It fits on a table.").matched
    assert verdict(themes, "Model railway of the year", "It has a station.").matched


@pytest.mark.parametrize(
    ("title", "level"),
    [("Railway shut after storm", "urgent"), ("Railway fans in the valley count trains until the café is shut", "notice")],
)
def test_a_strong_word_counts_near_the_themes_own(themes: ThemeSet, title: str, level: str) -> None:
    assert verdict(themes, title).severity == level
