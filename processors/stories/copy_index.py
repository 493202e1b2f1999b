"""Finds the remembered text that a new one is a copy of, without comparing it with all of them.

In:  sketches by key. Out: the most similar copy with its verdict.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import filterfalse

from processors.features.sketch import Sketch
from processors.likeness.copies import CopyRelation, CopyVerdict, compare
from processors.stories.band_table import BandTable

_MAX_PER_BAND = 50  # a band shared by more texts belongs to a template; its newest are enough
_MAX_CANDIDATES = 20


def _nothing(_key: str) -> bool:
    return False


class CopyIndex:
    """Finds candidates among remembered sketches by their bands; forgets on request."""

    def __init__(self) -> None:
        self._bands = BandTable()
        self._sketches: dict[str, tuple[int, Sketch]] = {}  # with their numbers
        self._keys: dict[int, str] = {}  # by number
        self._next = 0

    def __len__(self) -> int:
        return len(self._sketches)

    def add(self, key: str, sketch: Sketch) -> None:
        """Remember `sketch` under `key`; a known key is left as it is."""
        if key in self._sketches:
            return
        self._sketches[key] = self._next, sketch
        self._keys[self._next] = key
        self._bands.add(self._next, set(sketch.bands()))
        self._next += 1

    def remove(self, key: str) -> None:
        """Forget `key`; an unknown one is no error."""
        known = self._sketches.pop(key, None)
        if known is not None:
            del self._keys[known[0]]
            self._bands.remove(known[0])

    def sketch(self, key: str) -> Sketch | None:
        """Return the sketch remembered under `key`, or None."""
        known = self._sketches.get(key)
        return None if known is None else known[1]

    def best(self, sketch: Sketch, *, without: Callable[[str], bool] = _nothing) -> tuple[str, CopyVerdict] | None:
        """Return the remembered text most similar to `sketch` if it is a copy, the oldest of equals, else None; never one in `without`."""
        votes: dict[str, int] = {}
        for holders in self._bands.holders(list(sketch.bands())):
            for number in holders[-_MAX_PER_BAND:]:
                key = self._keys[number]
                votes[key] = votes.get(key, 0) + 1
        found: tuple[str, CopyVerdict] | None = None
        for key in sorted(filterfalse(without, votes), key=lambda key: (-votes[key], key))[:_MAX_CANDIDATES]:
            verdict = compare(sketch, self._sketches[key][1])
            if verdict.relation is not CopyRelation.NONE and (found is None or verdict.similarity > found[1].similarity):
                found = key, verdict
        return found
