"""Finds the remembered text that a new one is a copy of, without comparing it with all of them.

In:  sketches by key. Out: the most similar copy with its verdict.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import filterfalse

from processors.features.sketch import Sketch
from processors.likeness.copies import CopyRelation, CopyVerdict, compare

_MAX_PER_BAND = 50  # a band shared by more texts belongs to a template; its newest are enough
_MAX_CANDIDATES = 20


def _nothing(_key: str) -> bool:
    return False


class CopyIndex:
    """Finds candidates among remembered sketches by their bands; forgets on request."""

    def __init__(self) -> None:
        self._by_band: dict[int, str | list[str]] = {}  # most bands hold one key: no list for those
        self._sketches: dict[str, Sketch] = {}

    def __len__(self) -> int:
        return len(self._sketches)

    def add(self, key: str, sketch: Sketch) -> None:
        """Remember `sketch` under `key`; a known key is left as it is."""
        if key in self._sketches:
            return
        self._sketches[key] = sketch
        for band in set(sketch.bands()):
            held = self._by_band.get(band)
            if held is None:
                self._by_band[band] = key
            elif isinstance(held, str):
                self._by_band[band] = [held, key]
            else:
                held.append(key)

    def remove(self, key: str) -> None:
        """Forget `key`; an unknown one is no error."""
        sketch = self._sketches.pop(key, None)
        if sketch is None:
            return
        for band in set(sketch.bands()):
            held = self._by_band[band]
            if isinstance(held, str):
                del self._by_band[band]
            else:
                held.remove(key)
                if len(held) == 1:
                    self._by_band[band] = held[0]

    def sketch(self, key: str) -> Sketch | None:
        """Return the sketch remembered under `key`, or None."""
        return self._sketches.get(key)

    def best(self, sketch: Sketch, *, without: Callable[[str], bool] = _nothing) -> tuple[str, CopyVerdict] | None:
        """Return the remembered text most similar to `sketch` if it is a copy, the oldest of equals, else None; never one in `without`."""
        votes: dict[str, int] = {}
        for band in sketch.bands():
            held = self._by_band.get(band, ())
            for key in (held,) if isinstance(held, str) else held[-_MAX_PER_BAND:]:
                votes[key] = votes.get(key, 0) + 1
        found: tuple[str, CopyVerdict] | None = None
        for key in sorted(filterfalse(without, votes), key=lambda key: (-votes[key], key))[:_MAX_CANDIDATES]:
            verdict = compare(sketch, self._sketches[key])
            if verdict.relation is not CopyRelation.NONE and (found is None or verdict.similarity > found[1].similarity):
                found = key, verdict
        return found
