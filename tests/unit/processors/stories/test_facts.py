"""What of a report on a told event is worth a message: new names and figures, where they stand and how surely it was said already."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from support.reports import Report, match_of

from processors.features.of_article import Features, features_of
from processors.stories.facts import material_facts, new_facts
from processors.stories.said import Said

TOLD = ("Missile hits tanker off Hodeidah", "The tanker Thalassa Dawn was struck 60 miles south-west of Hodeidah, Captain Orsolo said.")


def material(title: str, text: str, *, said: float | Said, language: str = "en") -> tuple[str, ...]:
    match = match_of(Report("r", "", "", language, "Harbour Watch", title, text, ""))
    how = said if isinstance(said, Said) else Said(said)
    return material_facts(match, features(title, text, language), [features(*TOLD)], lambda _key: 1.0, said=how)


def features(title: str, text: str, language: str = "en") -> Features:
    return features_of(title, text, language)


def test_what_a_told_text_named_anywhere_is_not_new() -> None:
    again = features("Captain Orsolo tells of missile", "His Thalassa Dawn lay off Hodeidah.")
    assert new_facts(again, [features(*TOLD)]) == frozenset()
    assert new_facts(again, [replace(features(*TOLD), names=frozenset(), openers=frozenset())]) != frozenset()


@pytest.mark.parametrize(
    ("title", "text", "said", "is_told"),
    [
        ("Tanker hit off Hodeidah leaks 40,000 tonnes of crude", "The Thalassa Dawn is adrift.", math.inf, True),
        ("Tanker struck off Hodeidah", "Shipbroker Ivo Marlin of Piraeus said the Thalassa Dawn would be towed.", math.inf, False),
        ("Tanker struck off Hodeidah", "The Pacific Wagtail was hit by a drone, Captain Brandvold said.", 1.5, True),
        ("Tanker struck off Hodeidah", "The tanker Thalassa Dawn was hit.", 1.5, False),
        ("Owners of bulk carrier sue insurers over seizure", "The tanker was hit.", 0.3, True),
        ("Owners of bulk carrier sue insurers over seizure", "The tanker was hit.", 2.5, False),
        ("Parliament votes on tanker missile off Hodeidah", "The tanker was struck.", 0.4, True),
        ("Parliament votes on tanker missile off Hodeidah", "The tanker was struck.", 0.6, False),
        ("Parliament votes on tanker missile off Hodeidah", "", 1.1, True),
    ],
    ids=[
        "a figure in the headline",
        "a name in the lead",
        "another ship, doubtful",
        "the same, doubtful",
        "another headline",
        "sure",
        "another act",
        "another act, hardly doubtful",
        "another act in a bare headline, which proves less",
    ],
)
def test_the_less_surely_it_was_said_the_less_is_asked(title: str, text: str, said: float, is_told: bool) -> None:
    assert bool(material(title, text, said=said)) == is_told


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        ("fr", "Un pétrolier touché par un missile", "Le Bergeronnette Pacifique dérive, selon le capitaine Brandvold."),
        ("pl", "Rakieta trafiła w tankowiec", "Dryfuje „Pacyficzny Wędrowiec”, mówi kapitan Brandvold."),
    ],
)
def test_a_name_that_another_language_spells_differently_is_no_news(language: str, title: str, text: str) -> None:
    assert material(title, text, said=1.5, language=language)
    assert not material(title, text, said=Said(1.5, in_its_language=False), language=language)


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        ("es", "El Gobierno aprueba 6.900 millones de euros más para la Armada", "Irán a la flota del norte."),
        ("uk", "Танкер зазнав удару", "Судно прямувало до Одеси, на борту було 40 000 тонн нафти, 25 моряків."),
    ],
)
def test_a_figure_or_a_place_is_news_in_any_language(language: str, title: str, text: str) -> None:
    assert material(title, text, said=Said(1.5, in_its_language=False), language=language)


def test_a_report_that_nothing_links_with_one_in_another_language_is_never_surely_said() -> None:
    text = ("L'Élysée prêt à envoyer des troupes", "Selon l'Élysée, plusieurs milliers de soldats partiraient.")
    assert material(*text, said=Said(3.0, in_its_language=False, is_linked=False), language="fr")
    assert not material(*text, said=Said(3.0, in_its_language=False), language="fr")


def test_other_words_for_a_told_headline_are_no_other_headline_unless_there_is_no_text() -> None:
    title, told_of_it = "Owners of bulk carrier sue insurers over seizure", Said(0.3, in_a_headline=True)
    assert material(title, "The tanker was hit.", said=0.3)
    assert not material(title, "The tanker was hit.", said=told_of_it)
    assert material(title, "", said=told_of_it)


def test_details_of_what_a_told_headline_says_are_no_news_unless_other_names_make_it_another_event() -> None:
    text = ("Tanker struck off Hodeidah", "Owner Ivo Marlin of Piraeus and Captain Brandvold said it would be towed.")
    assert material(*text, said=Said(1.5))
    assert not material(*text, said=Said(1.5, in_a_headline=True))
    assert material(*text, said=Said(1.5, in_a_headline=True, names_differ=True))


@pytest.mark.parametrize(
    ("language", "told", "title"),
    [
        ("en", "Cabinet seeks 40 million crowns for lighthouse", "Lawmakers approve 40 million crowns for lighthouse"),
        ("en", "Court upholds toll on lighthouse", "Court strikes down toll on lighthouse"),
        ("de", "Landtag berät über Maut am Leuchtturm", "Landtag lehnt Maut am Leuchtturm ab"),
        ("pl", "Sejm przyjął opłatę za latarnię", "Sejm odrzucił opłatę za latarnię"),
        ("fr", "Le Conseil étudie le péage du phare", "Le Conseil suspend le péage du phare"),
        ("uk", "Рада обговорює плату за маяк", "Рада ухвалила плату за маяк"),
    ],
)
def test_a_decision_that_no_told_text_names_is_news_however_alike_the_texts(language: str, told: str, title: str) -> None:
    match = match_of(Report("r", "", "", language, "Harbour Watch", title, "", ""))
    report, known = features(title, "", language), features(told, "", language)
    assert material_facts(match, report, [known], lambda _key: 1.0, said=Said(math.inf)) == (title,)
    assert material_facts(match, report, [known, report], lambda _key: 1.0, said=Said(math.inf)) == ()


def test_one_name_is_news_if_the_likest_told_text_names_something_else() -> None:
    text = ("Tanker struck off Hodeidah was the Velma", "The Velma is adrift.")
    assert not material(*text, said=Said(2.5))
    assert material(*text, said=Said(2.5, names_differ=True))


def test_the_words_shown_are_those_of_the_text() -> None:
    shown = material("Tanker struck off Hodeidah", "The Pacific Wagtail was hit by a drone, Captain Brandvold said.", said=1.5)
    assert {"Wagtail", "Brandvold"} <= set(shown)
    assert "Hodeidah" not in shown
