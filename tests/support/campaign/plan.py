"""Which fault comes next, in each lane: the same for the same seed and the same kinds. No I/O, no clock."""

from __future__ import annotations

import itertools
import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from support.campaign.kinds import SPECS, Kind, Lane

PAUSE_S = (0.2, 1.5)


@dataclass(frozen=True, slots=True)
class Fault:
    """One planned fault. `choice` picks the target where there are several; `pause_s` passes before it begins."""

    number: int
    kind: Kind
    lasts_s: float
    pause_s: float
    choice: int

    @property
    def lane(self) -> Lane:
        return SPECS[self.kind].lane


def faults(seed: int, lane: Lane, kinds: Collection[Kind], *, is_long: bool) -> Iterator[Fault]:
    """Endless: every kind of the lane once in a random order; then the same again, in a short campaign only the cheap ones."""
    chance = random.Random(f"{seed}:{lane}")
    mine = sorted(kind for kind in kinds if SPECS[kind].lane is lane)
    again = mine if is_long else [kind for kind in mine if SPECS[kind].is_cheap]
    for number, kind in enumerate(_rounds(chance, mine, again)):
        spec = SPECS[kind]
        shortest_s, longest_s = spec.long_s if is_long and spec.long_s else spec.lasts_s
        lasts_s = round(chance.uniform(shortest_s, longest_s), 2)
        yield Fault(number, kind, lasts_s, round(chance.uniform(*PAUSE_S), 2), chance.randrange(2**16))


def _rounds(chance: random.Random, first: list[Kind], again: list[Kind]) -> Iterator[Kind]:
    yield from chance.sample(first, len(first))
    while again:
        yield from chance.sample(again, len(again))


def short_plan(seed: int, lane: Lane, kinds: Collection[Kind], count: int) -> tuple[Fault, ...]:
    """The first `count` faults of a short campaign."""
    return tuple(itertools.islice(faults(seed, lane, kinds, is_long=False), count))
