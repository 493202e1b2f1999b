"""Learns a theme's season: how many new stories are usual at this hour of the day and this day of the week.

In:  the theme's pulse, the hour that begins.
Out: the pulse that has learned the hours that ended; the expected count of an hour; the spread of counts around it.

The expected count is level x hour of day x day of week. Each factor is the observed count divided by the count that the other two
factors predict; both sums fade, so that an hour seen twenty times weighs as twenty hours. An hour is learned only when stories can
no longer arrive late for it, and capped at what was plausible. An hour within a burst teaches hardly more than the usual count, so that
a burst does not become the baseline. News counts vary more than chance. How much more is learned for each window separately
(variance = mean + spread x mean squared), because the variation within an hour only partly evens out over six.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from newsmon.records import ThemePulse, WindowSpread

HOUR_S, QUARTER_S = 3600, 900
AHEAD_H = 3  # no two machines differ by so much unless a clock is wrong
LATE_H = 6  # a story published longer before its arrival is not news and is not counted
HISTORY_H = 7 * 24 + 25  # reaches back to last week's widest window
LEAST_RATE = 0.02  # stories an hour: never rule a story out
PLAUSIBLE, PLAUSIBLE_IN_BURST = 2.5, 0.5  # standard deviations above the expected count at which a count is capped
CUT_FROM_H = 72  # earlier the season is too young to call a count implausible
DAY_FROM_H, WEEK_FROM_H, SPREAD_FROM_H = 48, 168, 168  # the age from which each factor is learned
LEVEL_MEMORY_H, DAY_MEMORY_DAYS, WEEK_MEMORY_WEEKS, SPREAD_MEMORY_H = 168, 28, 8, 504
DAY_DOUBT, WEEK_DOUBT, SPREAD_DOUBT = 2.0, 8.0, 30.0  # the weight of the first guess, in stories (squared ones for the spread)
LEAST_SPREAD, MOST_SPREAD = 0.02, 1.5


@dataclass(frozen=True, slots=True)
class Season:
    """A theme's usual week."""

    level: float
    day: tuple[float, ...]
    week: tuple[float, ...]

    def factor(self, hour: int) -> float:
        at = datetime.fromtimestamp(hour * HOUR_S, UTC)
        return self.day[at.hour] * self.week[at.weekday()]

    def expected(self, hour: int) -> float:
        """New stories of that hour (whole hours since the epoch)."""
        return max(self.level * self.factor(hour), LEAST_RATE)


def season_of(pulse: ThemePulse) -> Season:
    """The learned season, as factors with mean 1."""
    seen, usual = pulse.level
    raw = [(one + DAY_DOUBT) / (other + DAY_DOUBT) for one, other in pulse.day]
    smooth = [(raw[hour - 1] + 2 * raw[hour] + raw[(hour + 1) % 24]) / 4 for hour in range(24)]  # neighbouring hours resemble each other
    week = [(one + WEEK_DOUBT) / (other + WEEK_DOUBT) for one, other in pulse.week]
    return Season(seen / usual if usual else 0.0, _with_mean_1(smooth), _with_mean_1(week))


def spread_of(pulse: ThemePulse, hours: int) -> float:
    """The spread of the counts of windows of this length."""
    excess, base = next(((one.excess, one.base) for one in pulse.spreads if one.hours == hours), (0.0, 0.0))
    guess = 0.3 / math.sqrt(hours)
    return min(MOST_SPREAD, max(LEAST_SPREAD, (excess + SPREAD_DOUBT * guess) / (base + SPREAD_DOUBT)))


def advanced(pulse: ThemePulse, to_hour: int, windows_h: Iterable[int]) -> ThemePulse:
    """The pulse at the beginning of `to_hour`: it has learned every hour for which no story can arrive late any more, empty ones too."""
    passed = min(to_hour - pulse.hour, HISTORY_H)  # a longer silence teaches nothing more
    if passed <= 0:
        return pulse
    windows = tuple(windows_h)
    for now in range(to_hour - passed + 1, to_hour + 1):
        pulse = msgspec.structs.replace(pulse, hour=now, counts=(*pulse.counts, 0)[-HISTORY_H:])
        if now - LATE_H > pulse.since_hour and len(pulse.counts) > LATE_H + 1:
            pulse = _learned(pulse, now - LATE_H - 1, pulse.counts[-LATE_H - 2], windows)
    return pulse


def set_back(pulse: ThemePulse, to_hour: int) -> ThemePulse:
    """The pulse without the hours that have not come yet: a clock that was ahead had made them. What was learned stays.

    Without it all stories would count for one hour until the real time has caught up.
    """
    ahead = pulse.hour - to_hour
    if ahead < AHEAD_H:
        return pulse
    return msgspec.structs.replace(
        pulse, hour=to_hour, since_hour=min(pulse.since_hour, to_hour), counts=pulse.counts[:-ahead] or (0,),
        quarters=tuple(one for one in pulse.quarters if one[0] < (to_hour + 1) * HOUR_S // QUARTER_S),
        recent=tuple(one for one in pulse.recent if one.at < (to_hour + 1) * HOUR_S),
        burst_hour=None if pulse.burst_hour is None else min(pulse.burst_hour, to_hour),
        last_burst=pulse.last_burst if pulse.last_burst is None or pulse.last_burst[1] <= to_hour else None,
    )  # fmt: skip


def deviation(pulse: ThemePulse, expected: float) -> float:
    """The standard deviation of an hour's count."""
    return math.sqrt(expected + spread_of(pulse, 1) * expected * expected)


def _learned(pulse: ThemePulse, hour: int, count: int, windows: tuple[int, ...]) -> ThemePulse:
    season = season_of(pulse)
    age_h = hour - pulse.since_hour
    expected, at = season.expected(hour), datetime.fromtimestamp(hour * HOUR_S, UTC)
    of_day, of_week = season.day[at.hour], season.week[at.weekday()]
    in_burst = _in_burst(pulse, hour)
    kept = float(count)
    if age_h >= CUT_FROM_H:
        kept = min(kept, expected + (PLAUSIBLE_IN_BURST if in_burst else PLAUSIBLE) * deviation(pulse, expected))
    level = _faded(pulse.level, LEVEL_MEMORY_H, kept, of_day * of_week)
    rate = level[0] / level[1]
    day, week = list(pulse.day), list(pulse.week)
    if age_h >= DAY_FROM_H:
        day[at.hour] = _faded(day[at.hour], DAY_MEMORY_DAYS, kept, rate * of_week)
    if age_h >= WEEK_FROM_H:
        week[at.weekday()] = _faded(week[at.weekday()], 24 * WEEK_MEMORY_WEEKS, kept, rate * of_day)
    learnt = () if in_burst else (*pulse.learnt, (round(kept, 3), round(expected, 3)))[-max(windows) :]
    spreads = pulse.spreads
    if age_h >= SPREAD_FROM_H:
        known = {one.hours: one for one in pulse.spreads}
        spreads = tuple(_spread_after(known.get(hours) or WindowSpread(hours=hours, excess=0.0, base=0.0), learnt) for hours in windows)
    return msgspec.structs.replace(pulse, level=level, day=tuple(day), week=tuple(week), learnt=learnt, spreads=spreads)


def _in_burst(pulse: ThemePulse, hour: int) -> bool:
    if pulse.burst_hour is not None and hour >= pulse.burst_hour:
        return True
    return pulse.last_burst is not None and pulse.last_burst[0] <= hour <= pulse.last_burst[1]


def _spread_after(before: WindowSpread, learnt: tuple[tuple[float, float], ...]) -> WindowSpread:
    """The spread of a window after the newest hour; unchanged until that many usual hours in a row are known."""
    if len(learnt) < before.hours:
        return before
    seen, expected = (sum(part) for part in zip(*learnt[-before.hours :], strict=True))
    excess, base = _faded((before.excess, before.base), SPREAD_MEMORY_H, (seen - expected) ** 2 - expected, expected * expected)
    return WindowSpread(hours=before.hours, excess=excess, base=base)


def _faded(sums: tuple[float, float], memory: int, first: float, second: float) -> tuple[float, float]:
    keep = 1 - 1 / memory
    return round(sums[0] * keep + first, 4), round(sums[1] * keep + second, 4)


def _with_mean_1(factors: list[float]) -> tuple[float, ...]:
    mean = sum(factors) / len(factors)
    return tuple(one / mean for one in factors)
