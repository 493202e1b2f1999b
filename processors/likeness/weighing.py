"""Measures the evidence for and against two reports being one event.

In:  the profiles of two reports, the hours between them.
Out: the evidence by name, and its weighed sum.

Two texts are compared by what is rare in the news at large (each report's own `rarity`, see `processors.rarity`) and in the theme: the
words for which the theme matched one of them are usual there (`processors.likeness.theme_words`), whatever other reports there are. What
they share only because their whole theme does counts against them: reports of one theme are always somewhat alike.

The weights are a logistic regression with a strong ridge towards those of the first fit, rounded, on pairs as they occur in practice, each
article with every other of its theme within three days: events of seven months of real news, three written series, and the written sets
of `tests/data/stories`. Each set counts alike, however many pairs it has. A weak ridge learns the months it sees: with each set left out
in turn, average precision on the others fell (benchmarks/RESULTS.md). Time was held fixed: in written sets it gives the answer away.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

from processors.features.numbers import number_weight
from processors.likeness.profile import Profile, weight_of_key
from processors.meaning.encoder import Nearness, nearness

Rarity = Callable[[str], float]  # key -> 0..1: 1 for a key hardly any report holds, towards 0 for one that most hold

WEIGHTS: Mapping[str, float] = MappingProxyType({
    "bias": -1.65,
    "title_keys": 2.25,
    "places": 1.5,
    "unlinked": -1.15,
    "other_names": -0.55,
    "other_places": -2.25,
    "other_powers": -0.6,
    "other_numbers": -0.95,
    "mirror": -3.55,
    "template": -1.6,
    "concepts_share": 1.1,
    "meaning_titles": 1.7,
    "meaning_across": 2.15,
    "near_titles": 1.95,
    "foreign_titles": 3.35,
    "foreign_across": 2.9,
    "common": 0.8,
    "soon": 1.0,
    "late": -0.5,
})  # fmt: skip
# For articles without stored vectors there is no evidence of meaning: names, places and numbers must prove more.
WORDS_ONLY: Mapping[str, float] = MappingProxyType(
    {name: weight for name, weight in WEIGHTS.items() if "meaning" not in name and "titles" not in name and name != "foreign_across"}
    | {"bias": -0.8, "title_keys": 3.15, "places": 1.95, "unlinked": -1.45, "concepts_share": 1.45, "foreign": 0.3}
)

_IN_THEME = 0.2  # the rarity of what is usual in the theme; .2 to .5 did alike on written series and real months, 0 worse
_SALIENCE = (0.1, 0.4, 1.0)  # background in both, news in one, news in both
_OPENER = 0.7  # the weight of a word capitalised in both only because it begins a sentence or stands in a headline
_SAME_WORDING = 0.5  # of headlines
_MIRRORED = 0.3  # of the words: with more in common but other names, one form was filled in for two events
_SURELY_OTHER = 0.7  # the rarity of a name; "US" or "Trump" in one of two reports makes no other event of them
_LINKS_OF_NUMBER = 0.4  # a shared number is less than half of a shared name: "2 %" is in every budget
_MENTIONED = 1 / 3  # the other report names the place, but is not about it
_TOLL = frozenset(("k:killed", "k:injured"))  # the number that rises while the story stays the same
_MOST_TITLE_KEYS = 0.6
_NEAR_TITLES = 0.5
_SOON_H = 24.0
_LATE_H = 24.0


class Verdict(StrEnum):
    """The reason why two reports are, or are not, one event."""

    SAME = "same"  # one event
    SAME_STORY = "same_story"  # two events of one running story
    TOO_LITTLE_SHARED = "too_little_shared"
    OTHER_NUMBERS = "other_numbers"
    OTHER_PLACES = "other_places"
    TOO_FAR_APART = "too_far_apart"


def in_theme(key: str, usual: frozenset[str]) -> float:
    """Return how rare a key is in the theme."""
    return _IN_THEME if key in usual else 1.0


def evidence(left: Profile, right: Profile, hours_apart: float, near: Nearness | None = None) -> dict[str, float]:
    """Return the measured evidence, by name; the weights are for these names. `near` is the nearness in meaning, if it is known already."""
    shared = left.keys & right.keys
    of_theme = left.usual | right.usual
    usual = {key: in_theme(key, of_theme) for key in shared}
    both = {key: left.rarity(key) * right.rarity(key) for key in shared}

    def telling(key: str) -> float:
        """The weight of sharing `key`: by its kind, its rarity, and whether it is news or background in each."""
        rare = min(left.rarity(key), right.rarity(key)) * usual[key]
        return weight_of_key(key) * rare * _SALIENCE[(key in left.core) + (key in right.core)]

    names, openers, places = _shared_names(left, right)
    name_weight = math.fsum(map(telling, names)) + _OPENER * math.fsum(map(telling, openers))
    place_weight = min(math.fsum(map(telling, places)), 3.0)
    number_sum = min(math.fsum(map(telling, left.numbers & right.numbers)), 4.0)
    foreign = left.language != right.language
    words = 0.0 if foreign else _dice(left.words, right.words)
    title_words = 0.0 if foreign else _dice(left.title_words, right.title_words)
    wording = max(words, title_words)
    mirrored = 0.0
    if wording > _MIRRORED:
        unknown = min(_rarest(left, left.named - right.known, of_theme), _rarest(right, right.named - left.known, of_theme))
        mirrored = wording * min(unknown / _SURELY_OTHER, 1.0)
    other_numbers = _number_conflict(left, right)
    common = math.fsum(both[key] * (1 - usual[key]) for key in shared)
    found = {
        "bias": 1.0,
        "title_keys": min(math.fsum(both[key] * usual[key] for key in shared if key in left.title or key in right.title), _MOST_TITLE_KEYS),
        "places": place_weight,
        "unlinked": max(1.0 - name_weight - place_weight - _LINKS_OF_NUMBER * number_sum, 0.0),
        "other_names": min(_rarest(left, left.core_names - right.known, of_theme), _rarest(right, right.core_names - left.known, of_theme)),
        "other_places": _place_conflict(left, right),
        "other_powers": max((weight for power, weight in (left.powers ^ right.powers)), default=0.0),
        "other_numbers": other_numbers,
        "mirror": mirrored,
        "template": other_numbers * title_words if _is_template(left, right, title_words) else 0.0,
        "concepts_share": _concepts_share(left, right, of_theme),
        "foreign": float(foreign),
        "common": min(common, 1.0),
        "soon": math.exp(-abs(hours_apart) / _SOON_H),
        "late": max(abs(hours_apart) - _LATE_H, 0.0) / 24.0,
    }
    if near is None and left.meaning is not None and right.meaning is not None:
        near = nearness(left.meaning, right.meaning)
    return found if near is None else found | _of_meaning(near, foreign=foreign)


def weights_for(measured: Mapping[str, float]) -> Mapping[str, float]:
    """Return the weights for the evidence: without the encoder words alone decide."""
    return WEIGHTS if "near_titles" in measured else WORDS_ONLY


def weighed(measured: Mapping[str, float]) -> float:
    """Return the log-odds that the evidence gives."""
    weights = weights_for(measured)
    return math.fsum(weights.get(name, 0.0) * value for name, value in measured.items())


def is_same_form(measured: Mapping[str, float]) -> Verdict | None:
    """Return the reason if one report has the form of the other filled in for another event, whatever else they share."""
    if measured["mirror"] > _SAME_WORDING:
        return Verdict.OTHER_PLACES
    return Verdict.OTHER_NUMBERS if measured["template"] else None


def other_names(left: Profile, right: Profile) -> bool:
    """Return whether each article's news names a person or place that the other does not mention at all.

    A rare word that begins the headline and each sentence of a short text is a name too.
    """
    return bool(_news_names(left) - right.known and _news_names(right) - left.known)


def _news_names(report: Profile) -> frozenset[str]:
    return report.named | {name for name in report.core_names if report.rarity(name) >= _SURELY_OTHER}


def _rarest(report: Profile, names: frozenset[str], of_theme: frozenset[str]) -> float:
    """Return how rare the rarest of a report's `names` is."""
    return max((report.rarity(key) * in_theme(key, of_theme) for key in names), default=0.0)


def _of_meaning(near: Nearness, *, foreign: bool) -> dict[str, float]:
    measured = {"meaning_titles": near.titles, "meaning_across": near.across, "near_titles": max(near.titles - _NEAR_TITLES, 0.0)}
    return measured | {"foreign_titles": near.titles, "foreign_across": near.across} if foreign else measured


def _shared_names(left: Profile, right: Profile) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return the telling names, the mere openers and the telling places of both, but for places that the names act for."""
    names = (left.names & (right.names | right.openers)) | (left.openers & right.names)
    openers = (left.openers & right.openers) - names
    implied = {left.acts_for[name] for name in names if name in left.acts_for}
    return names & (left.telling | right.telling), openers, (left.telling_places & right.telling_places) - implied


def _dice(left: frozenset[str], right: frozenset[str]) -> float:
    return 2 * len(left & right) / (len(left) + len(right)) if left and right else 0.0


def _is_template(left: Profile, right: Profile, title_words: float) -> bool:
    return title_words > _SAME_WORDING and not left.title_concepts & right.title_concepts & _TOLL


def _concepts_share(left: Profile, right: Profile, of_theme: frozenset[str]) -> float:
    """Return the weighted share of common event words (Dice), 0 if either side has none that is rare at all."""

    def total(profile: Profile) -> float:
        return math.fsum(weight_of_key(key) * profile.rarity(key) * in_theme(key, of_theme) for key in profile.core_concepts)

    common = left.core_concepts & right.core_concepts
    if not common:
        return 0.0
    mass = total(left) + total(right)
    shared = math.fsum(weight_of_key(key) * min(left.rarity(key), right.rarity(key)) * in_theme(key, of_theme) for key in common)
    return 2 * shared / mass if mass else 0.0


def _place_conflict(left: Profile, right: Profile) -> float:
    """Return 1 if each article's news has places that the other does not mention, a third if the other only mentions them."""
    mine, theirs = left.core_places, right.core_places
    if not mine or not theirs or mine & theirs:
        return 0.0
    return _MENTIONED if mine & right.places or theirs & left.places else 1.0


def _number_conflict(left: Profile, right: Profile) -> float:
    """Return 1 if both headlines name telling numbers of one unit and the other text lacks most of them."""
    conflict = 0.0
    for mine, theirs in zip(left.title_numbers, right.title_numbers, strict=True):
        if mine and theirs:
            if max(_known_share(mine, right.numbers), _known_share(theirs, left.numbers)) >= 0.5:
                return 0.0
            conflict = 1.0
    return conflict


def _known_share(numbers: frozenset[str], others: frozenset[str]) -> float:
    return math.fsum(map(number_weight, numbers & others)) / math.fsum(map(number_weight, numbers))
