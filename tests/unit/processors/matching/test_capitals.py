"""A headline all in capitals is read like any other: capitals tell no name from a word there, and no acronym either."""

from __future__ import annotations

import pytest

from processors.search.automaton import Automaton
from processors.search.phrases import parse_phrase
from processors.search.scan import scan


def found(phrases: list[str], title: str, lead: str = "") -> list[str]:
    automaton = Automaton([[one for written in phrases for one in parse_phrase(written)]])
    scanned = scan(title, lead, "")
    fields = {"title": title, "lead": lead}
    places = (scanned.located(*hit) for hit in automaton.find(scanned).get(0, []))
    return [fields[name][start:end] for name, start, end in places]


@pytest.mark.parametrize(
    ("phrases", "title", "expected"),
    [
        (["=Zoll"], "EU STREICHT DEN ZOLL AUF AUTOS", ["ZOLL"]),
        (["=Biden*"], "BIDEN'S TARIFFS ON CHINA STAY", ["BIDEN"]),
        (["=Zölle"], "NEUE ZO\u0308LLE AUF STAHL", ["ZO\u0308LLE"]),
        (["^cla", "!=CLA"], "TRUMP UVALIL CLA NA DOVOZ", ["CLA"]),
        (["^cla", "!=CLA"], "Farmers' group CLA meets ministers", []),
        (["trump*", "!=Trumpf"], "TRUMPF BAUT NEUE LASER", []),
        (["=US"], "US CUTS TARIFFS ON STEEL", ["US"]),
        (["=Zoll"], "Ein ZOLL breites Brett", []),
        (["=Otan"], "OTAN : RÉUNION", []),  # too short to be more than its acronyms
    ],
)
def test_case_says_nothing_in_a_headline_in_capitals(phrases: list[str], title: str, expected: list[str]) -> None:
    assert found(phrases, title) == expected


def test_the_text_below_it_keeps_its_case() -> None:
    assert found(["=Zoll"], "EU STREICHT ABGABEN AUF AUTOS", "ein zoll, der Zoll, ZOLL") == ["Zoll"]
