"""Words count in the languages they were written for, and a wrong or doubtful language never silences a theme."""

from __future__ import annotations

import pytest
from support.shipped import shipped_themes

from newsmon.text import identify_language
from processors.matching.offline import Item, answer_item
from processors.matching.reading import read
from processors.search.scan import scan
from processors.themes import ThemeSet, load_themes

THEME = """id = "t"
label = "T"
version = "1"
owner = "desk"
threshold = 3
[lists.budget]
any = ["=NATO"]
en = ["budget*", "harbour tax*"]
cs = ["rozpoč*", "^cla", "přímě*"]
pl = ["budżet*", "cła", "wsteczn*"]
fr = ["États-Unis", "marché*"]
uk = ["бюджет*"]
[[rule]]
id = "budget"
weight = 4
all = ["budget"]
"""


@pytest.fixture(scope="module")
def themes(tmp_path_factory: pytest.TempPathFactory) -> ThemeSet:
    folder = tmp_path_factory.mktemp("themes")
    (folder / "t.toml").write_text(THEME, encoding="utf-8")
    return load_themes(folder)


def found(themes: ThemeSet, text: str, language: str) -> list[str]:
    scanned = scan(text, "", "")
    hits = [hit for one in read(scanned, themes, language).values() for hit in one]
    return list(dict.fromkeys(text[slice(*scanned.located(*hit)[1:])] for hit in hits))


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Kwalifikacja wojskowa rozpocznie się na początku lutego", "pl", []),  # Czech rozpoč*
        ("Rozpočet na obranu vzroste o pět procent", "cs", ["Rozpočet"]),
        ("Budżet i cła: czego chce NATO, natomiast nie Sejm", "pl", ["Budżet", "cła", "NATO"]),
        ("Der Haushalt heißt auf Englisch budget", "und", ["budget"]),
        ("De begroting van het budget is vandaag rond", "nl", ["budget"]),  # no phrase is Dutch: all count
        ("Harbour tax to rise after the vote, says mayor", "fr", ["Harbour tax"]),  # wrongly identified
        ("Budget 2027", "pl", ["Budget"]),  # could be any language
        ("Бюджет міста зросте", "en", ["Бюджет"]),  # another script
    ],
)
def test_a_phrase_counts_in_its_own_language_and_in_doubt(themes: ThemeSet, text: str, language: str, expected: list[str]) -> None:
    assert found(themes, text, language) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Nowe cła obowiązują od środy", "pl", ["cła"]),
        ("Nowe cla obowiazuja od srody", "pl", ["cla"]),  # written without accents throughout
        ("Końcówka tekstu została ucięta: cla", "pl", []),  # a text with accents has them everywhere
        ("Les Etats-Unis lèvent la taxe", "fr", ["Etats-Unis"]),  # capital letters often go without
        ("Il marche vers l'été", "fr", []),
    ],
)
def test_accents_count_where_the_text_has_them(themes: ThemeSet, text: str, language: str, expected: list[str]) -> None:
    assert found(themes, text, language) == expected


SHIPPED = shipped_themes()


@pytest.mark.parametrize(
    ("title", "matches"),
    [
        ("Trump grozi Unii clami w wysokosci 30 procent", True),  # a feed that loses its accents
        ("Nowe cla USA na stal od sierpnia", True),
        ("Trzeci gol Lewandowskiego, cel USA to finał", False),
        ("Nowy Mercedes CLA trafia do USA", False),
        ("CLA president to meet US farmers in Ohio", False),
    ],
)
def test_polish_tariffs_without_accents(title: str, matches: bool) -> None:
    answer = answer_item(Item("x", title, "", None), SHIPPED, lambda text: identify_language(text).code)
    assert ("us-trade" in answer.labels) is matches
