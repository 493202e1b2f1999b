"""A phrase finds what it should in every script and nothing else; an invalid phrase is refused with the reason."""

from __future__ import annotations

import pytest

from processors.search.automaton import Automaton
from processors.search.phrases import PhraseRefused, parse_phrase
from processors.search.scan import scan


def found(phrases: list[str], text: str) -> list[str]:
    automaton = Automaton([[one for written in phrases for one in parse_phrase(written)]])
    scanned = scan("", "", text)
    return [text[slice(*scanned.located(*hit)[1:])] for hit in automaton.find(scanned).get(0, [])]


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("tariff*", "Tariffs, tariff and subtariff", ["Tariffs", "tariff"]),
        ("*zölle", "Strafzölle und ZÖLLE", ["Strafzölle", "ZÖLLE"]),
        ("trade deal*", "A trade\ndeal. Trade, deals; trade-deal", ["trade\ndeal", "trade-deal"]),
        ("droits de douane", "les Droits de  douane", ["Droits de  douane"]),
        ("export* control*", "exports controlled, export controls", ["exports controlled", "export controls"]),
        ("=US", "US and us and U.S.", ["US"]),
        ("=U.S.", "the U.S. said, U.S.-led", ["U.S", "U.S"]),
        ("^ceł", "cel i ceł CEŁ", ["ceł", "CEŁ"]),
        ("état*", "ETAT États e\u0301tat", ["ETAT", "États", "e\u0301tat"]),
        ("Україн*", "в Україні, на Украине", ["Україні"]),
        ("мирний план", "мирнии\u0306 план, мирнии план", ["мирнии\u0306 план"]),
        ("мирний", "мирний\u0301 мирнии", ["мирний\u0301"]),
        ("Straße", "die Strasse, die Straße", ["Strasse", "Straße"]),
        ("finance", "the ﬁnance bill", ["ﬁnance"]),
        ("peacekeeping", "peace\u00adkeeping", ["peace\u00adkeeping"]),
        ("#bn", "$50bn, 3bn and bn", ["$50bn", "3bn"]),
        ("% of GDP", "2.5% of GDP; 3 % of GDP", ["% of GDP", "% of GDP"]),
    ],
)
def test_a_phrase_finds(phrase: str, text: str, expected: list[str]) -> None:
    assert found([phrase], text) == expected


def test_an_excluding_phrase_takes_away_only_what_it_overlaps() -> None:
    assert found(["tariff*", "!electricity tariff*"], "electricity tariffs and steel tariffs") == ["tariffs"]


@pytest.mark.parametrize(
    ("phrase", "reason"),
    [
        ("", "empty"), ("*", "only a wildcard"), ("ta*", "too short"), ("*abc*", "both sides"), ("tar*ff", "inside the word"),
        ("a", "single character"), ("one two three four five six seven eight nine", "words"), ("x" * 200, "longer"), ("ab**", "two wildcards"),
        ("=trade* deal*", "mark"), ("a * b", "standing alone"), ("#1", "number before it"), ("!", "empty"), ("=", "empty"),
    ],
)  # fmt: skip
def test_a_hopeless_phrase_is_refused_with_the_reason(phrase: str, reason: str) -> None:
    with pytest.raises(PhraseRefused, match=reason):
        parse_phrase(phrase)


@pytest.mark.parametrize(
    "text",
    [
        "Security ‘guarantees’ for Ukraine", 'No "security" guarantees yet', "les « security guarantees » promises", "So-called “security guarantees”",
        "The allies' security guarantees", "security „guarantees“ and more",
    ],
)  # fmt: skip
def test_quotation_marks_inside_a_phrase_do_not_hide_it(text: str) -> None:
    assert found(["security guarantees"], text), text


def test_a_comma_before_a_quotation_mark_still_ends_a_phrase() -> None:
    assert not found(["security guarantees"], 'It is about security, "guarantees" come later')
