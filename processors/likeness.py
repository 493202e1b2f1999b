"""Decide whether two articles report one story: evidence for and against, weighed, with the reason.

In:  the features of two articles, the hours between them, how common each key is among the live stories.
Out: `Likeness(score, verdict)`; a score of 0 or more is the same story.
I/O: none.

The weights were fitted by logistic regression on the labelled pairs of `tests/data/stories/tune.jsonl` (the test
split was not looked at) and rounded; time has no part in the fit, its penalty is set by hand.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from processors.features import Features
from processors.gazetteer import weight_of
from processors.numbers import number_weight

Rarity = Callable[[str], float]  # key -> 0..1, lower the more live stories hold the key

_GENERAL_WEIGHT = 0.6  # a key of this weight or less (Trump, Ukraine, NATO) is in every second article


class Verdict(StrEnum):
    """Why two articles are, or are not, one story."""

    SAME = "same"
    TOO_LITTLE_SHARED = "too_little_shared"
    OTHER_NUMBERS = "other_numbers"
    OTHER_PLACES = "other_places"
    TOO_FAR_APART = "too_far_apart"


@dataclass(frozen=True, slots=True)
class Likeness:
    """The score (log-odds of being one story) and what decided."""

    score: float
    verdict: Verdict


def everything_rare(_key: str) -> float:
    """The rarity to use before there is anything to count."""
    return 1.0


WEIGHTS = {
    "bias": -5.6,
    "names": 2.2,
    "names_share": 1.4,
    "general": 0.1,
    "places": 1.0,
    "other_places": -1.3,
    "numbers": 1.7,
    "other_numbers": -0.6,
    "concepts": 0.6,
    "concepts_share": 1.1,
    "title_concepts": 1.2,
    "words": 2.0,
    "title_words": 1.0,
    "foreign_words": 0.5,
}


def evidence(left: Features, right: Features, rarity: Rarity = everything_rare) -> dict[str, float]:
    """Return the measured evidence, by name; the weights are for these names."""
    left_names, right_names = left.names | left.openers, right.names | right.openers
    shared_names = (left.names & right_names) | (left_names & right.names)
    openers = (left.openers & right.openers) - shared_names
    shared_places = left.places & right.places
    left_places, right_places = _telling(left.places), _telling(right.places)
    same_language = left.language == right.language
    words = _overlap(left.words, right.words, rarity)
    names_either = min(_sum(left.names, rarity), _sum(right.names, rarity))
    specific = _sum(_telling(shared_names), rarity)
    return {
        "bias": 1.0,
        "names": min(specific + 0.3 * _sum(openers, rarity), 5.0),
        "names_share": min(_sum(shared_names, rarity) / max(names_either, 1.0), 1.0),
        "general": min(_sum((shared_names | shared_places) - _telling(shared_names | shared_places), rarity), 2.0),
        "places": min(_sum(_telling(shared_places), rarity), 3.0),
        "other_places": 1.0 if left_places and right_places and not left_places & right_places else 0.0,
        "numbers": min(math.fsum(number_weight(key) * rarity(key) for key in left.numbers & right.numbers), 4.0),
        "other_numbers": _number_conflict(left, right),
        "concepts": min(_sum(left.concepts & right.concepts, rarity), 4.0),
        "concepts_share": _overlap(left.concepts, right.concepts, rarity),
        "title_concepts": _overlap(left.title_concepts, right.title_concepts, rarity),
        "words": words if same_language else 0.0,
        "title_words": _overlap(left.title_words, right.title_words, rarity) if same_language else 0.0,
        "foreign_words": 0.0 if same_language else words,
    }


def likeness(left: Features, right: Features, *, hours_apart: float, rarity: Rarity = everything_rare) -> Likeness:
    """Return whether `left` and `right` report one story, and why."""
    measured = evidence(left, right, rarity)
    score = sum(WEIGHTS.get(name, 0.0) * value for name, value in measured.items())
    score -= time_penalty(hours_apart)
    if score >= 0:
        return Likeness(score, Verdict.SAME)
    if measured["other_numbers"] >= 1.0:
        return Likeness(score, Verdict.OTHER_NUMBERS)
    if measured["other_places"]:
        return Likeness(score, Verdict.OTHER_PLACES)
    if score + time_penalty(hours_apart) >= 0:
        return Likeness(score, Verdict.TOO_FAR_APART)
    return Likeness(score, Verdict.TOO_LITTLE_SHARED)


def time_penalty(hours_apart: float) -> float:
    """Return what distance in time takes from the score: nothing within a day, then half a point a day."""
    return 0.5 * max(abs(hours_apart) - 24.0, 0.0) / 24.0


def _weight(key: str) -> float:
    known = weight_of(key)
    if known is not None:
        return known
    return 1.3 if key[0] == "s" else 1.0


def _telling(keys: frozenset[str]) -> frozenset[str]:
    return frozenset(key for key in keys if _weight(key) > _GENERAL_WEIGHT)


def _sum(keys: Iterable[str], rarity: Rarity) -> float:
    return math.fsum(_weight(key) * rarity(key) for key in sorted(keys))


def _overlap(left: frozenset[str], right: frozenset[str], rarity: Rarity) -> float:
    """Return the weighted share of common keys (Dice), 0 if either side has none."""
    if not left or not right:
        return 0.0
    return 2 * _sum(left & right, rarity) / (_sum(left, rarity) + _sum(right, rarity))


def _number_conflict(left: Features, right: Features) -> float:
    """Return 1 if both headlines name a telling number of one unit and neither text has the other's."""
    conflict = 0.0
    for unit in ("%", "$", ""):
        mine = {key for key in left.title_numbers if _unit(key) == unit and number_weight(key) >= 0.6}
        theirs = {key for key in right.title_numbers if _unit(key) == unit and number_weight(key) >= 0.6}
        if mine and theirs:
            if mine & right.numbers or theirs & left.numbers:
                return 0.0
            conflict = 1.0
    return conflict


def _unit(key: str) -> str:
    return key[-1] if key[-1] in "%$" else ""
