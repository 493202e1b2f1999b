"""Whatever an article is made of, it classifies in bounded time and memory, and its spans point into the text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.odd_articles import ODD, assert_evidence_fits, open_themes_in
from support.shipped import shipped_themes

from processors.matching.classify import verdicts_on_text
from processors.search import automaton
from processors.themes import ThemeSet

SHIPPED = shipped_themes()


@pytest.fixture(scope="module")
def open_themes(tmp_path_factory: pytest.TempPathFactory) -> ThemeSet:
    return open_themes_in(tmp_path_factory.mktemp("themes"))


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
    assert_evidence_fits({"title": title, "lead": lead, "body": body}, verdicts_on_text(title, lead, body, language, SHIPPED))


@given(TEXTS, TEXTS)
@settings(max_examples=100, deadline=None)
def test_spans_of_open_phrases_point_into_texts_of_anything(open_themes: ThemeSet, title: str, body: str) -> None:
    assert_evidence_fits({"title": title, "lead": "", "body": body}, verdicts_on_text(title, "", body, "en", open_themes))
