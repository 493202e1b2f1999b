"""The verdict of a fold on two texts, alone or beside any number of other stories of the theme.

In: two matches, a fold's states. Out: `Verdict`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from newsmon.records import GroupState, Match, Relation
from processors.stories.grouping import Grouping


class Verdict(StrEnum):
    COPY = "copy"
    EVENT = "one event"
    STORY = "one story"
    DIFFERENT = "different"


def fold_of(matches: Iterable[Match]) -> Grouping:
    """A fold that has decided these."""
    fold = Grouping()
    for offset, match in enumerate(matches):
        fold.apply(fold.decide(match, source_offset=offset))
    return fold


def verdict(left: Match, right: Match, *, beside: Sequence[GroupState] = ()) -> Verdict:
    """The verdict on `right` after `left`, in a fold that remembers `beside`; `left` is later than those, `right` later than `left`."""
    fold = Grouping()
    fold.restore(beside)
    offset = 1 + max((state.source_offset for state in beside), default=0)
    first = fold.decide(left, source_offset=offset)
    fold.apply(first)
    second = fold.decide(right, source_offset=offset + 1)
    if first.story_id != second.story_id:
        return Verdict.DIFFERENT
    if first.event_id != second.event_id:
        return Verdict.STORY
    return Verdict.COPY if second.relation is Relation.COPY else Verdict.EVENT
