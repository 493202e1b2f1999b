"""Texts that no newsroom writes, a theme of every kind of phrase to read them with, and what must hold of each verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from processors.matching.verdicts import Verdict
from processors.search.automaton import MAX_WORD
from processors.themes import ThemeSet, load_themes

# Every kind of phrase there is, on words that follow each other without an end.
OPEN = """
id = "open"
label = "Open"
version = "1"
owner = "test"
threshold = 1

[lists.words]
any = ["*tariff*", "tari*", "*riff", "=TARIFF", "^tárif", "#bn", "tari* on steel*", "tariff tariff", "!tariff war*"]

[[rule]]
id = "words"
weight = 2
all = ["words"]
"""
ODD = {
    "one word": "tariff", "one word, spaced": "tariff ", "stem at the end": "xtariff", "numbers": "50bn ", "no numbers": "xbn ", "one letter": "a",
    "case": "TARIFF ", "marks": "e\u0301", "only marks": "\u0301", "right to left": "תעריף ", "nul": "\0", "blanks": " ", "lines": "\n", "points": "U. S. ",
    "mixed scripts": "Україна tariff 关税 ", "soft hyphens": "ta\u00adriff ", "joiners": "\u200d", "lone surrogates": "\ud800", "ligatures": "ﬁ",
    "inner wildcards": "tariffs on steel ", "almost": "tariffs on stone ", "contexts": "tariff war tariff ", "sentences": "Tariff. ", "odd case": "ǅİß",
}  # fmt: skip


def open_themes_in(directory: Path) -> ThemeSet:
    """The theme of open phrases, written to the directory and loaded from it."""
    (directory / "open.toml").write_text(OPEN, "utf-8")
    return load_themes(directory)


def assert_evidence_fits(fields: dict[str, str], given: tuple[Verdict, ...]) -> None:
    """Every span points at its own text, none is longer than a phrase can be, and the contributions add up to the score."""
    for verdict in given:
        for part in verdict.evidence:
            assert fields[part.field][part.start : part.end] == part.text
            assert 0 < len(part.text) <= 20 * MAX_WORD
        assert sum(part.contribution for part in verdict.evidence) == pytest.approx(verdict.score)
