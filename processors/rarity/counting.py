"""What one process counts: the days it holds, and the shares of the days that are over.

In:  observations in any order within a day; days counted elsewhere.
Out: `KeyShares` for a moment of the log.

The shares used for an article are those of the days that were over when it was first seen, so they do not depend on the order within a
day, on the number of workers, or on whether the service or a rehearsal counts. A day is over an hour after midnight UTC: until then
other workers may still be counting it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from processors.rarity.day_counts import DayCounts
from processors.rarity.observation import Observation
from processors.rarity.shares import WINDOW_DAYS, KeyShares
from processors.rarity.shipped import ShippedShares

Part = tuple[date, int]  # a day in a partition of news.articles
Elsewhere = Mapping[Part, Callable[[], DayCounts]]
NOWHERE: Elsewhere = {}
_NOTHING = ShippedShares()
GRACE = timedelta(hours=1)
_FIRST = datetime(1900, 1, 1, tzinfo=UTC)  # a date before it is a mistake, and the calendar has no day before its first
MAX_DAYS = WINDOW_DAYS + 5  # held at most; then the oldest is dropped
_REMEMBERED = 3  # days whose shares are kept: around midnight the articles of two days arrive mixed


def day_for(at: datetime) -> date:
    """Return the day whose shares an article first seen at `at` is measured by: all days before it are over."""
    return (max(at, _FIRST) - GRACE).astimezone(UTC).date()


class Counting:
    """Counts a whole stream in one process (a rehearsal), or one worker's part of it."""

    def __init__(self, shipped: ShippedShares = _NOTHING) -> None:
        self._shipped = shipped
        self._days: dict[date, dict[int, DayCounts]] = {}
        self._shares: dict[date, KeyShares] = {}  # the newest last

    def add(self, seen: Observation, partition: int = 0) -> bool:
        """Count an article of a partition of news.articles; False if it was counted before."""
        return self.counts(seen.day, partition).add(seen)

    def counts(self, day: date, partition: int) -> DayCounts:
        """Return the counts of one day in one partition; if there are none, empty ones, which are then held."""
        found = self._days.get(day, {}).get(partition)
        return self.hold(day, partition, DayCounts()) if found is None else found

    def hold(self, day: date, partition: int, counts: DayCounts) -> DayCounts:
        """Take over the counts of a day in a partition, and return them."""
        self._days.setdefault(day, {})[partition] = counts
        if len(self._days) > MAX_DAYS:
            del self._days[min(self._days)]
        return counts

    def drop(self, day: date, partition: int) -> None:
        """Forget the counts of one day in one partition, if there are any. Shares already made of them stay."""
        parts = self._days.get(day, {})
        parts.pop(partition, None)
        if not parts:
            self._days.pop(day, None)

    def has_shares_for(self, at: datetime) -> bool:
        """True when the shares for an article first seen at `at` are made."""
        return day_for(at) in self._shares

    def is_late(self, day: date) -> bool:
        """True when shares were made that count the day as over."""
        return any(made > day for made in self._shares)

    def make_again(self, day: date) -> None:
        """Forget the shares that count the day as over: more of it has been counted since."""
        self._shares = {made: shares for made, shares in self._shares.items() if made <= day}

    def shares_at(self, at: datetime, elsewhere: Elsewhere = NOWHERE) -> KeyShares:
        """Return the shares for an article first seen at `at`.

        They are made when first asked for, from the days held and those counted elsewhere; each of the latter is asked for once.
        """
        day = day_for(at)
        found = self._shares.get(day)
        if found is None:
            found = KeyShares(self._shipped, self._by_day(elsewhere), before=day)
            self._remember(day, found)
        return found

    def go_on_with_latest(self, at: datetime) -> None:
        """Use the latest shares, or the shipped ones, for articles first seen at `at`: their own cannot be made."""
        latest = self.latest_shares()
        self._remember(day_for(at), KeyShares(self._shipped) if latest is None else latest)

    def _remember(self, day: date, shares: KeyShares) -> None:
        self._shares[day] = shares
        while len(self._shares) > _REMEMBERED:
            del self._shares[next(iter(self._shares))]

    def _by_day(self, elsewhere: Elsewhere) -> Iterator[tuple[date, Iterator[DayCounts]]]:
        own = {(day, partition): counts for day, parts in self._days.items() for partition, counts in parts.items()}
        for day, parts in groupby(sorted(own.keys() | elsewhere.keys()), key=lambda part: part[0]):
            yield day, (own[part] if part in own else elsewhere[part]() for part in parts)

    def latest_shares(self) -> KeyShares | None:
        """Return the latest shares, None if none were made: good enough for what is not live."""
        return next(reversed(self._shares.values()), None)
