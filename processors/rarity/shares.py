"""The share of articles that hold a key, from the days that are over and from the shipped shares; how rare that makes it.

In:  the counts of each completed day, the shipped shares.
Out: `KeyShares`.

The older a day, the less it weighs. The shipped shares weigh as much as a few thousand articles, so they decide in the first days and
matter little after a month. Words (`w:`) belong to a language and are measured by its articles; names, places, numbers and event words have
the same key in every language and are measured by all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np

from processors.rarity.day_counts import MAX_LEVEL, DayCounts, level_of
from processors.rarity.observation import OUTLETS_SENTENCE, SENTENCE
from processors.rarity.sentences import number_of
from processors.rarity.shipped import ShippedShares

WINDOW_DAYS = 30
FADE = 0.95  # of a day's weight from one day to the next: half after two weeks
MAX_KEYS = 100_000  # with their counts about 12 MB
SHIPPED_WEIGHT = 3_000.0  # articles
UNKNOWN = 1e-5  # the share of a key that is not among the shipped ones
COMMON, RARE = 0.1, 1e-5  # shares between which the rarity rises from 0 to 1
FORMULAIC_DAYS = 3  # a sentence seen on this many days belongs to no event; on one day it may be a report that all outlets copy
FORMULAIC_ARTICLES = 3  # the same within one outlet, on any number of days: an outlet prints a report once
_WORD = "w:"
_NOT_ENOUGH = 1.5  # a key seen in one article a month is as good as unseen, and most keys are such


class KeyShares:
    """The shares of keys on one day."""

    def __init__(self, shipped: ShippedShares, days: Iterable[tuple[date, Iterable[DayCounts]]] = (), *, before: date = date.max) -> None:
        """Sum the days within thirty days before `before`, in the order of time, each with the counts of its partitions.

        Takes one day at a time from `days`, so that a whole month need not be in memory.
        """
        self._shipped = shipped
        self._keys: dict[str, float] = {}
        self._articles: list[dict[str, float]] = [{} for _level in range(MAX_LEVEL + 1)]  # by the level of the counts, then by language
        self.day_count = 0
        sentences: list[np.ndarray] = []  # of each day, each once
        of_outlets: list[np.ndarray] = []  # as often as they occur
        for day, counts in days:
            if 0 < (before - day).days <= WINDOW_DAYS:
                found = self._add(counts, FADE ** ((before - day).days - 1))
                sentences.append(np.unique(found[SENTENCE]))
                of_outlets.append(found[OUTLETS_SENTENCE])
        self._recurring = _occurring(sentences, FORMULAIC_DAYS) | _occurring(of_outlets, FORMULAIC_ARTICLES)
        self._keys = _largest({key: count for key, count in self._keys.items() if count >= _NOT_ENOUGH}, MAX_KEYS)
        self._levels_used = max((level for level, articles in enumerate(self._articles) if articles), default=0)

    def _add(self, counts: Iterable[DayCounts], weight: float) -> dict[str, np.ndarray]:
        """Add a day's keys; return its sentences by kind. Most of them never recur, so they are kept as bare numbers."""
        self.day_count += 1
        total: dict[str, int] = {}
        sentences: dict[str, list[int]] = {SENTENCE: [], OUTLETS_SENTENCE: []}
        for part in counts:
            articles = self._articles[part.level]
            for language, count in sorted(part.articles.items()):
                articles[language] = articles.get(language, 0.0) + weight * count
            for key, count in part.keys.items():
                numbers = sentences.get(key[:2])
                if numbers is not None:
                    numbers += [number_of(key)] * min(count, FORMULAIC_ARTICLES)
                else:
                    total[key] = total.get(key, 0) + count
        keys = self._keys
        for key, count in total.items():
            keys[key] = keys.get(key, 0.0) + weight * count
        if len(keys) > 3 * MAX_KEYS:
            self._keys = _largest(keys, 2 * MAX_KEYS)
        return {kind: np.array(numbers, np.uint64) for kind, numbers in sentences.items()}

    def __len__(self) -> int:
        """Return the number of keys held, sentences among them."""
        return len(self._keys) + len(self._recurring)

    def share(self, key: str, language: str) -> float:
        """Return the share of articles that hold `key`, 0 to 1: of all articles, or for a word of those in `language`."""
        known = self._shipped.words.get(language) if key.startswith(_WORD) else None
        own = None if known is None else language
        shipped = (self._shipped.others if known is None else known).get(key, UNKNOWN)
        level = level_of(key) if self._levels_used else 0
        seen = sum(_articles(articles, own) for articles in self._articles[: level + 1])
        return min((self._keys.get(key, 0.0) + SHIPPED_WEIGHT * shipped) / (seen + SHIPPED_WEIGHT), 1.0)

    def rarity(self, key: str, language: str) -> float:
        """Return how rare `key` is: 0 in every tenth article, 1 in one of 100,000, logarithmic between; three digits."""
        share = self.share(key, language)
        return round(min(max(math.log(COMMON / share) / math.log(COMMON / RARE), 0.0), 1.0), 3)

    def is_formulaic(self, key: str) -> bool:
        """True for the key of a sentence seen on three days, of one that an outlet has printed three times, or of a shipped refrain."""
        return key in self._shipped.refrains or number_of(key) in self._recurring


def _articles(articles: Mapping[str, float], language: str | None) -> float:
    return math.fsum(articles.values()) if language is None else articles.get(language, 0.0)


def _occurring(sentences: list[np.ndarray], times: int) -> frozenset[int]:
    """Return the numbers that occur at least `times` times in the arrays together."""
    if not sentences:
        return frozenset()
    numbers, counts = np.unique(np.concatenate(sentences), return_counts=True)
    return frozenset(numbers[counts >= times].tolist())


def _largest(counts: dict[str, float], limit: int) -> dict[str, float]:
    """Return the `limit` largest counts, ties broken by the larger hash; all of them if there are no more."""
    if len(counts) <= limit:
        return counts
    return dict(sorted(counts.items(), key=lambda item: (-item[1], -level_of(item[0]), item[0]))[:limit])
