"""Compares a bare headline with a whole story, because two single headlines hold too little text to compare.

In:  the features of a headline without a text, the members of a story, the share of them that hold a key, the rarity of a key.
Out: a score; 0 or more means this story.

Two headlines of one event may share a single word, but the words of a story's headlines recur. So the score rests on the share of
the headline that the story's members hold on average, and on the similarity of its second-nearest member. The weights were fitted by
logistic regression on halves of the stories of the UCI news aggregator's headlines and rounded; the bias was chosen with both halves
seen (benchmarks/headlines.py). In one theme's news everyone uses the same words. So a young story must score far higher; that was set
by hand, because without it the rule joined our own labelled headlines at a B-cubed precision of .65 (now .92, without the rule .96).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from newsmon.words.current import cached_until_new_words
from processors.stories.features import Features
from processors.stories.gazetteer import weight_of
from processors.stories.likeness import Rarity
from processors.stories.numbers import number_weight

ENOUGH_STORIES = 50  # with fewer live stories rarity is a guess, and a headline's words prove nothing
_TEXT_WORDS = 3  # up to this many words beyond the headline are not a text
_BIAS = -3.5
_YOUNG, _OF_YOUNG = 3, 8.0  # with fewer members a story's words do not recur yet: it must score this much higher
_COVERED = 13.0  # the share of the headline that the story's members hold, on average
_NEAR = 8.0  # similarity to the second-nearest member; to the only one of a story of one
_SHARED = 0.7  # the shared weight, in rare words
_MOST_SHARED = 4.0
_KNOWN_NAME = 0.5  # gazetteer keys are common in a theme's news: half the weight of a word
_GENERAL_NAME = 0.1
_GENERAL_WEIGHT = 0.6


def is_bare(features: Features) -> bool:
    """Return whether there is almost no text besides the headline."""
    return len(features.words - features.title_words) <= _TEXT_WORDS


def headline_score(features: Features, members: Sequence[Features], held: Callable[[str], float], rarity: Rarity) -> float:
    """Return the log-odds that the headline belongs to the story of `members`; `held` is the share of all its members that hold a key."""

    def weight(key: str) -> float:
        return _weight(key) * rarity(key)

    keys = title_keys(features)
    mass = math.fsum(map(weight, keys))
    if not members or not mass:
        return _BIAS
    shares = {key: held(key) for key in keys}
    covered = math.fsum(weight(key) * share for key, share in shares.items()) / mass
    shared = math.fsum(weight(key) for key, share in shares.items() if share)
    near = sorted((_dice(keys, mass, title_keys(member), weight) for member in members), reverse=True)
    bias = _BIAS - (_OF_YOUNG if len(members) < _YOUNG else 0.0)
    return bias + _COVERED * covered + _NEAR * near[min(1, len(near) - 1)] + _SHARED * min(shared, _MOST_SHARED)


def title_keys(features: Features) -> frozenset[str]:
    """Return the words, names, places, numbers and event words of a headline; of an article with a text, all its names and places."""
    known = (key for key in features.names | features.places if key[0] != "s")  # other names are among the words
    return features.title_words.union(features.title_concepts, features.title_numbers, known)


def _dice(mine: frozenset[str], mass: float, others: frozenset[str], weight: Callable[[str], float]) -> float:
    return 2 * math.fsum(map(weight, mine & others)) / (mass + math.fsum(map(weight, others)))


@cached_until_new_words
def _weight(key: str) -> float:
    if key[0] == "w":
        return 1.0
    known = number_weight(key) if key[0] == "q" else weight_of(key)
    if known is None or known <= _GENERAL_WEIGHT:
        return _GENERAL_NAME
    return _KNOWN_NAME * min(known, 1.5)
