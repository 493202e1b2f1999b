"""A report in the form in which it is compared: its keys sorted by what they prove, with how rare each is in the news at large.

In:  features. Out: `Profile`, kept with the features, so it is made once for all comparisons of a report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from newsmon.words.current import cached_until_new_words, forget_with_old_words
from processors.features.gazetteer import country_of, weight_of
from processors.features.numbers import number_weight
from processors.features.of_article import Features
from processors.meaning.encoder import Meaning

_GENERAL_WEIGHT = 0.6  # a key of this weight or less (Trump, Ukraine, NATO) is in every second article
_TELLING_NUMBER = 0.6
_POWERS = {"p:us": ("us", 0.6), "p:russia": ("russia", 1.0), "p:moscow": ("russia", 1.0), "p:china": ("china", 0.6)}


@dataclass(frozen=True, slots=True)
class Profile:
    """The keys of one report by kind; `core` of a kind are those in its news, not in its background."""

    language: str
    keys: frozenset[str]
    at_large: Mapping[str, float]
    title: frozenset[str]
    usual: frozenset[str]  # in the theme
    core: frozenset[str]
    names: frozenset[str]
    openers: frozenset[str]
    core_names: frozenset[str]  # names and openers in the news
    telling: frozenset[str]  # names that are not in every second article
    places: frozenset[str]
    telling_places: frozenset[str]
    core_places: frozenset[str]
    acts_for: Mapping[str, str]  # name -> the country it acts for
    named: frozenset[str]  # persons and places in the news
    known: frozenset[str]  # all persons and places it mentions
    powers: frozenset[tuple[str, float]]  # the powers that act in the news: a plan of Paris is not Moscow's answer to it
    numbers: frozenset[str]
    title_numbers: tuple[frozenset[str], frozenset[str]]  # the telling ones: percentages, others
    title_concepts: frozenset[str]
    core_concepts: frozenset[str]
    words: frozenset[str]
    title_words: frozenset[str]
    meaning: Meaning | None

    def rarity(self, key: str) -> float:
        """Return how rare one of the report's keys is in the news at large, 0 to 1."""
        return self.at_large.get(key, 1.0)


_made: dict[int, tuple[Features, Profile]] = {}  # by id of the features, the oldest first; holding them keeps the id theirs
_MOST_MADE = 256
forget_with_old_words(_made.clear)


def profile_of(features: Features) -> Profile:
    """Return the profile of a report: the remembered one, since a report is compared with many."""
    known = _made.get(id(features))
    if known is not None:
        return known[1]
    if len(_made) >= _MOST_MADE:
        del _made[next(iter(_made))]
    profile = _profile_of(features)
    _made[id(features)] = features, profile
    return profile


def _profile_of(features: Features) -> Profile:
    names, openers, places, numbers = features.names, features.openers, features.places, features.numbers
    core, title = features.core | features.title, features.title
    telling_numbers = frozenset(key for key in features.title_numbers if number_weight(key) >= _TELLING_NUMBER)
    percentages = frozenset(key for key in telling_numbers if key[-1] == "%")
    telling_places = _telling(places)
    return Profile(
        language=features.language,
        keys=features.keys(),
        at_large=features.at_large,
        title=title,
        usual=features.usual,
        core=core,
        names=names,
        openers=openers,
        core_names=(names | openers) & features.core,
        telling=_telling(names | openers),
        places=places,
        telling_places=telling_places,
        core_places=telling_places & features.core,
        acts_for={name: country for name in names if (country := country_of(name)) is not None},
        named=(names | places) & features.core,
        known=names | places | openers,
        powers=frozenset(_POWERS[key] for key in features.core if key in _POWERS),
        numbers=numbers,
        title_numbers=(percentages, telling_numbers - percentages),
        title_concepts=features.title_concepts,
        core_concepts=features.concepts & features.core,
        words=features.words,
        title_words=features.title_words,
        meaning=features.meaning,
    )


@cached_until_new_words
def weight_of_key(key: str) -> float:
    """Return what sharing `key` proves by its kind."""
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
    return frozenset(key for key in keys if weight_of_key(key) > _GENERAL_WEIGHT)
