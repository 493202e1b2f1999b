"""Whether a theme has unusually many new stories from independent sources, against its own season: a pure fold in event time.

In:  the theme's pulse before, and each new story that may notify (one that opened live and fresh), at its `matched_at`.
Out: the pulse after it, and whether a burst opened, lasts, or is over.
I/O: none.

The expected count of an hour is level x hour of day x day of week, all learned slowly and from counts cut off at what was plausible,
so that a burst does not become the baseline. Counts of news are wilder than chance: they are judged by a negative binomial whose
spread is learned, too. Articles are never counted: copies and further reports of a story make no new story.
Method and figures: notes on classification, section 7 (seasonal negative binomial: no false alert a week where z-scores gave two).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from newsmon.records import ThemePulse

HOUR_S = 3600
QUARTER_S = 900
WINDOWS_H = (1, 6)
HISTORY_H = 7 * 24 + 7  # last week's window must still be there
MIN_STORIES = 3
MIN_SOURCES = 3
WARM_UP_H = 3 * 24  # before it there is no baseline at all
LEARNT_H = 14 * 24  # until then the season is half known: much stronger evidence is asked for
ALPHA, ALPHA_EARLY = 1e-3, 1e-5
OVER_ALPHA = 0.05  # hysteresis: a burst is over when neither window is even remarkable
COOL_DOWN_H = 6  # and the next begins no sooner
RECHECK_FACTOR = 1.5  # above yesterday's and last week's same window by so much, or it is the season
LEVEL_STEP, SEASON_STEP, SPREAD_STEP = 1 / 72, 0.08, 1 / 100
MOST_REMEMBERED = 64
LEAST_SPREAD, MOST_SPREAD = 0.05, 1.0
LEAST_RATE = 0.02  # stories an hour: what is never quite impossible


class BurstChange(StrEnum):
    """What one more story makes of it."""

    NONE = "none"
    OPENED = "opened"
    LASTS = "lasts"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Window:
    """What the last `hours` held: new stories, their independent sources, and how many stories were to be expected."""

    hours: int
    story_count: int
    source_count: int
    expected: float
    probability: float  # of so many or more, were all as usual
    yesterday_count: int
    last_week_count: int


@dataclass(frozen=True, slots=True)
class Beat:
    """The pulse after one story, and what it means; `window` is the one that decided (the more unlikely one)."""

    pulse: ThemePulse
    change: BurstChange
    window: Window


def new_pulse(theme_id: str, at: datetime) -> ThemePulse:
    """The pulse of a theme nothing is known of."""
    hour = _hour(at)
    return ThemePulse(
        theme_id=theme_id, since_hour=hour, hour=hour, level=0.0, spread=0.3, day=(1.0,) * 24, week=(1.0,) * 7, counts=(0,), quarters=(),
        recent=(),
        burst_hour=None, over_hour=None,
    )  # fmt: skip


def beat(pulse: ThemePulse, *, at: datetime, source: str) -> Beat:
    """One more new story. What comes late counts for the hour in which it came: the fold never goes back."""
    pulse = _advanced(pulse, max(_hour(at), pulse.hour))
    at_s = max(at.timestamp(), pulse.hour * HOUR_S)
    counts = (*pulse.counts[:-1], pulse.counts[-1] + 1)
    recent = tuple(one for one in (*pulse.recent, (round(at_s), source)) if one[0] > at_s - WINDOWS_H[-1] * HOUR_S)[-MOST_REMEMBERED:]
    quarter = int(at_s) // QUARTER_S
    quarters = {when: count for when, count in pulse.quarters if when >= quarter - WINDOWS_H[-1] * 4}
    quarters[quarter] = quarters.get(quarter, 0) + 1
    pulse = msgspec.structs.replace(pulse, counts=counts, recent=recent, quarters=tuple(sorted(quarters.items())))
    windows = [_window(pulse, hours, at_s) for hours in WINDOWS_H]
    decisive = min(windows, key=lambda window: window.probability)
    if pulse.burst_hour is not None:
        if any(window.probability <= OVER_ALPHA and window.story_count >= MIN_STORIES for window in windows):
            return Beat(pulse, BurstChange.LASTS, decisive)
        return Beat(msgspec.structs.replace(pulse, burst_hour=None, over_hour=pulse.hour), BurstChange.CLOSED, decisive)
    if any(_is_burst(pulse, window) for window in windows):
        return Beat(msgspec.structs.replace(pulse, burst_hour=pulse.hour), BurstChange.OPENED, decisive)
    return Beat(pulse, BurstChange.NONE, decisive)


def at_least(count: int, mean: float, size: float) -> float:
    """The probability of `count` or more under a negative binomial of that mean and size (an infinite size is Poisson)."""
    if count <= 0:
        return 1.0
    poisson = math.isinf(size)
    share = 0.0 if poisson else mean / (mean + size)
    log_p = -mean if poisson else size * math.log1p(-share)
    below = math.exp(log_p)
    for k in range(1, count):
        log_p += math.log(mean / k) if poisson else math.log(share * (k - 1 + size) / k)
        below += math.exp(log_p)
    return max(0.0, 1.0 - below)


def _is_burst(pulse: ThemePulse, window: Window) -> bool:
    age_h = pulse.hour - pulse.since_hour
    if age_h < WARM_UP_H or window.story_count < MIN_STORIES or window.source_count < MIN_SOURCES:
        return False
    if pulse.over_hour is not None and pulse.hour - pulse.over_hour < COOL_DOWN_H:
        return False
    if window.probability > (ALPHA if age_h >= LEARNT_H else ALPHA_EARLY):
        return False
    return window.story_count >= RECHECK_FACTOR * max(window.yesterday_count, window.last_week_count)


def _window(pulse: ThemePulse, hours: int, at_s: float) -> Window:
    # From a quarter of an hour on, so that it holds whole ones: the window is its hours long and up to fifteen minutes more.
    first = int(at_s) // QUARTER_S - hours * 4
    story_count = sum(count for when, count in pulse.quarters if when >= first)
    sources = {source for when, source in pulse.recent if when >= first * QUARTER_S}
    begin_h, end_h = first * QUARTER_S / HOUR_S, at_s / HOUR_S
    expected = sum(
        (min(end_h, hour + 1) - max(begin_h, hour)) * _expected(pulse, hour) for hour in range(int(begin_h), pulse.hour + 1)
    )  # fmt: skip
    expected = max(expected, LEAST_RATE * hours)
    # What is wild in one hour is partly evened out over several.
    size = max(1.0, hours / 2) / pulse.spread if pulse.spread > 0 else math.inf
    return Window(
        hours=hours, story_count=story_count, source_count=len(sources), expected=expected,
        probability=at_least(story_count, expected, size),
        yesterday_count=_count_before(pulse, hours, 24), last_week_count=_count_before(pulse, hours, 7 * 24),
    )  # fmt: skip


def _count_before(pulse: ThemePulse, hours: int, back_h: int) -> int:
    """Stories in the same window `back_h` hours ago; whole clock hours."""
    end = len(pulse.counts) - back_h
    return sum(pulse.counts[max(0, end - hours) : max(0, end)])


def _expected(pulse: ThemePulse, hour: int) -> float:
    day, week = _season(hour)
    return max(pulse.level * pulse.day[day] * pulse.week[week], LEAST_RATE)


def _advanced(pulse: ThemePulse, to_hour: int) -> ThemePulse:
    """The pulse at the beginning of `to_hour`: each hour that has ended taught its count, also the empty ones."""
    ended = min(to_hour - pulse.hour, HISTORY_H)  # a longer silence teaches no more than this
    if ended <= 0:
        return pulse
    level, spread, day, week, counts = pulse.level, pulse.spread, list(pulse.day), list(pulse.week), list(pulse.counts)
    for hour in range(to_hour - ended, to_hour):
        count = counts[-1]
        age_h = hour - pulse.since_hour
        of_day, of_week = _season(hour)
        expected = max(level * day[of_day] * week[of_week], LEAST_RATE)
        deviation = math.sqrt(expected + spread * expected * expected)
        if age_h >= WARM_UP_H:
            count_kept = min(float(count), expected + 2.5 * deviation)  # a burst must not become the baseline
            if pulse.burst_hour is None:
                observed = ((count_kept - expected) ** 2 - expected) / (expected * expected)
                weight = min(1.0, (expected / max(level, LEAST_RATE)) ** 2)  # an hour of little news tells little of its spread
                spread = min(MOST_SPREAD, max(LEAST_SPREAD, spread + SPREAD_STEP * weight * (observed - spread)))
        else:
            count_kept = float(count)
        level += (count_kept / (day[of_day] * week[of_week]) - level) * max(LEVEL_STEP, 1 / (age_h + 1))
        if level > LEAST_RATE and age_h >= 24:
            ratio = count_kept / level
            day[of_day] = _toward(day[of_day], ratio / week[of_week], SEASON_STEP)
            week[of_week] = _toward(week[of_week], ratio / day[of_day], SEASON_STEP / 24)
        counts.append(0)
    day_mean, week_mean = sum(day) / 24, sum(week) / 7
    return msgspec.structs.replace(
        pulse, hour=to_hour, level=round(level * day_mean * week_mean, 6), spread=round(spread, 6),
        day=tuple(round(one / day_mean, 4) for one in day), week=tuple(round(one / week_mean, 4) for one in week),
        counts=tuple(counts[-HISTORY_H:]),
    )  # fmt: skip


def _toward(value: float, observed: float, step: float) -> float:
    return min(8.0, max(0.05, value + step * (min(observed, 8.0) - value)))


def _season(hour: int) -> tuple[int, int]:
    at = datetime.fromtimestamp(hour * HOUR_S, UTC)
    return at.hour, at.weekday()


def _hour(at: datetime) -> int:
    return int(at.timestamp()) // HOUR_S
