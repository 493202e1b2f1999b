"""The rules that the processor applies, as an interface, so that this room need not import the real ones.

In: nothing. Out: `Decisions`, made by `processors.runner.policies` from settings and themes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from newsmon.records import Article, Classification, Corrected, Correction, GroupState, Match, StoryState
from processors.rarity.counting import Counting
from processors.rarity.observation import Observation
from processors.rarity.shares import KeyShares


class StoryFold(Protocol):
    """The grouping of one partition's matches and corrections, as a fold over them (`processors.stories.grouping.Grouping`)."""

    def restore(self, states: Iterable[GroupState]) -> None: ...
    def decide(self, match: Match, /, *, source_offset: int) -> StoryState: ...
    def correct(self, correction: Correction, /, *, source_offset: int) -> Corrected: ...
    def apply(self, state: GroupState, /) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Decisions:
    """The rules; `theme_ids` and `generation` name the themes they were made for."""

    classify: Callable[[Article, datetime], tuple[Classification, tuple[Match, ...]]]  # from the article alone
    observe: Callable[[Article], Observation | None]  # what is counted of an article
    stamp: Callable[[Sequence[Match], KeyShares], tuple[Match, ...]]  # the matches of one article, with the rarity of its keys
    new_counting: Callable[[], Counting]
    new_grouping: Callable[[], StoryFold]
    theme_ids: tuple[str, ...]
    generation: str
