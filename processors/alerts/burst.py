"""Whether a theme has unusually many new stories from independent sources, against its own season: a pure fold in event time.

In:  the theme's pulse before, and each new story that may notify (one that opened live and fresh), at its `matched_at`.
Out: the pulse after it, and whether a burst opened, lasts, or is over.
I/O: none.

Windows of several lengths end now; the count of each is judged by a negative binomial around what the theme's season lets expect
(`processors.alerts.season`). Wide windows find what grows slowly, narrow ones what comes at once. A count must also stand above the same
window of yesterday and of last week, as far as those were plausible (a burst yesterday excuses nothing today). Articles are never counted:
copies and further reports of a story make no new story. Method and figures: notes on classification, section 7.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from newsmon.records import RecentSource, Severity, ThemePulse
from processors.alerts.season import HOUR_S, LATE_H, Season, advanced, deviation, season_of, spread_of

QUARTER_S = 900
ORDINARY_DELAY_S = 3600  # from publication to match; a story that took longer counts for when it was published
SOURCE_FADES_S = 3 * HOUR_S
MOST_REMEMBERED = 64
EARLY = 0.01  # of `chance`, while the season is half known


@dataclass(frozen=True, slots=True)
class BurstPolicy:
    """The operator's part (settings section `alerts.burst`, where each is explained)."""

    severity: Severity = Severity.URGENT
    windows_h: tuple[int, ...] = (1, 2, 6)
    min_stories: int = 3
    min_sources: int = 3
    max_share_of_one: float = 0.6
    chance: float = 0.0007
    over_chance: float = 0.05
    warm_up_h: int = 72
    learning_h: int = 14 * 24
    cool_down_h: int = 6
    above_before: float = 1.5


class BurstChange(StrEnum):
    """What one more story, or time, makes of it."""

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
    probability: float  # of so many or more, were all as usual; 1 below the expected
    yesterday_count: int
    last_week_count: int
    plausible_before: float  # the higher of those two, cut off at what was plausible


@dataclass(frozen=True, slots=True)
class Beat:
    """The pulse after one story, and what it means; `window` is the one that decided (the most unlikely one)."""

    pulse: ThemePulse
    change: BurstChange
    window: Window


def new_pulse(theme_id: str, at: datetime) -> ThemePulse:
    """The pulse of a theme nothing is known of."""
    return ThemePulse(theme_id=theme_id, since_hour=_hour(at), hour=_hour(at))


def beat(pulse: ThemePulse, *, at: datetime, source: str, policy: BurstPolicy, published_at: datetime | None = None) -> Beat:
    """One more new story. The fold never goes back; a story that comes late counts for the time it was published."""
    pulse = advanced(pulse, _hour(at), policy.windows_h)
    at_s = max(at.timestamp(), pulse.hour * HOUR_S)
    late_s = 0.0 if published_at is None else at_s - published_at.timestamp()
    told_s = at_s - min(late_s, LATE_H * HOUR_S) if late_s > ORDINARY_DELAY_S else at_s
    counts = list(pulse.counts)
    back = pulse.hour - int(told_s) // HOUR_S
    if back < len(counts):
        counts[-1 - back] += 1
    quarter = int(told_s) // QUARTER_S
    quarters = dict(pulse.quarters) | {quarter: dict(pulse.quarters).get(quarter, 0) + 1}
    oldest = int(at_s) // QUARTER_S - max(policy.windows_h) * 4
    pulse = msgspec.structs.replace(
        pulse, counts=tuple(counts), recent=_heard(pulse.recent, source, int(at_s)),
        quarters=tuple(sorted(one for one in quarters.items() if one[0] > oldest)),
    )  # fmt: skip
    return _judged(pulse, at_s, policy)


def look(pulse: ThemePulse, *, at: datetime, policy: BurstPolicy) -> Beat:
    """No new story, but it is later: a burst may be over."""
    pulse = advanced(pulse, _hour(at), policy.windows_h)
    return _judged(pulse, max(at.timestamp(), pulse.hour * HOUR_S), policy)


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


def _judged(pulse: ThemePulse, at_s: float, policy: BurstPolicy) -> Beat:
    season = season_of(pulse)
    windows = [_window(pulse, season, hours, at_s) for hours in policy.windows_h]
    decisive = min(windows, key=lambda window: window.probability)
    if pulse.burst_hour is not None:
        if any(window.probability <= policy.over_chance and window.story_count >= policy.min_stories for window in windows):
            return Beat(pulse, BurstChange.LASTS, decisive)
        over = msgspec.structs.replace(pulse, burst_hour=None, last_burst=(pulse.burst_hour, pulse.hour))
        return Beat(over, BurstChange.CLOSED, decisive)
    bursting = [window for window in windows if _is_burst(pulse, window, policy)]
    if bursting:
        return Beat(
            msgspec.structs.replace(pulse, burst_hour=pulse.hour), BurstChange.OPENED, min(bursting, key=lambda window: window.probability)
        )
    return Beat(pulse, BurstChange.NONE, decisive)


def _is_burst(pulse: ThemePulse, window: Window, policy: BurstPolicy) -> bool:
    age_h = pulse.hour - pulse.since_hour
    if age_h < policy.warm_up_h or window.story_count < policy.min_stories or window.source_count < policy.min_sources:
        return False
    if pulse.last_burst is not None and pulse.hour - pulse.last_burst[1] < policy.cool_down_h:
        return False
    # A narrow window is looked at anew more often: each length gets the same part of the false alarms.
    chance = policy.chance * window.hours / max(policy.windows_h) * (1.0 if age_h >= policy.learning_h else EARLY)
    if window.probability > chance:
        return False
    if window.story_count < policy.above_before * window.plausible_before:
        return False
    weights = [one.weight for one in pulse.recent]
    return max(weights) <= policy.max_share_of_one * sum(weights)


def _window(pulse: ThemePulse, season: Season, hours: int, at_s: float) -> Window:
    # Whole quarters, and the running one is taken for whole: judged at every story, a window that ended with it would look too full.
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
    """The hourly counts of the same window `back_h` hours ago; whole clock hours, as far as they are known."""
    end = len(pulse.counts) - back_h
    return pulse.counts[max(0, end - hours) : max(0, end)]


def _plausible(pulse: ThemePulse, season: Season, hours: int, back_h: int) -> float:
    counts = _before(pulse, hours, back_h)
    total = 0.0
    for index, count in enumerate(counts):
        expected = season.expected(pulse.hour - back_h - len(counts) + 1 + index)
        total += min(float(count), expected + deviation(pulse, expected))
    return total


def _heard(recent: tuple[RecentSource, ...], source: str, at: int) -> tuple[RecentSource, ...]:
    """The sources with one more story of this one; each once, the newest last, weights as of now."""
    weight = 1.0
    others = []
    fade = math.exp(-max(0, at - max((one.at for one in recent), default=at)) / SOURCE_FADES_S)
    for one in recent:
        faded = one.weight * fade
        if one.source == source:
            weight += faded
        else:
            others.append(msgspec.structs.replace(one, weight=round(faded, 3)))
    return (*others, RecentSource(source=source, at=at, weight=round(weight, 3)))[-MOST_REMEMBERED:]


def _hour(at: datetime) -> int:
    return int(at.timestamp()) // HOUR_S
