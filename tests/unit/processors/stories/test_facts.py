"""What of a report on a told event is worth a message: new names and figures, where they stand and how surely it is of that event."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from support.reports import Report, match_of

from processors.features.of_article import Features, features_of
from processors.stories.facts import material_facts, new_facts

TOLD = ("Missile hits tanker off Hodeidah", "The tanker Thalassa Dawn was struck 60 miles south-west of Hodeidah, Captain Orsolo said.")


def material(title: str, text: str, *, margin: float) -> tuple[str, ...]:
    match = match_of(Report("r", "", "", "en", "Harbour Watch", title, text, ""))
    return material_facts(match, features(title, text), [features(*TOLD)], lambda _key: 1.0, margin=margin)


def features(title: str, text: str) -> Features:
    return features_of(title, text, "en")


def test_what_a_told_text_named_anywhere_is_not_new() -> None:
    again = features("Captain Orsolo tells of missile", "His Thalassa Dawn lay off Hodeidah.")
    assert new_facts(again, [features(*TOLD)]) == frozenset()
    assert new_facts(again, [replace(features(*TOLD), names=frozenset(), openers=frozenset())]) != frozenset()


@pytest.mark.parametrize(
    ("title", "text", "margin", "is_told"),
    [
        ("Tanker hit off Hodeidah leaks 40,000 tonnes of crude", "The Thalassa Dawn is adrift.", math.inf, True),
        ("Tanker struck off Hodeidah", "Shipbroker Ivo Marlin of Piraeus said the Thalassa Dawn would be towed.", math.inf, False),
        ("Tanker struck off Hodeidah", "The Pacific Wagtail was hit by a drone, Captain Brandvold said.", 1.5, True),
        ("Tanker struck off Hodeidah", "The tanker Thalassa Dawn was hit.", 1.5, False),
        ("Owners of bulk carrier sue insurers over seizure", "The tanker was hit.", 0.3, True),
        ("Owners of bulk carrier sue insurers over seizure", "The tanker was hit.", 2.5, False),
        ("Parliament votes on tanker missile off Hodeidah", "The tanker was struck.", 0.8, True),
        ("Parliament votes on tanker missile off Hodeidah", "The tanker was struck.", 1.2, False),
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
    ],
)
def test_the_less_sure_the_join_the_less_is_asked(title: str, text: str, margin: float, is_told: bool) -> None:
    assert bool(material(title, text, margin=margin)) == is_told


def test_the_words_shown_are_those_of_the_text() -> None:
    shown = material("Tanker struck off Hodeidah", "The Pacific Wagtail was hit by a drone, Captain Brandvold said.", margin=1.5)
    assert {"Wagtail", "Brandvold"} <= set(shown)
    assert "Hodeidah" not in shown
