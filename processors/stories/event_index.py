"""Finds the events that an article may belong to, without comparing it with all of them: by shared keys, and by meaning.

In:  members with their events. Out: ids of events, the likeliest first.

Whether an event is a candidate depends only on what it shares with the article; other live events change nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Set

import numpy as np

from processors.features.of_article import Features
from processors.likeness.profile import weight_by_kind
from processors.likeness.weighing import Rarity
from processors.stories.remembered import StoryMember

_BY_KEYS = 10
_BY_MEANING = 5  # reports in another language, or in other words, share no key
_LEAST_VOTES = 1.0  # with less in common it could not reach the decision's threshold
_TOO_COMMON = 200  # events that hold a key: such a key distinguishes nothing, and visiting them would cost more than all the rest
_SIZE = 512  # components of a vector
_LOOKED_AT = 40  # members nearest in meaning among which the events are sought
_GROWTH = 256  # rows


class EventIndex:
    """The members of one theme's live events by their keys and by the meaning of their headlines."""

    def __init__(self) -> None:
        self._by_key: dict[str, str | dict[str, int]] = {}  # key -> the event whose one member holds it, or event -> members that hold it
        self._rows: dict[str, int] = {}  # match -> row of `_vectors`
        self._row_owners: list[tuple[str, str]] = []  # (match, event) of each row
        # whole numbers, so that sums are exact and every machine ranks alike
        self._vectors = np.zeros((0, _SIZE), np.int8)
        self._signs = np.zeros((0, _SIZE // 64), np.uint64)  # a bit for each component

    def add(self, member: StoryMember, event_id: str) -> None:
        """Remember a member of an event; copies add nothing."""
        if member.is_copy:
            return
        for key in keys_of(member.features):
            holders = self._by_key.get(key)
            if holders is None:
                self._by_key[key] = event_id  # most keys have one holder: no dictionary for those
                continue
            if isinstance(holders, str):
                holders = self._by_key[key] = {holders: 1}
            holders[event_id] = holders.get(event_id, 0) + 1
        if member.features.meaning is not None:
            row = len(self._row_owners)
            if row == len(self._vectors):
                self._vectors, self._signs = _longer(self._vectors), _longer(self._signs)
            self._vectors[row] = np.frombuffer(member.features.meaning.title, np.int8)
            self._signs[row] = _signs_of(self._vectors[row])
            self._rows[member.match_id] = row
            self._row_owners.append((member.match_id, event_id))

    def remove(self, member: StoryMember, event_id: str) -> None:
        """Forget a member that was added for the event."""
        if member.is_copy:
            return
        for key in keys_of(member.features):
            holders = self._by_key[key]
            if isinstance(holders, str):
                del self._by_key[key]
                continue
            holders[event_id] -= 1
            if not holders[event_id]:
                del holders[event_id]
                if not holders:
                    del self._by_key[key]
        row = self._rows.pop(member.match_id, None)
        if row is not None:
            last = self._row_owners.pop()
            if row < len(self._row_owners):
                self._row_owners[row] = last
                self._rows[last[0]] = row
                self._vectors[row] = self._vectors[len(self._row_owners)]
                self._signs[row] = self._signs[len(self._row_owners)]

    def candidates(self, features: Features, rarity: Rarity, *, without: Set[str]) -> list[str]:
        """Return the events that share most with `features`, then those nearest in meaning; none that is in `without`."""
        votes: dict[str, float] = {}
        for key in keys_of(features):
            found = self._by_key.get(key, ())
            holders = (found,) if isinstance(found, str) else found
            if len(holders) > _TOO_COMMON:
                continue
            weight = _vote(key) * rarity(key)
            for event_id in holders:
                votes[event_id] = votes.get(event_id, 0.0) + weight
        ranked = ((-round(weight, 9), event_id) for event_id, weight in votes.items() if weight >= _LEAST_VOTES and event_id not in without)
        sharing = (event_id for _weight, event_id in heapq.nsmallest(_BY_KEYS, ranked))
        return list(dict.fromkeys((*sharing, *self._nearest(features, without))))

    def _nearest(self, features: Features, without: Set[str]) -> list[str]:
        """Return the events whose headlines are nearest in meaning: found by the signs of the components, ranked by their product."""
        count = len(self._row_owners)
        if features.meaning is None or not count:
            return []
        wanted = np.frombuffer(features.meaning.title, np.int8)
        apart = np.bitwise_count(self._signs[:count] ^ _signs_of(wanted)).sum(axis=1)
        most = np.partition(apart, min(_LOOKED_AT, count) - 1)[min(_LOOKED_AT, count) - 1]
        rows = np.flatnonzero(apart <= most)  # all ties, so that the order of rows decides nothing
        products = self._vectors[rows].astype(np.int32) @ wanted.astype(np.int32)
        ranked = sorted((-int(product), self._row_owners[row][1]) for product, row in zip(products, rows, strict=True))
        return [event_id for event_id in dict.fromkeys(owner for _product, owner in ranked) if event_id not in without][:_BY_MEANING]


def _longer(rows: np.ndarray) -> np.ndarray:
    return np.concatenate((rows, np.zeros((_GROWTH + len(rows) // 2, rows.shape[1]), rows.dtype)))


def _signs_of(vector: np.ndarray) -> np.ndarray:
    return np.packbits(vector > 0).view(np.uint64)


def keys_of(features: Features) -> list[str]:
    """Return the keys that find an article, in the same order in every process (votes are sums of floats)."""
    return sorted(features.names | features.openers | features.places | features.numbers | features.concepts | features.title_words)


def _vote(key: str) -> float:
    return weight_by_kind(key, unknown_name=1.3, other=0.5)
