"""A feed's publishing rhythm: a rate for every hour of the week, learned from the dates of its entries and from polls.

Rate = level x hour of the day x day of the week x the burst of the last hours. That takes 31 numbers instead of 168, because most
feeds publish only a few articles a day; each factor stays near 1 while little is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from newsmon.records import Rhythm

HALF_LIFE_H = 10 * 24.0
HISTORY = timedelta(days=21)  # older dates in a first poll tell nothing about today
USUAL_RATE_H = 0.2  # articles per hour of a feed of unknown rhythm
LEVEL_STRENGTH = 0.5  # weight of the usual rate, in articles
HOUR_STRENGTH = 3.0
DAY_STRENGTH = 6.0
RECENT_H = 1.5  # a burst fades with this time constant
RECENT_STRENGTH = 2.0
GAP_SHARE = 0.1
GAP_FORGET = 0.99
LEAST_RATE_H = 1 / (24 * 60)
HOUR = timedelta(hours=1)
_FADE = 0.5 ** (1 / HALF_LIFE_H)


def first_rhythm(now: datetime, arrivals: Sequence[datetime]) -> Rhythm:
    """The rhythm after a first poll: the dates in the feed are a history, back to the oldest or three weeks."""
    times = sorted(at for at in arrivals if now - HISTORY <= at <= now)
    start = times[0] if times and len(times) == len(arrivals) else now - HISTORY if arrivals else now
    rhythm = Rhythm(at=start, hour_counts=(0.0,) * 24, hour_watched_h=(0.0,) * 24, day_counts=(0.0,) * 7, day_watched_h=(0.0,) * 7)
    return learn(rhythm, now, times[1:] if start in times else times)


def learn(rhythm: Rhythm, now: datetime, arrivals: Iterable[datetime]) -> Rhythm:
    """The rhythm after watching until `now`. `arrivals` are the publication times of new articles, or `now` where unknown."""
    times = sorted(min(at, now) for at in arrivals)
    if now <= rhythm.at or (not times and now - rhythm.at < HOUR):
        return rhythm  # this time is counted when the next article arrives
    hours_between = _hours_between(rhythm.at, now)
    fade = _FADE**hours_between
    hour_counts, hour_watched = _faded(rhythm.hour_counts, fade), _faded(rhythm.hour_watched_h, fade)
    day_counts, day_watched = _faded(rhythm.day_counts, fade), _faded(rhythm.day_watched_h, fade)
    expected = _watch(rhythm, now, hour_watched, day_watched)
    forget = math.exp(-_hours(now - rhythm.at) / RECENT_H)
    recent_count = rhythm.recent_count * forget
    for at in times:
        weight = _FADE ** _hours_between(at, now) if at < rhythm.at else 1.0
        hour_counts[at.hour] += weight
        day_counts[at.weekday()] += weight
        recent_count += math.exp(-_hours(now - at) / RECENT_H)
    last, mean, longest = _gaps(rhythm, times)
    return Rhythm(
        at=now,
        hour_counts=tuple(hour_counts),
        hour_watched_h=tuple(hour_watched),
        day_counts=tuple(day_counts),
        day_watched_h=tuple(day_watched),
        recent_count=round(recent_count, 4),
        recent_expected=round(rhythm.recent_expected * forget + expected, 4),
        last_arrival_at=last,
        mean_gap_s=mean,
        longest_gap_s=longest,
    )


def level_h(rhythm: Rhythm | None) -> float:
    """Articles per hour, over the whole week."""
    if rhythm is None:
        return USUAL_RATE_H
    count = sum(rhythm.day_counts) + LEVEL_STRENGTH
    return max(count / (sum(rhythm.day_watched_h) + LEVEL_STRENGTH / USUAL_RATE_H), LEAST_RATE_H)


def rate_h(rhythm: Rhythm | None, at: datetime) -> float:
    """The usual articles per hour at this hour of the week."""
    if rhythm is None:
        return USUAL_RATE_H
    return usual_rate_h(rhythm, level_h(rhythm), at.weekday(), at.hour)


def usual_rate_h(rhythm: Rhythm, level: float, day: int, hour: int) -> float:
    """Like `rate_h`, for callers that know the level and ask for many hours."""
    by_hour = (rhythm.hour_counts[hour] + HOUR_STRENGTH) / (level * rhythm.hour_watched_h[hour] + HOUR_STRENGTH)
    by_day = (rhythm.day_counts[day] + DAY_STRENGTH) / (level * rhythm.day_watched_h[day] + DAY_STRENGTH)
    return max(level * by_hour * by_day, LEAST_RATE_H)


def burst_factor(rhythm: Rhythm, level: float, now: datetime) -> float:
    """The last hours' articles as a multiple of the usual, drawn towards 1."""
    forget = math.exp(-max(0.0, _hours(now - rhythm.at)) / RECENT_H)  # a rhythm from the future would grow without bounds
    expected = rhythm.recent_expected * forget + usual_rate_h(rhythm, level, now.weekday(), now.hour) * RECENT_H * (1 - forget)
    return (RECENT_STRENGTH + rhythm.recent_count * forget) / (RECENT_STRENGTH + expected)


def _faded(values: Sequence[float], fade: float) -> list[float]:
    return list(values) if fade == 1.0 else [round(value * fade, 4) for value in values]


def _watch(rhythm: Rhythm, now: datetime, hour_watched: list[float], day_watched: list[float]) -> float:
    """Add the hours between `rhythm.at` and `now` to the hours watched; returns the number of articles expected in the last hours."""
    level, expected, at = level_h(rhythm), 0.0, max(rhythm.at, now - HISTORY)
    while at < now:
        until = min(now, at.replace(minute=0, second=0, microsecond=0) + HOUR)
        span = _hours(until - at)
        weight = _FADE ** _hours_between(at, now)
        hour_watched[at.hour] += span * weight
        day_watched[at.weekday()] += span * weight
        ago = _hours(now - until)
        if ago < 6 * RECENT_H:
            fresh = RECENT_H * (math.exp(-ago / RECENT_H) - math.exp(-(ago + span) / RECENT_H))
            expected += usual_rate_h(rhythm, level, at.weekday(), at.hour) * fresh
        at = until
    return expected


def _gaps(rhythm: Rhythm, times: Sequence[datetime]) -> tuple[datetime | None, float | None, float | None]:
    last, mean, longest = rhythm.last_arrival_at, rhythm.mean_gap_s, rhythm.longest_gap_s
    for at in times:
        if last is not None and at > last:
            gap = (at - last).total_seconds()
            mean = gap if mean is None else mean + GAP_SHARE * (gap - mean)
            longest = max(gap, (longest or 0.0) * GAP_FORGET)
        last = at if last is None else max(last, at)
    return last, None if mean is None else round(mean, 1), None if longest is None else round(longest, 1)


def _hours(span: timedelta) -> float:
    return span.total_seconds() / 3600


def _hours_between(start: datetime, end: datetime) -> int:
    """Full hours passed on the clock. Counts fade only then, so that most polls change few numbers."""
    return max(0, int(end.timestamp() // 3600) - int(start.timestamp() // 3600))
