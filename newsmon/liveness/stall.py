"""Decides whether waiting work stands still.

In: what waits now and a mark that changes whenever something of it is done; the time. Out: how long each has not moved.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Waiting:
    """Work that waits in one place, such as a partition. `mark` changes whenever some of it is done."""

    place: str
    mark: Hashable


@dataclass(slots=True)
class Progress:
    """Every place where work waits, with its mark and the time since when that has not changed."""

    since_s: dict[str, tuple[Hashable, float]] = field(default_factory=dict)

    def stalled_s(self, waiting: Iterable[Waiting], now_s: float) -> dict[str, float]:
        """Seconds since each place last moved; a place that is new, or where nothing waited before, starts at zero."""
        seen: dict[str, tuple[Hashable, float]] = {}
        for one in waiting:
            mark, since_s = self.since_s.get(one.place, (None, now_s))
            moved = one.place not in self.since_s or mark != one.mark
            seen[one.place] = (one.mark, now_s if moved else since_s)
        self.since_s = seen
        return {place: now_s - since_s for place, (_mark, since_s) in seen.items()}

    def start_over(self) -> None:
        """Forget everything: a dependency does not answer, so nothing can move, and that is not a stall."""
        self.since_s = {}


def stall_of(stalled_s: Mapping[str, float], limit_s: float) -> str | None:
    """What has stood still for the limit, for people; None when nothing has."""
    listed = ", ".join(f"{place} for {seconds:.0f} s" for place, seconds in sorted(stalled_s.items()) if seconds >= limit_s)
    return f"work is waiting and nothing was done: {listed}" if listed else None
