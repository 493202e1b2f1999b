"""Decide whether two articles report one story: evidence for and against, weighed, with the reason.

In:  the features of two articles, the hours between them, how common each key is among the live stories.
Out: `Likeness(score, verdict)`; a score of 0 or more is the same story.
I/O: none.

The weights were fitted by logistic regression on the labelled pairs of `tests/data/stories` and rounded. Time has no part in the
first set; in the second, for stories with few rivals, it has.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from processors.features import Features
from processors.gazetteer import seat_of, weight_of
from processors.numbers import number_weight

Rarity = Callable[[str], float]  # key -> 0..1, lower the more live stories hold the key

_GENERAL_WEIGHT = 0.6  # a key of this weight or less (Trump, Ukraine, NATO) is in every second article
_SALIENCE = (0.1, 0.4, 1.0)  # background in both, news in one, news in both
_OPENER = 0.7  # what a word proves that is capitalised in both because a sentence, or every word of a headline, is
_SAME_WORDING = 0.5  # of headlines
_SAME_STORY_WORDS = 0.35
_POWERS = {"p:us": "us", "p:russia": "russia", "p:moscow": "russia", "p:china": "china"}
_POWER_WEIGHT = {"russia": 1.0, "us": 0.6, "china": 0.6}
_MIRRORED = 0.3  # of the words: more, and the names differ: the same form filled in for another event
_VETO = -3.0
_TELLING_NUMBER = 0.6
_TOLL = frozenset(("k:killed", "k:injured"))  # the number that rises while the story stays the same


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
    "bias": -5.0,
    "names": 1.7,
    "names_share": 1.1,
    "general": 0.9,
    "places": 1.1,
    "other_places": -1.1,
    "numbers": 1.5,
    "other_numbers": -0.7,
    "concepts": 0.1,
    "concepts_share": 1.6,
    "title_concepts": 1.2,
    "close_words": 8.0,  # by hand: below a third, word overlap says nothing (it is larger between different stories)
}
# Two reports of one event often share no name and no word, but they appear within hours and speak of one country and one matter. That is
# proof only where few other stories are in question: it counts less by the logarithm of their number.
SPARSE_WEIGHTS = {
    "bias": -2.6,
    "names": 1.0,
    "places": 1.6,
    "other_places": -2.2,
    "other_powers": -2.0,
    "other_numbers": -2.5,
    "mirror": -5.0,
    "numbers": 0.8,
    "concepts_share": 0.6,
    "close_words": 8.0,
}
# From a service a report wrongly joined is a silence, so it asks for more proof than a file that holds all there is and is looked through.
LENIENT = 1.6
_IN_COMMON = ("names", "general", "places", "numbers", "concepts")
_SOON = 1.7  # for two reports of one moment
_SOON_H = 8.0


def evidence(left: Features, right: Features, rarity: Rarity = everything_rare) -> dict[str, float]:
    """Return the measured evidence, by name; the weights are for these names."""

    def telling(key: str) -> float:
        """How much sharing `key` proves: its weight, its rarity, and whether it is news or background in each."""
        return _weight(key) * rarity(key) * _SALIENCE[(key in left.core) + (key in right.core)]

    shared_names = (left.names & (right.names | right.openers)) | (left.openers & right.names)
    shared_openers = (left.openers & right.openers) - shared_names
    shared_places = (left.places & right.places).difference(map(seat_of, shared_names))  # known by whoever acts for them
    shared_concepts = left.concepts & right.concepts
    left_core, right_core = left.core & (left.names | left.places), right.core & (right.names | right.places)
    left_places, right_places = _telling(left.places & left.core), _telling(right.places & right.core)
    other_numbers = _number_conflict(left, right)
    same_language = left.language == right.language
    words = _dice(left.words, right.words) if same_language else 0.0
    title_words = _dice(left.title_words, right.title_words) if same_language else 0.0
    mirrored = max(words, title_words) > _MIRRORED and other_names(left, right)
    toll = bool(left.title_concepts & right.title_concepts & _TOLL)
    return {
        "bias": 1.0,
        "names": min(math.fsum(map(telling, _telling(shared_names))) + _OPENER * math.fsum(map(telling, shared_openers)), 5.0),
        "names_share": _overlap(left_core, right_core, rarity),
        "general": min(math.fsum(map(telling, (shared_names | shared_places) - _telling(shared_names | shared_places))), 2.0),
        "places": min(math.fsum(map(telling, _telling(shared_places))), 3.0),
        "other_places": 1.0 if left_places and right_places and not left_places & right.places and not right_places & left.places else 0.0,
        "other_powers": max((_POWER_WEIGHT[power] for power in _powers(left) ^ _powers(right)), default=0.0),
        "mirror": max(words, title_words) if mirrored else 0.0,
        "numbers": min(math.fsum(map(telling, left.numbers & right.numbers)), 4.0),
        "other_numbers": other_numbers,
        "template": other_numbers * title_words if title_words > _SAME_WORDING and not toll else 0.0,
        "concepts": min(math.fsum(map(telling, shared_concepts)), 4.0),
        "concepts_share": _overlap(left.concepts & left.core, right.concepts & right.core, rarity),
        "title_concepts": _overlap(left.title_concepts, right.title_concepts, rarity),
        "close_words": 0.0 if mirrored else max(words - _SAME_STORY_WORDS, 0.0),
    }


def likeness(
    left: Features,
    right: Features,
    *,
    hours_apart: float,
    rarity: Rarity = everything_rare,
    rivals: int | None = None,
    lenience: float = 0.0,
) -> Likeness:
    """Return whether `left` and `right` report one story, and why; `rivals` is the number of stories of that day if they are few.

    `lenience` is added to what is weighed among few.
    """
    measured = evidence(left, right, rarity)
    score = _weighed(measured, WEIGHTS)
    if rivals:
        unweighted = measured if rarity is everything_rare else evidence(left, right)  # the rivals are in the balance already
        sparse = _weighed(unweighted, SPARSE_WEIGHTS) + _SOON * math.exp(-abs(hours_apart) / _SOON_H)
        if any(unweighted[name] for name in _IN_COMMON):  # the hour alone makes no story
            sparse += lenience
        score = max(score, sparse - math.log(rivals))
    if measured["mirror"] > _SAME_WORDING:
        return Likeness(min(score, _VETO), Verdict.OTHER_PLACES)
    if measured["template"]:  # yesterday's report in today's form: whatever else they share, they are two events
        return Likeness(min(score, _VETO), Verdict.OTHER_NUMBERS)
    score -= time_penalty(hours_apart)
    if score >= 0:
        return Likeness(score, Verdict.SAME)
    if measured["other_numbers"]:
        return Likeness(score, Verdict.OTHER_NUMBERS)
    if measured["other_places"]:
        return Likeness(score, Verdict.OTHER_PLACES)
    if score + time_penalty(hours_apart) >= 0:
        return Likeness(score, Verdict.TOO_FAR_APART)
    return Likeness(score, Verdict.TOO_LITTLE_SHARED)


def _weighed(measured: dict[str, float], weights: dict[str, float]) -> float:
    return sum(weights.get(name, 0.0) * value for name, value in measured.items())


def time_penalty(hours_apart: float) -> float:
    """Return what distance in time takes from the score: nothing within a day, then half a point a day."""
    return 0.5 * max(abs(hours_apart) - 24.0, 0.0) / 24.0


@lru_cache(maxsize=65_536)
def _weight(key: str) -> float:
    known = weight_of(key)
    if known is not None:
        return known
    if key[0] == "q":
        return number_weight(key)
    return 1.5 if key[0] == "s" else 1.0


def _telling(keys: frozenset[str]) -> frozenset[str]:
    return frozenset(key for key in keys if _weight(key) > _GENERAL_WEIGHT)


def _sum(keys: Iterable[str], rarity: Rarity) -> float:
    """Return the weight of `keys`; `fsum` is exact, so the order of a set has no say."""
    return math.fsum(_weight(key) * rarity(key) for key in keys)


def _dice(left: frozenset[str], right: frozenset[str]) -> float:
    return 2 * len(left & right) / (len(left) + len(right)) if left and right else 0.0


def _powers(features: Features) -> frozenset[str]:
    """Return which of the powers act in the news of an article: a plan of Paris is not Moscow's answer to it."""
    return frozenset(_POWERS[key] for key in features.core if key in _POWERS)


def other_names(left: Features, right: Features) -> bool:
    """Tell whether the news of each names somebody or a place that the other does not mention at all."""
    return _has_unknown(left, right) and _has_unknown(right, left)


def _has_unknown(features: Features, other: Features) -> bool:
    known = other.names | other.places | other.openers
    return any(key not in known for key in (features.names | features.places) & features.core)


def _overlap(left: frozenset[str], right: frozenset[str], rarity: Rarity) -> float:
    """Return the weighted share of common keys (Dice), 0 if either side has none."""
    if not left or not right:
        return 0.0
    return 2 * _sum(left & right, rarity) / (_sum(left, rarity) + _sum(right, rarity))


def _number_conflict(left: Features, right: Features) -> float:
    """Return 1 if both headlines name telling numbers of one unit and most of them are unknown to the other text."""
    conflict = 0.0
    for unit in ("%", ""):
        mine = {key for key in left.title_numbers if _unit(key) == unit and number_weight(key) >= _TELLING_NUMBER}
        theirs = {key for key in right.title_numbers if _unit(key) == unit and number_weight(key) >= _TELLING_NUMBER}
        if mine and theirs:
            if max(_known_share(mine, right.numbers), _known_share(theirs, left.numbers)) >= 0.5:
                return 0.0
            conflict = 1.0
    return conflict


def _known_share(numbers: set[str], others: frozenset[str]) -> float:
    return math.fsum(map(number_weight, numbers & others)) / math.fsum(map(number_weight, numbers))


def _unit(key: str) -> str:
    return "%" if key[-1] == "%" else ""
