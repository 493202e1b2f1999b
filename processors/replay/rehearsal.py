"""Decides the past as the running service would have: articles become matches, and matches stories and alerts, in their own time.

In: articles in the order they were first seen, or their matches; the rules; the partition of each theme. Out: `Decided` for each match.
This is the one way from past articles to decisions: `newsmon rehearse`, `newsmon backtest` and `newsmon stories` all take it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from newsmon.records import Article, Match, StoryState
from processors.handling.decision_result import Failed, run_decision
from processors.handling.decisions import Decisions, StoryFold
from processors.rarity.observation import Observation
from processors.rarity.shares import WINDOW_DAYS

DEADLINE_S = 20.0  # of processor time for one decision, as the settings have it by default
COUNTED_BEFORE = timedelta(days=WINDOW_DAYS)  # how far back news counts towards how common an article's words are
OnFailed = Callable[[Article, Failed], None]
PartitionOf = Callable[[str], int]  # from a theme's id to the partition of its matches


@dataclass(frozen=True, slots=True)
class Decided:
    """A match and the whole decision on it. `is_repeat`: another sighting of a text already decided, so nothing came of it."""

    match: Match
    state: StoryState
    is_repeat: bool


def one_partition(_theme_id: str) -> int:
    """Every theme on one partition: the decisions are the same, only idle stories may close at another moment."""
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


class NewsAtLarge:
    """Counts the news as the classifying stage does, and stamps each match with the rarity of its words. Articles come in order of time."""

    def __init__(self, decisions: Decisions) -> None:
        self._decisions = decisions
        self._counting = decisions.new_counting()

    def stamped(self, matches: Sequence[Match]) -> tuple[Match, ...]:
        """The matches of one article as they go to grouping."""
        if not matches:
            return ()
        return self._decisions.stamp(matches, self._counting.shares_at(matches[0].article.first_seen_at))

    def count(self, observation: Observation | None) -> None:
        """Count an article, if it is among those that are counted."""
        if observation is not None:
            self._counting.add(observation)


def rehearse(
    articles: Iterable[Article], decisions: Decisions, partition_of: PartitionOf = one_partition, *, on_failed: OnFailed,
    decided_from: datetime | None = None, deadline_s: float = DEADLINE_S,
) -> Iterator[Decided]:  # fmt: skip
    """Decide every match of the articles, in order. Each article is classified and matched at the moment it was first seen.

    Articles before `decided_from` only have their words counted. `on_failed` gets what the service would put into quarantine.
    """
    past, news = PastMatches(decisions.new_grouping, partition_of), NewsAtLarge(decisions)

    def classified(article: Article) -> tuple[tuple[Match, ...], Observation | None]:
        is_decided = decided_from is None or article.first_seen_at >= decided_from
        matches = decisions.classify(article, article.first_seen_at)[1] if is_decided else ()
        return news.stamped(matches), decisions.observe(article)

    for article in articles:
        found = run_decision(partial(classified, article), deadline_s=deadline_s)
        if isinstance(found, Failed):
            on_failed(article, found)
            continue
        matches, observation = found.value
        for match in matches:
            decided = run_decision(partial(past.decide, match), deadline_s=deadline_s)
            if isinstance(decided, Failed):
                on_failed(article, decided)
            else:
                yield decided.value
        news.count(observation)
