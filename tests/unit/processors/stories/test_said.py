"""How surely a told text says what a report says, without the encoder: by names, places and words."""

from __future__ import annotations

import math
from dataclasses import replace

from processors.features.of_article import features_of
from processors.meaning.encoder import Meaning
from processors.stories.remembered import StoryMember
from processors.stories.said import UNSAID, Said, said

HOUR_S = 3600.0
EAST, NORTH = bytes([127] * 16 + [0] * 496), bytes([0] * 16 + [127] * 16 + [0] * 480)  # vectors of length 1 at right angles
ADRIFT = ("Tanker Thalassa Dawn adrift off Hodeidah", "A missile struck the tanker Thalassa Dawn near Hodeidah, Captain Orsolo said.", "en")
AGAIN = (
    "Missile leaves tanker Thalassa Dawn adrift",
    "The Thalassa Dawn drifts off Hodeidah after a missile struck, says Captain Orsolo.",
    "en",
)
AGAIN_IN_POLISH = (
    "Tankowiec „Thalassa Dawn” dryfuje koło Hodeidah",
    "Rakieta trafiła w tankowiec „Thalassa Dawn”, mówi kapitan Orsolo.",
    "pl",
)
OTHER = ("Ferry collides with pier in Split", "The ferry Morska Vila hit the pier in Split, Captain Ivo Barun said.", "en")


def member(number: int, text: tuple[str, str, str], *, at_s: float = 0.0) -> StoryMember:
    name = f"r{number}"
    return StoryMember(name, name, name, False, True, True, at_s, features_of(*text), frozenset())


def told(text: tuple[str, str, str], *members: StoryMember, at_s: float = HOUR_S, separate: float = 0.0) -> Said:
    return said(features_of(*text), members, at_s=at_s, separate=separate)


def test_nothing_was_said_where_nothing_was_told() -> None:
    assert told(AGAIN) == UNSAID
    assert UNSAID.score == -math.inf


def test_the_likest_told_text_counts_whatever_else_was_told() -> None:
    alone = told(AGAIN, member(1, ADRIFT))
    assert alone.score > told(AGAIN, member(1, OTHER)).score
    assert told(AGAIN, member(1, OTHER), member(2, ADRIFT), member(3, OTHER)) == alone


def test_a_day_later_the_same_words_may_tell_the_next_development() -> None:
    soon, late = (told(AGAIN, member(1, ADRIFT), at_s=hours * HOUR_S) for hours in (2, 26))
    assert soon.score - late.score > 1


def test_an_outlet_in_another_language_may_take_a_day_to_follow() -> None:
    soon, late = (told(AGAIN_IN_POLISH, member(1, ADRIFT), at_s=hours * HOUR_S) for hours in (2, 26))
    assert not late.in_its_language
    assert soon.score - late.score < 1


def test_a_report_in_another_language_is_linked_by_a_name_a_place_or_a_number() -> None:
    assert told(AGAIN_IN_POLISH, member(1, ADRIFT)).is_linked
    assert not told(("Tankowiec dryfuje", "Statek uszkodziła rakieta.", "pl"), member(1, ADRIFT)).is_linked
    assert told(("Ship adrift", "A missile struck it.", "en"), member(1, ADRIFT)).is_linked


def test_two_ships_differ_in_their_names() -> None:
    assert told(OTHER, member(1, ADRIFT)).names_differ
    assert not told(AGAIN, member(1, ADRIFT)).names_differ


def test_a_theme_that_keeps_events_apart_asks_for_more() -> None:
    assert told(AGAIN, member(1, ADRIFT)).score - told(AGAIN, member(1, ADRIFT), separate=1.5).score == 1.5


def test_of_many_told_texts_the_newest_are_compared() -> None:
    later = [member(number, OTHER, at_s=number) for number in range(2, 26)]
    assert told(AGAIN, member(1, ADRIFT), *later) == told(AGAIN, *later)


def test_a_headline_is_told_if_one_of_the_last_day_lies_near_in_meaning() -> None:
    def in_a_headline(headline: bytes, *, at_s: float) -> bool:
        report = replace(features_of(*AGAIN), meaning=Meaning(headline, headline))
        known = replace(member(1, OTHER), features=replace(features_of(*OTHER), meaning=Meaning(EAST, EAST)))
        return said(report, [known], at_s=at_s, separate=0.0).in_a_headline

    assert in_a_headline(EAST, at_s=HOUR_S)
    assert not in_a_headline(NORTH, at_s=HOUR_S)
    assert not in_a_headline(EAST, at_s=25 * HOUR_S)
