"""The pace all feeds share: how to spend a budget of polls so that articles wait least.

At p polls an hour an article waits 1/(2p) hours on average. For a given number of polls the mean wait over all articles is shortest
when each feed's p is proportional to the square root of its publishing rate: p = pace x sqrt(rate). `pace` is the same for all feeds
and chosen so that the polls add up to the budget.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from newsmon.records import Rhythm
from producers.timing.rhythm import RECENT_H, USUAL_RATE_H, burst_factor, level_h, usual_rate_h

SAMPLED_HOURS = range(0, 168, 7)  # 7 and 24 have no common divisor: each hour of the day once, each weekday three or four times
BUCKETS_PER_E = 20  # square roots of rates that differ by less than 5 % share a bucket


@dataclass(frozen=True, slots=True)
class Bounds:
    """Shortest and longest interval of a healthy feed, in seconds."""

    min_s: float
    max_s: float  # never below `min_s`


def usual_pace(usual_s: float) -> float:
    """The pace that gives a feed of unknown rhythm the usual interval."""
    return 3600 / usual_s / math.sqrt(USUAL_RATE_H)


def shared_pace(feeds: Iterable[tuple[Rhythm | None, Bounds]], usual_s: float) -> float:
    """The pace at which these feeds together make as many polls a week as one per feed every `usual_s` seconds.

    Busy hours get more polls than quiet ones. If the bounds put the budget out of reach, the pace that comes nearest.
    """
    groups: Counter[tuple[int, Bounds]] = Counter()
    count = 0
    for rhythm, bounds in feeds:
        count += 1
        if rhythm is None:
            groups[_bucket(USUAL_RATE_H), bounds] += len(SAMPLED_HOURS)
            continue
        level = level_h(rhythm)
        for hour in SAMPLED_HOURS:
            groups[_bucket(usual_rate_h(rhythm, level, hour // 24, hour % 24)), bounds] += 1
    if not count:
        return usual_pace(usual_s)
    budget = count * len(SAMPLED_HOURS) * 3600 / usual_s
    low, high = math.log(usual_pace(usual_s)) - 12, math.log(usual_pace(usual_s)) + 12
    for _step in range(40):
        middle = (low + high) / 2
        if _polls_h(groups, math.exp(middle)) < budget:
            low = middle
        else:
            high = middle
    return math.exp((low + high) / 2)


def wait_s(rhythm: Rhythm | None, pace: float, bounds: Bounds, now: datetime) -> float:
    """Seconds until the feed has earned its next poll. The sum is made hour by hour, so that a wait at night ends in the morning."""
    if rhythm is None:
        return min(max(3600 / (pace * math.sqrt(USUAL_RATE_H)), bounds.min_s), bounds.max_s)
    level = level_h(rhythm)
    surplus = burst_factor(rhythm, level, now) - 1
    second_h = (now.minute * 60 + now.second) / 3600  # of the clock's hour
    clock_h = now.weekday() * 24 + now.hour
    earned, ago_h, left_h = 0.0, 0.0, 1 - second_h
    while ago_h < bounds.max_s / 3600:
        rate = usual_rate_h(rhythm, level, clock_h // 24 % 7, clock_h % 24)
        polls_h = pace * math.sqrt(rate * (1 + surplus * math.exp(-ago_h / RECENT_H)))
        if earned + polls_h * left_h >= 1:
            return min(max((ago_h + (1 - earned) / polls_h) * 3600, bounds.min_s), bounds.max_s)
        earned += polls_h * left_h
        ago_h, left_h, clock_h = ago_h + left_h, 1.0, clock_h + 1
    return bounds.max_s


def _bucket(rate: float) -> int:
    return round(math.log(rate) / 2 * BUCKETS_PER_E)


def _polls_h(groups: Counter[tuple[int, Bounds]], pace: float) -> float:
    return sum(
        weight * min(max(pace * math.exp(bucket / BUCKETS_PER_E), 3600 / bounds.max_s), 3600 / bounds.min_s)
        for (bucket, bounds), weight in groups.items()
    )
