"""Which sketches have a band in common: two columns of numbers, since a dictionary of bands takes six times the memory.

In:  bands with the number of their sketch; numbers only rise. Out: the numbers of the sketches that have a band, the oldest first.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

import numpy as np

_LEAST_RECENT = 256  # sketches looked up in a dictionary before they are sorted into the table
_RECENT_SHARE = 8


class BandTable:
    """Bands sorted into a table, and those of the newest sketches beside it."""

    def __init__(self) -> None:
        self._bands = np.zeros(0, np.uint64)  # sorted, those of one band by number
        self._numbers = np.zeros(0, np.uint32)
        self._recent: dict[int, list[int]] = {}
        self._recent_bands, self._recent_numbers = array("Q"), array("I")  # the same, as they came
        self._live: dict[int, None] = {}  # the numbers that were not removed
        self._recent_count = 0
        self._gone_count = 0

    def add(self, number: int, bands: set[int]) -> None:
        """Remember the bands of a sketch."""
        self._live[number] = None
        for band in bands:
            self._recent.setdefault(band, []).append(number)
            self._recent_bands.append(band)
            self._recent_numbers.append(number)
        self._recent_count += 1
        if self._recent_count + self._gone_count >= max(_LEAST_RECENT, len(self._live) // _RECENT_SHARE):
            self._sort_in()

    def remove(self, number: int) -> None:
        """Forget a sketch that was added."""
        del self._live[number]
        self._gone_count += 1

    def holders(self, bands: Sequence[int]) -> Iterator[list[int]]:
        """Yield for each band the numbers of the sketches that have it."""
        wanted = np.array(bands, np.uint64)
        starts, ends = (np.searchsorted(self._bands, wanted, side).tolist() for side in ("left", "right"))
        for band, start, end in zip(bands, starts, ends, strict=True):
            found = self._numbers[start:end].tolist() + self._recent.get(band, [])
            yield [number for number in found if number in self._live]

    def _sort_in(self) -> None:
        """Make one table of what is still live."""
        live = np.fromiter(self._live, np.uint32, len(self._live))
        bands = np.concatenate((self._bands, np.array(self._recent_bands, np.uint64)))
        numbers = np.concatenate((self._numbers, np.array(self._recent_numbers, np.uint32)))
        is_live = np.isin(numbers, live)
        bands, numbers = bands[is_live], numbers[is_live]
        order = np.lexsort((numbers, bands))
        self._bands, self._numbers = bands[order], numbers[order]
        self._recent, self._recent_count, self._gone_count = {}, 0, 0
        self._recent_bands, self._recent_numbers = array("Q"), array("I")
