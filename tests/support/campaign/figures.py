"""How long each fault took to get over, from what arrived when; percentiles by kind. No I/O, no clock."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from support.campaign.arrival import Arrival
from support.campaign.kinds import Kind, Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One fault that was done; times are monotonic. `desk`, `feed`: the only one it touched, if there is one."""

    lane: Lane
    number: int
    kind: Kind
    began_s: float
    over_s: float
    target: str = ""
    desk: str | None = None
    feed_numbers: tuple[int, int] | None = None  # remainder and divisor of the numbers of its items


@dataclass(frozen=True, slots=True)
class Recovery:
    """`seconds`: from the end of the fault to the first accepted webhook of an item that the outlet got later. None: none came.

    `alone`: no other fault began, lasted or ended in that time.
    """

    fault: Happened
    seconds: float | None
    alone: bool


def recoveries(happened: Sequence[Happened], added_at_s: Mapping[int, float], arrivals: Iterable[Arrival]) -> tuple[Recovery, ...]:
    """The recovery of each fault."""
    accepted = sorted(
        (one.at_s, one.desk, one.numbers[0]) for one in arrivals if one.accepted and one.numbers and one.numbers[0] is not None
    )
    return tuple(_recovery(one, happened, added_at_s, accepted) for one in happened)


def _recovery(
    fault: Happened, happened: Sequence[Happened], added_at_s: Mapping[int, float], accepted: Sequence[tuple[float, str, int]]
) -> Recovery:
    for at_s, desk, number in accepted:
        if at_s < fault.over_s or added_at_s.get(number, -math.inf) < fault.over_s:
            continue
        if fault.desk is not None and desk != fault.desk:
            continue
        if fault.feed_numbers is not None and number % fault.feed_numbers[1] != fault.feed_numbers[0]:
            continue
        alone = not any(other is not fault and other.began_s <= at_s and other.over_s >= fault.began_s for other in happened)
        return Recovery(fault, at_s - fault.over_s, alone)
    return Recovery(fault, None, alone=False)


def percentile(values: Collection[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


@dataclass(frozen=True, slots=True)
class KindFigures:
    """The faults of one kind."""

    kind: Kind
    count: int
    alone_count: int
    not_recovered: int
    p50_s: float | None
    p95_s: float | None


def by_kind(found: Iterable[Recovery]) -> tuple[KindFigures, ...]:
    """One row for each kind that was tried, in alphabetical order."""
    groups: dict[Kind, list[Recovery]] = defaultdict(list)
    for one in found:
        groups[one.fault.kind].append(one)
    return tuple(_figures(kind, groups[kind]) for kind in sorted(groups))


def _figures(kind: Kind, group: Sequence[Recovery]) -> KindFigures:
    times = [one.seconds for one in group if one.seconds is not None]
    p50, p95 = (round(percentile(times, 0.5), 1), round(percentile(times, 0.95), 1)) if times else (None, None)
    return KindFigures(kind, len(group), sum(one.alone for one in group), len(group) - len(times), p50, p95)
