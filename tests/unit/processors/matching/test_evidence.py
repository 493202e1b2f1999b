"""Evidence is exact: every span slices the stored text, and the points add up to the score."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import NOON, article
from support.shipped import shipped_themes

from newsmon.records import ClassificationOutcome
from newsmon.text.fold import fold
from processors.matching.classify import classify_article, verdicts_on_text

THEMES = shipped_themes()
PIECES = st.sampled_from(
    [
        "peacekeeping force for Ukraine", "US tariffs on steel", "defence spending of 3.5 per cent of GDP", "İstanbul", "straße", "ﬁnance",
        "ёлка", "миротворчий контингент в Україні", "мита США на сталь", "2 Prozent des BIP für Verteidigung", "e\u0301te\u0301", "’quoted’",
        "—", "\u00a0", "\n", "Sign up for our newsletter.", "😀", "critical minerals", "ceasefire", "troops", "Zölle der USA", "ǅ", "ΐ",
    ]
)  # fmt: skip
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=12).map(" ".join)


@given(TEXTS, TEXTS, TEXTS, st.sampled_from(["en", "de", "uk", "und"]))
@settings(max_examples=80, deadline=None)
def test_every_span_slices_its_field_and_the_points_sum_to_the_score(title: str, lead: str, body: str, language: str) -> None:
    fields = {"title": title, "lead": lead, "body": body}
    for verdict in verdicts_on_text(title, lead, body, language, THEMES):
        for part in verdict.evidence:
            assert fields[part.field][part.start : part.end] == part.text
            assert part.text
        assert sum(part.contribution for part in verdict.evidence) == pytest.approx(verdict.score)
        assert verdict.matched == (verdict.score >= verdict.threshold and bool(verdict.evidence))


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_folding_keeps_every_character_in_its_place(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded or len(fold(folded)) == len(folded)


def test_every_article_gets_one_answer_and_a_match_for_each_of_its_themes() -> None:
    neutral = article(title="Orchestra plays in the harbour", body="A fine evening.")
    answer, matches = classify_article(neutral, THEMES, now=NOON)
    assert answer.outcome is ClassificationOutcome.UNMATCHED
    assert matches == ()
    both = article(title="Trump threatens tariffs unless allies lift defence spending to 5 per cent of GDP", body="")
    answer, matches = classify_article(both, THEMES, now=NOON)
    assert set(answer.matched_theme_ids) == {"us-trade", "defence-spending"} == {match.theme_id for match in matches}
    for match in matches:
        assert match.article == both
        assert match.generation == THEMES.generation == answer.generation
        assert {score.theme_id for score in match.also_matched} == set(answer.matched_theme_ids) - {match.theme_id}


def test_classifying_twice_gives_the_same_bytes() -> None:
    one = article(title="US and EU agree to cut tariffs on cars")
    assert classify_article(one, THEMES, now=NOON) == classify_article(one, THEMES, now=NOON)
