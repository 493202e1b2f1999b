"""Finds the events that an article may belong to, without comparing it with all of them: by shared keys, and by meaning.

In:  members with their events. Out: ids of events, the likeliest first.

What an article shares with one event decides on that event alone; others that are live add and take away nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from processors.stories.features import Features
from processors.stories.likeness import Rarity, weight_by_kind
from processors.stories.remembered import StoryMember

_BY_KEYS = 10
_BY_MEANING = 5  # reports in another language, or in other words, share no key
_LEAST_VOTES = 1.0  # sharing less cannot outweigh the bias of the decision
_TOO_COMMON = 400  # events that hold a key: such a key distinguishes nothing, and visiting them would cost more than all the rest
_SIZE = 512  # components of a vector
_LOOKED_AT = 40  # members nearest in meaning among which the events are sought
_GROWTH = 256  # rows


class EventIndex:
    """The members of one theme's live events by their keys and by the meaning of their headlines."""

    def __init__(self) -> None:
        self._by_key: dict[str, dict[str, int]] = {}  # key -> event -> members that hold it
        self._rows: dict[str, int] = {}  # match -> row of `_vectors`
        self._row_owners: list[tuple[str, str]] = []  # (match, event) of each row
        # whole numbers, so that sums are exact and every machine ranks alike
        self._vectors = np.zeros((0, _SIZE), np.float32)

    def add(self, member: StoryMember, event_id: str) -> None:
        """Remember a member of an event; copies add nothing."""
        if member.is_copy:
            return
        for key in keys_of(member.features):
            holders = self._by_key.setdefault(key, {})
            holders[event_id] = holders.get(event_id, 0) + 1
        if member.features.meaning is not None:
            row = len(self._row_owners)
            if row == len(self._vectors):
                self._vectors = np.concatenate((self._vectors, np.zeros((_GROWTH + row // 2, _SIZE), np.float32)))
            self._vectors[row] = np.frombuffer(member.features.meaning.title, np.int8)
            self._rows[member.match_id] = row
            self._row_owners.append((member.match_id, event_id))

    def remove(self, member: StoryMember, event_id: str) -> None:
        """Forget a member that was added for the event."""
        if member.is_copy:
            return
        for key in keys_of(member.features):
            holders = self._by_key[key]
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

    def held(self, event_id: str, key: str) -> int:
        """Return how many members of the event hold a key."""
        return self._by_key.get(key, {}).get(event_id, 0)

    def candidates(self, features: Features, rarity: Rarity, *, without: Callable[[str], bool]) -> list[str]:
        """Return the events that share most with `features`, then those nearest in meaning; none that is in `without`."""
        votes: dict[str, float] = {}
        for key in keys_of(features):
            holders = self._by_key.get(key, {})
            if len(holders) > _TOO_COMMON:
                continue
            weight = _vote(key) * rarity(key)
            for event_id in holders:
                votes[event_id] = votes.get(event_id, 0.0) + weight
        sharing = [event_id for event_id, weight in votes.items() if weight >= _LEAST_VOTES and not without(event_id)]
        sharing.sort(key=lambda event_id: (-round(votes[event_id], 9), event_id))
        return list(dict.fromkeys((*sharing[:_BY_KEYS], *self._nearest(features, without))))

    def _nearest(self, features: Features, without: Callable[[str], bool]) -> list[str]:
        count = len(self._row_owners)
        if features.meaning is None or not count:
            return []
        nearness = self._vectors[:count] @ np.frombuffer(features.meaning.title, np.int8).astype(np.float32)
        wanted = min(_LOOKED_AT, count)
        least = np.partition(nearness, count - wanted)[count - wanted]
        rows = np.flatnonzero(nearness >= least)  # all of equals, so that the rows' order decides nothing
        ranked = sorted((-float(nearness[row]), self._row_owners[row][1]) for row in rows)
        return [event_id for event_id in dict.fromkeys(owner for _distance, owner in ranked) if not without(event_id)][:_BY_MEANING]


def keys_of(features: Features) -> list[str]:
    """Return the keys that find an article, in the same order in every process (votes are sums of floats)."""
    return sorted(features.names | features.openers | features.places | features.numbers | features.concepts | features.title_words)


def _vote(key: str) -> float:
    return weight_by_kind(key, unknown_name=1.3, other=0.5)
