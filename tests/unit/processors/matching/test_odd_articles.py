"""Whatever an article is made of, it classifies in bounded time and memory, and its spans point into the text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.shipped import shipped_themes

from processors.matching.classify import verdicts_on_text
from processors.matching.verdicts import Verdict
from processors.search import automaton
from processors.search.automaton import MAX_WORD
from processors.themes import ThemeSet, load_themes

SHIPPED = shipped_themes()
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


@pytest.fixture(scope="module")
def open_themes(tmp_path_factory: pytest.TempPathFactory) -> ThemeSet:
    directory: Path = tmp_path_factory.mktemp("themes")
    (directory / "open.toml").write_text(OPEN, "utf-8")
    return load_themes(directory)


def check(fields: dict[str, str], given: tuple[Verdict, ...]) -> None:
    for verdict in given:
        for part in verdict.evidence:
            assert fields[part.field][part.start : part.end] == part.text
            assert 0 < len(part.text) <= 20 * MAX_WORD
        assert sum(part.contribution for part in verdict.evidence) == pytest.approx(verdict.score)


def test_a_word_at_the_border_of_two_pieces_is_found_once(open_themes: ThemeSet, monkeypatch: pytest.MonkeyPatch) -> None:
    piece = 1_000
    monkeypatch.setattr(automaton, "PIECE", piece)
    for shift in range(-12, 3):
        filler = "x " * ((piece + shift) // 2) + "." * ((piece + shift) % 2)
        (verdict,) = verdicts_on_text("", "", f"{filler} tariff tariff and more {'y ' * 2000}", "en", open_themes)
        assert verdict.matched, shift
        assert [part.text for part in verdict.evidence if part.contribution] in (["tariff"], ["tariff tariff"]), shift


TEXTS = st.lists(st.one_of(st.sampled_from(sorted(ODD.values())), st.text(max_size=10)), max_size=40).map("".join)


@given(TEXTS, TEXTS, TEXTS, st.sampled_from(["en", "de", "und"]))
@settings(max_examples=100, deadline=None)
def test_spans_point_into_texts_of_anything(title: str, lead: str, body: str, language: str) -> None:
    check({"title": title, "lead": lead, "body": body}, verdicts_on_text(title, lead, body, language, SHIPPED))


@given(TEXTS, TEXTS)
@settings(max_examples=100, deadline=None)
def test_spans_of_open_phrases_point_into_texts_of_anything(open_themes: ThemeSet, title: str, body: str) -> None:
    check({"title": title, "lead": "", "body": body}, verdicts_on_text(title, "", body, "en", open_themes))
