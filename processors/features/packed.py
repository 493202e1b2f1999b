"""Features as they are remembered: in a seventh of the memory, since a theme may remember thousands of reports and compares few at a time.

In:  features. Out: `PackedFeatures`; the features again, equal to those packed.
"""

from __future__ import annotations

import sys
from array import array
from dataclasses import dataclass
from typing import Any

from processors.features.of_article import KINDS, RARITY_STEPS, Features
from processors.meaning.encoder import Meaning

_RARITIES = tuple(step / RARITY_STEPS for step in range(RARITY_STEPS + 1))
_MOST_UNPACKED = 256  # about 2 MB


@dataclass(frozen=True, slots=True)
class PackedFeatures:
    """One article's keys, each once, and which of them are of which kind."""

    language: str
    keys: tuple[str, ...]  # of all kinds, sorted
    places: bytes | array[int]  # for each kind in turn the number of its keys, then their places in `keys`
    rarities: bytes  # for each key its rarity at large in steps; empty: all are rare
    meaning: Meaning | None


def packed(features: Features) -> PackedFeatures:
    """Return the features in the form that takes little memory."""
    kinds = [getattr(features, kind) for kind in KINDS]
    keys = tuple(map(sys.intern, sorted(frozenset().union(*kinds))))
    place_of = {key: place for place, key in enumerate(keys)}
    places = [number for kind in kinds for number in (len(kind), *sorted(map(place_of.__getitem__, kind)))]
    known = features.at_large
    small = PackedFeatures(
        language=sys.intern(features.language),
        keys=keys,
        places=bytes(places) if len(keys) < 256 else array("H", places),
        rarities=bytes(round(known.get(key, 1.0) * RARITY_STEPS) for key in keys) if known else b"",
        meaning=features.meaning,
    )
    return _remembered(small, features)[0]


_unpacked: dict[int, tuple[PackedFeatures, Features]] = {}  # by id of the packed ones, the oldest first; holding them keeps the id theirs


def unpacked(small: PackedFeatures) -> Features:
    """Return the features that were packed: the remembered ones, since the members of an event are compared again and again."""
    known = _unpacked.get(id(small))
    if known is not None:
        return known[1]
    return _remembered(small, _features_of(small))[1]


def _remembered(small: PackedFeatures, features: Features) -> tuple[PackedFeatures, Features]:
    if len(_unpacked) >= _MOST_UNPACKED:
        del _unpacked[next(iter(_unpacked))]
    _unpacked[id(small)] = small, features
    return small, features


def _features_of(small: PackedFeatures) -> Features:
    keys, places = small.keys, small.places
    kinds: dict[str, Any] = {}
    at = 0
    for kind in KINDS:
        end = at + 1 + places[at]
        kinds[kind] = frozenset(map(keys.__getitem__, places[at + 1 : end]))
        at = end
    at_large = (
        {key: _RARITIES[step] for key, step in zip(keys, small.rarities, strict=True) if step < RARITY_STEPS} if small.rarities else {}
    )
    return Features(language=small.language, meaning=small.meaning, at_large=at_large, **kinds)
