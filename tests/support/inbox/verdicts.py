"""The verdict of a fold on two texts, alone or beside any number of other stories of the theme.

In: two matches, the company they are in. Out: `Verdict`.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from newsmon.records import Match, Relation
from processors.stories.grouping import Grouping
from support.inbox.incidents import Text, match_at
from support.inbox.labelled import items


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


class Company:
    """Other matches that were decided before two texts are."""

    def __init__(self, matches: Iterable[Match] = ()) -> None:
        fold = fold_of(matches)
        self.offset = len(fold)
        self._fold = pickle.dumps(fold)  # a copy for each verdict, in a tenth of the time of restoring it

    def fold(self) -> Grouping:
        """The fold that has decided them."""
        fold: Grouping = pickle.loads(self._fold)
        return fold


ALONE = Company()


def verdict(left: Match, right: Match, *, beside: Company = ALONE) -> Verdict:
    """The verdict on `right` after `left`, in that company; `left` is later than it, `right` later than `left`."""
    fold = beside.fold()
    first = fold.decide(left, source_offset=beside.offset)
    fold.apply(first)
    second = fold.decide(right, source_offset=beside.offset + 1)
    if first.story_id != second.story_id:
        return Verdict.DIFFERENT
    if first.event_id != second.event_id:
        return Verdict.STORY
    return Verdict.COPY if second.relation is Relation.COPY else Verdict.EVENT


def series_pairs(name: str, at: datetime, *, encoded: bool = True) -> Iterator[tuple[Match, Match]]:
    """The first two reports of each event, and the first ones of events that follow each other; the first at that moment, 20 hours at most apart."""
    events: dict[str, list[dict[str, Any]]] = {}
    for item in items(f"series-{name}"):
        events.setdefault(item["event"], []).append(item)
    pairs = [
        *(reports[:2] for reports in events.values() if len(reports) > 1),
        *((one[0], other[0]) for one, other in pairwise(events.values())),
    ]
    for one, other in pairs:
        apart = datetime.fromisoformat(other["first_seen_at"]) - datetime.fromisoformat(one["first_seen_at"])
        left, right = (Text(item["id"], item["title"], item["text"], item["source"], item["lang"]) for item in (one, other))
        yield match_at(left, at, encoded=encoded), match_at(right, at + min(apart, timedelta(hours=20)), encoded=encoded)
