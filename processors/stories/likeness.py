"""Decides whether two articles report one story: evidence for and against, weighed, with the reason.

In:  the features of two articles, the hours between them, the rarity of each key among the live stories.
Out: `Likeness(score, verdict)`; a score of 0 or more means the same story.

The weights were fitted by logistic regression on the pairs that occur in practice, an article with each live story's most similar
member: in the labelled sets of `tests/data/stories` and the demo's recorded feeds, in 976 labelled pairs of real news in seven languages
(SemEval-2022 task 8, Chen et al.; alone and all in one stream) and in the UCI aggregator's headlines; then rounded.
The terms for crowd, caution and a missing link are set by hand.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from newsmon.words.current import cached_until_new_words
from processors.meaning.encoder import nearness
from processors.stories.features import Features
from processors.stories.gazetteer import country_of, weight_of
from processors.stories.numbers import number_weight

Rarity = Callable[[str], float]  # key -> 0..1: 1 for a key hardly any report holds, towards 0 for one that most hold

_GENERAL_WEIGHT = 0.6  # a key of this weight or less (Trump, Ukraine, NATO) is in every second article
_SALIENCE = (0.1, 0.4, 1.0)  # background in both, news in one, news in both
_OPENER = 0.7  # the weight of a word capitalised in both only because it begins a sentence or stands in a headline
_SAME_WORDING = 0.5  # of headlines
_SAME_STORY_WORDS = 0.35
_POWERS = {"p:us": "us", "p:russia": "russia", "p:moscow": "russia", "p:china": "china"}
_POWER_WEIGHT = {"russia": 1.0, "us": 0.6, "china": 0.6}
_MIRRORED = 0.3  # of the words: with more in common and other names, it is the same form filled in for another event
_VETO = -3.0
_TELLING_NUMBER = 0.6
_LINKS_OF_NUMBER = 0.4  # a shared number is less than half of a shared name: "2 %" is in every budget
_MENTIONED = 1 / 3  # the other report names the place, but is not about it
_TOLL = frozenset(("k:killed", "k:injured"))  # the number that rises while the story stays the same


class Verdict(StrEnum):
    """The reason why two articles are, or are not, one story."""

    SAME = "same"  # one event
    SAME_STORY = "same_story"  # two events of one running story
    TOO_LITTLE_SHARED = "too_little_shared"
    OTHER_NUMBERS = "other_numbers"
    OTHER_PLACES = "other_places"
    TOO_FAR_APART = "too_far_apart"


@dataclass(frozen=True, slots=True)
class Likeness:
    """The score (log-odds of being one story) and the reason."""

    score: float
    verdict: Verdict


def everything_rare(_key: str) -> float:
    """The rarity to use before there is anything to count."""
    return 1.0


WEIGHTS = {
    "bias": -3.5,
    "names": 0.4,
    "places": 0.65,
    "other_places": -3.2,
    "other_powers": -0.8,
    "mirror": -1.8,
    "numbers": 1.3,
    "other_numbers": -1.8,
    "concepts_share": 1.55,
    "close_words": 4.2,
    "meaning_across": 2.5,
    "meaning_titles": 1.6,
    "unlinked": -0.5,
    "soon": 2.25,
    "late": -1.1,
}
# For articles without stored vectors there is no evidence of meaning: names, places and numbers must prove more.
WORDS_ONLY = WEIGHTS | {
    "bias": -2.4,
    "names": 0.7,
    "places": 0.95,
    "numbers": 1.6,
    "concepts_share": 2.3,
    "close_words": 6.0,
}
# Of many stories one is always somewhat like the article, more so if it need not share a telling name or place.
_CROWD = 0.5  # times the logarithm of their number
_CROWD_UNLINKED = 0.5
# In a service a wrong join silences a report, so it needs more proof than a file that a person reads through.
CAUTION = 1.5
_SOON_H = 8.0
_LATE_H = 24.0


def evidence(left: Features, right: Features, rarity: Rarity = everything_rare, hours_apart: float = 0.0) -> dict[str, float]:
    """Return the measured evidence, by name; the weights are for these names."""

    def telling(key: str) -> float:
        """The weight of sharing `key`: by its kind, its rarity, and whether it is news or background in each."""
        return _weight(key) * rarity(key) * _SALIENCE[(key in left.core) + (key in right.core)]

    shared_names = (left.names & (right.names | right.openers)) | (left.openers & right.names)
    shared_openers = (left.openers & right.openers) - shared_names
    shared_places = (left.places & right.places).difference(map(country_of, shared_names))  # implied by the people who act for them
    other_numbers = _number_conflict(left, right)
    same_language = left.language == right.language
    words = _dice(left.words, right.words) if same_language else 0.0
    title_words = _dice(left.title_words, right.title_words) if same_language else 0.0
    mirrored = max(words, title_words) > _MIRRORED and other_names(left, right)
    toll = bool(left.title_concepts & right.title_concepts & _TOLL)
    names = min(math.fsum(map(telling, _telling(shared_names))) + _OPENER * math.fsum(map(telling, shared_openers)), 5.0)
    places = min(math.fsum(map(telling, _telling(shared_places))), 3.0)
    numbers = min(math.fsum(map(telling, left.numbers & right.numbers)), 4.0)
    near = nearness(left.meaning, right.meaning) if left.meaning is not None and right.meaning is not None else None
    return {
        "bias": 1.0,
        "names": names,
        "places": places,
        "other_places": _place_conflict(left, right),
        "other_powers": max((_POWER_WEIGHT[power] for power in _powers(left) ^ _powers(right)), default=0.0),
        "mirror": max(words, title_words) if mirrored else 0.0,
        "numbers": numbers,
        "other_numbers": other_numbers,
        "template": other_numbers * title_words if title_words > _SAME_WORDING and not toll else 0.0,
        "concepts_share": _overlap(left.concepts & left.core, right.concepts & right.core, rarity),
        "close_words": 0.0 if mirrored else max(words - _SAME_STORY_WORDS, 0.0),
        "meaning_across": 0.0 if near is None else near.across,
        "meaning_titles": 0.0 if near is None else near.titles,
        "unlinked": max(1.0 - names - places - _LINKS_OF_NUMBER * numbers, 0.0),
        "soon": math.exp(-abs(hours_apart) / _SOON_H),
        "late": max(abs(hours_apart) - _LATE_H, 0.0) / 24.0,
    }


def likeness(
    left: Features,
    right: Features,
    *,
    hours_apart: float,
    rarity: Rarity = everything_rare,
    rivals: int = 1,
    caution: float = 0.0,
) -> Likeness:
    """Return whether `left` and `right` report one story, and why.

    `rivals` is the number of stories that one of them may belong to; `caution` is the extra proof required.
    """
    measured = evidence(left, right, rarity, hours_apart)
    weights = WORDS_ONLY if left.meaning is None or right.meaning is None else WEIGHTS
    crowd = math.log(max(rivals, 1))
    score = _weighed(measured, weights) - _CROWD * crowd - caution - (_CROWD_UNLINKED * crowd + caution) * measured["unlinked"]
    if measured["mirror"] > _SAME_WORDING:
        return Likeness(min(score, _VETO), Verdict.OTHER_PLACES)
    if measured["template"]:  # yesterday's report in today's form: two events, whatever else they share
        return Likeness(min(score, _VETO), Verdict.OTHER_NUMBERS)
    if score >= 0:
        return Likeness(score, Verdict.SAME)
    if measured["other_numbers"]:
        return Likeness(score, Verdict.OTHER_NUMBERS)
    if measured["other_places"]:
        return Likeness(score, Verdict.OTHER_PLACES)
    if score - measured["late"] * weights["late"] >= 0:
        return Likeness(score, Verdict.TOO_FAR_APART)
    return Likeness(score, Verdict.TOO_LITTLE_SHARED)


def _weighed(measured: dict[str, float], weights: dict[str, float]) -> float:
    return sum(weights.get(name, 0.0) * value for name, value in measured.items())


@cached_until_new_words
def _weight(key: str) -> float:
    return weight_by_kind(key, unknown_name=1.5, other=1.0)


def weight_by_kind(key: str, *, unknown_name: float, other: float) -> float:
    """Return the weight of sharing `key`: the gazetteer's or the number's own, else one of the two given."""
    known = weight_of(key)
    if known is not None:
        return known
    if key[0] == "q":
        return number_weight(key)
    return unknown_name if key[0] == "s" else other


def _telling(keys: frozenset[str]) -> frozenset[str]:
    return frozenset(key for key in keys if _weight(key) > _GENERAL_WEIGHT)


def _sum(keys: Iterable[str], rarity: Rarity) -> float:
    """Return the weight of `keys`; `fsum` is exact, so the order of a set does not matter."""
    return math.fsum(_weight(key) * rarity(key) for key in keys)


def _dice(left: frozenset[str], right: frozenset[str]) -> float:
    return 2 * len(left & right) / (len(left) + len(right)) if left and right else 0.0


def _powers(features: Features) -> frozenset[str]:
    """Return the powers that act in the news of an article: a plan of Paris is not Moscow's answer to it."""
    return frozenset(_POWERS[key] for key in features.core if key in _POWERS)


def other_names(left: Features, right: Features) -> bool:
    """Return whether each article's news names a person or place that the other does not mention at all."""
    return _has_unknown(left, right) and _has_unknown(right, left)


def _has_unknown(features: Features, other: Features) -> bool:
    known = other.names | other.places | other.openers
    return any(key not in known for key in (features.names | features.places) & features.core)


def _overlap(left: frozenset[str], right: frozenset[str], rarity: Rarity) -> float:
    """Return the weighted share of common keys (Dice), 0 if either side has none."""
    if not left or not right:
        return 0.0
    return 2 * _sum(left & right, rarity) / (_sum(left, rarity) + _sum(right, rarity))


def _place_conflict(left: Features, right: Features) -> float:
    """Return 1 if each article's news has places that the other does not mention, a third if the other only mentions them."""
    mine, theirs = _telling(left.places & left.core), _telling(right.places & right.core)
    if not mine or not theirs or mine & theirs:
        return 0.0
    return _MENTIONED if mine & right.places or theirs & left.places else 1.0


def _number_conflict(left: Features, right: Features) -> float:
    """Return 1 if both headlines name telling numbers of one unit and the other text lacks most of them."""
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
