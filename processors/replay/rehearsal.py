"""Decides the past as the running service would have: articles become matches, and matches stories and alerts, in their own time.

In: articles in the order they were first seen, or their matches; the rules; the partition of each theme. Out: `Decided` for each match.
This is the one way from past articles to decisions: `newsmon rehearse`, `newsmon backtest` and `newsmon stories` all take it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from newsmon.records import Article, Match, StoryState
from processors.handling.decisions import Decisions, StoryFold

PartitionOf = Callable[[str], int]  # from a theme's id to the partition of its matches


@dataclass(frozen=True, slots=True)
class Decided:
    """A match and the whole decision on it. `is_repeat`: another sighting of a text already decided, so nothing came of it."""

    match: Match
    state: StoryState
    is_repeat: bool


def one_partition(_theme_id: str) -> int:
    """Every theme on one partition, which decides the same; only the moment at which idle stories close may be another."""
    return 0


class PastMatches:
    """Folds matches as the grouping stage does, with a memory for each partition."""

    def __init__(self, new_grouping: Callable[[], StoryFold], partition_of: PartitionOf = one_partition) -> None:
        self._new_grouping = new_grouping
        self._partition_of = partition_of
        self._folds: dict[int, StoryFold] = {}
        self._offset = 0

    def decide(self, match: Match) -> Decided:
        """Decide a match, and remember the decision."""
        partition = self._partition_of(match.theme_id)
        if partition not in self._folds:
            self._folds[partition] = self._new_grouping()
        fold = self._folds[partition]
        self._offset += 1
        state = fold.decide(match, source_offset=self._offset)
        is_repeat = state.source_offset != self._offset
        if not is_repeat:
            fold.apply(state)
        return Decided(match, state, is_repeat)


def rehearse(articles: Iterable[Article], decisions: Decisions, partition_of: PartitionOf = one_partition) -> Iterator[Decided]:
    """Decide every match of the articles, in their order. An article is classified and matched at the moment it was first seen."""
    past = PastMatches(decisions.new_grouping, partition_of)
    for article in articles:
        for match in decisions.classify(article, article.first_seen_at)[1]:
            yield past.decide(match)
