"""Detects bursts: unusually many new events of a theme from independent sources, compared with the theme's own season.

In:  the theme's pulse before, and each new event that may notify (it opened live and fresh), at its `matched_at`.
Out: the pulse after it, and whether a burst began, lasts or is over.

A fold in event time. Several windows end now; each count is compared with a negative binomial around the count that the theme's
season predicts (`processors.alerts.season`). Wide windows find slow growth, narrow ones a sudden rise. A count must also exceed the
same window of yesterday and of last week, up to what was plausible then (a burst yesterday excuses nothing today). Articles are never
counted: a copy or a further report of an event is not a new one. Figures: benchmarks/RESULTS.md, "Bursts, simulated".
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import msgspec

from newsmon.records import RecentSource, Severity, ThemePulse
from processors.alerts.season import HOUR_S, LATE_H, QUARTER_S, Season, advanced, deviation, season_of, set_back, spread_of

ORDINARY_DELAY_S = 3600  # from publication to match; an event that took longer counts for the time it was published
SOURCE_FADES_S = 3 * HOUR_S
MAX_SOURCES = 64
EARLY = 0.01  # share of `chance` that is allowed while the season is half known


@dataclass(frozen=True, slots=True)
class BurstDetector:
    """The detector's constants: fitted, or fixed by the way the season is learned. None of them is a setting.

    "Fitted": chosen with `benchmarks/bursts.py` on simulated seasons (seeds below 8000), so that no base rate from 1 to 30 events an
    hour raises more than 0.3 false alerts a week. RESULTS.md has the figures on seeds that were not used for it.
    """

    windows_h: tuple[int, ...] = (1, 2, 6)  # fitted: one hour alone misses slow rises (20 bursts of 25, not 24), six alone come late
    chance: float = 0.0007  # fitted (0.001 raised too many false alerts): for the longest window; a shorter one gets its share
    over_chance: float = 0.05  # the usual level of a test; anything from 0.01 to 0.2 finds the same bursts
    above_before: float = 1.5  # times the same window of yesterday and of last week: such a count may be a habit not yet learned
    max_share_of_one: float = 0.6  # of three sources a fair share is a third; near two thirds one outlet makes the burst
    warm_up_h: int = 72  # three days: the season begins to call counts implausible (`season.CUT_FROM_H`)
    learning_h: int = 14 * 24  # two weeks: each day of the week was seen twice
    cool_down_h: int = 6  # the longest window: before its end a second burst would count events of the first


@dataclass(frozen=True, slots=True)
class BurstPolicy:
    """The operator's choices (settings section `alerts.burst`), and the detector that applies them."""

    severity: Severity = Severity.URGENT
    min_stories: int = 3
    min_sources: int = 3
    detector: BurstDetector = field(default_factory=BurstDetector)


class BurstChange(StrEnum):
    """The change that one more event, or the passing of time, makes."""

    NONE = "none"
    OPENED = "opened"
    LASTS = "lasts"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Window:
    """The last `hours`: new events, their independent sources, and the number expected."""

    hours: int
    story_count: int
    source_count: int
    expected: float
    probability: float  # of this many or more on a usual day; 1 when no more than expected
    yesterday_count: int
    last_week_count: int
    plausible_before: float  # the higher of those two counts, capped at what was plausible


@dataclass(frozen=True, slots=True)
class BurstStep:
    """The pulse after one step and what changed; `window` is the one that decided, the least likely."""

    pulse: ThemePulse
    change: BurstChange
    window: Window


def new_pulse(theme_id: str, at: datetime) -> ThemePulse:
    """The pulse of a theme that has no past yet."""
    return ThemePulse(theme_id=theme_id, since_hour=_hour(at), hour=_hour(at))


def after_story(pulse: ThemePulse, *, at: datetime, source: str, policy: BurstPolicy, published_at: datetime | None = None) -> BurstStep:
    """The step that one more new event makes. A late one counts for the time it was published.

    Time goes back only where a clock was ahead by hours; smaller differences between machines change nothing.
    """
    pulse = advanced(set_back(pulse, _hour(at)), _hour(at), policy.detector.windows_h)
    at_s = max(at.timestamp(), pulse.hour * HOUR_S)
    late_s = 0.0 if published_at is None else at_s - published_at.timestamp()
    counted_s = at_s - min(late_s, LATE_H * HOUR_S) if late_s > ORDINARY_DELAY_S else at_s
    counts = list(pulse.counts)
    back = pulse.hour - int(counted_s) // HOUR_S
    if back < len(counts):
        counts[-1 - back] += 1
    quarter = int(counted_s) // QUARTER_S
    quarters = dict(pulse.quarters) | {quarter: dict(pulse.quarters).get(quarter, 0) + 1}
    oldest = int(at_s) // QUARTER_S - max(policy.detector.windows_h) * 4
    pulse = msgspec.structs.replace(
        pulse, counts=tuple(counts), recent=_with_source(pulse.recent, source, int(at_s)),
        quarters=tuple(sorted(one for one in quarters.items() if one[0] > oldest)),
    )  # fmt: skip
    return _step(pulse, at_s, policy)


def after_time(pulse: ThemePulse, *, at: datetime, policy: BurstPolicy) -> BurstStep:
    """The step that time alone makes, without a new event: a burst may be over."""
    pulse = advanced(set_back(pulse, _hour(at)), _hour(at), policy.detector.windows_h)
    return _step(pulse, max(at.timestamp(), pulse.hour * HOUR_S), policy)


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


def _step(pulse: ThemePulse, at_s: float, policy: BurstPolicy) -> BurstStep:
    season = season_of(pulse)
    windows = [_window(pulse, season, hours, at_s) for hours in policy.detector.windows_h]
    decisive = min(windows, key=lambda window: window.probability)
    if pulse.burst_hour is not None:
        unlikely = (window for window in windows if window.probability <= policy.detector.over_chance)
        if any(window.story_count >= policy.min_stories for window in unlikely):
            return BurstStep(pulse, BurstChange.LASTS, decisive)
        over = msgspec.structs.replace(pulse, burst_hour=None, last_burst=(pulse.burst_hour, pulse.hour))
        return BurstStep(over, BurstChange.CLOSED, decisive)
    bursting = [window for window in windows if _is_burst(pulse, window, policy)]
    if bursting:
        began = msgspec.structs.replace(pulse, burst_hour=pulse.hour)
        return BurstStep(began, BurstChange.OPENED, min(bursting, key=lambda window: window.probability))
    return BurstStep(pulse, BurstChange.NONE, decisive)


def _is_burst(pulse: ThemePulse, window: Window, policy: BurstPolicy) -> bool:
    detector, age_h = policy.detector, pulse.hour - pulse.since_hour
    if age_h < detector.warm_up_h or window.story_count < policy.min_stories or window.source_count < policy.min_sources:
        return False
    if pulse.last_burst is not None and pulse.hour - pulse.last_burst[1] < detector.cool_down_h:
        return False
    # A narrow window is tested afresh more often: this gives each length the same share of the false alarms.
    chance = detector.chance * window.hours / max(detector.windows_h) * (1.0 if age_h >= detector.learning_h else EARLY)
    if window.probability > chance:
        return False
    if window.story_count < detector.above_before * window.plausible_before:
        return False
    weights = [one.weight for one in pulse.recent]
    return max(weights) <= detector.max_share_of_one * sum(weights)


def _window(pulse: ThemePulse, season: Season, hours: int, at_s: float) -> Window:
    # Whole quarter hours, the current one included: tested at every event, a window that ended at the event would look too full.
    last = int(at_s) // QUARTER_S
    first = last - hours * 4 + 1
    story_count = sum(count for when, count in pulse.quarters if when >= first)
    begin_h, end_h = first * QUARTER_S / HOUR_S, (last + 1) * QUARTER_S / HOUR_S
    expected = sum(
        (min(end_h, hour + 1) - max(begin_h, hour)) * season.expected(hour) for hour in range(int(begin_h), pulse.hour + 1)
    )  # fmt: skip
    surplus = story_count > expected
    return Window(
        hours=hours, story_count=story_count, source_count=sum(one.at >= first * QUARTER_S for one in pulse.recent), expected=expected,
        probability=at_least(story_count, expected, 1 / spread_of(pulse, hours)) if surplus else 1.0,
        yesterday_count=sum(_before(pulse, hours, 24)), last_week_count=sum(_before(pulse, hours, 7 * 24)),
        plausible_before=max(_plausible(pulse, season, hours, 24), _plausible(pulse, season, hours, 7 * 24)) if surplus else 0.0,
    )  # fmt: skip


def _before(pulse: ThemePulse, hours: int, back_h: int) -> tuple[int, ...]:
    """The hourly counts of the same window `back_h` hours ago: whole clock hours, only those that are known."""
    end = len(pulse.counts) - back_h
    return pulse.counts[max(0, end - hours) : max(0, end)]


def _plausible(pulse: ThemePulse, season: Season, hours: int, back_h: int) -> float:
    counts = _before(pulse, hours, back_h)
    total = 0.0
    for index, count in enumerate(counts):
        expected = season.expected(pulse.hour - back_h - len(counts) + 1 + index)
        total += min(float(count), expected + deviation(pulse, expected))
    return total


def _with_source(recent: tuple[RecentSource, ...], source: str, at: int) -> tuple[RecentSource, ...]:
    """The sources after one more event from `source`: each once, the newest last, weights as of now."""
    weight = 1.0
    others = []
    fade = math.exp(-max(0, at - max((one.at for one in recent), default=at)) / SOURCE_FADES_S)
    for one in recent:
        faded = one.weight * fade
        if one.source == source:
            weight += faded
        else:
            others.append(msgspec.structs.replace(one, weight=round(faded, 3)))
    return (*others, RecentSource(source=source, at=at, weight=round(weight, 3)))[-MAX_SOURCES:]


def _hour(at: datetime) -> int:
    return int(at.timestamp()) // HOUR_S
