"""Decides past articles as the running service would have: matches, stories and alerts, in the articles' own time.

In: articles in the order they were first seen, the rules, the partition of each theme. Out: `Decided`, one for each match.
Nothing is sent. An article is matched at the moment it was first seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from newsmon.records import Article, Match, StoryState
from processors.handling.decisions import Decisions, StoryFold


@dataclass(frozen=True, slots=True)
class Decided:
    """One match and the whole decision on it; `is_repeat` when its text had been decided before, so that nothing happened."""

    match: Match
    state: StoryState
    is_repeat: bool


class Rehearsal:
    """One run of the service's rules over the past."""

    def __init__(self, decisions: Decisions, partition_of: Callable[[str], int] = lambda _theme_id: 0) -> None:
        self._decisions = decisions
        self._partition_of = partition_of
        self._folds: dict[int, StoryFold] = {}
        self._offsets: dict[int, int] = {}

    def decided(self, articles: Iterable[Article]) -> Iterator[Decided]:
        """Decide every match of the articles, in their order."""
        for article in articles:
            for match in self._decisions.classify(article, article.first_seen_at)[1]:
                yield self._decide(match)

    def _decide(self, match: Match) -> Decided:
        partition = self._partition_of(match.theme_id)
        if partition not in self._folds:
            self._folds[partition] = self._decisions.new_grouping()
        fold, offset = self._folds[partition], self._offsets.get(partition, 0)
        self._offsets[partition] = offset + 1
        state = fold.decide(match, source_offset=offset)
        is_repeat = state.source_offset != offset
        if not is_repeat:
            fold.apply(state)
        return Decided(match, state, is_repeat)
