"""The delay from publication to first sight: learned rhythm against fixed intervals, with equal polls, on a virtual clock.

Run: .venv/bin/python -I benchmarks/rhythm.py [--feeds 5000] [--days 14] [--budget-minutes 5 15 60] [--quick]

Feeds are made up (`histories`): heavy-tailed rates, time zones, weekends, batches, bursts of their own and events many report,
feeds that start, stop, die or fail, windows of 10 to 100 entries. They are not made by the formula the producer learns with.
The producer's own modules decide every poll (`producers.timing.rhythm`, `pace`, `schedule`). Exit 1 when the median delay is above
half of that of fixed polling with as many polls.
"""

from __future__ import annotations

import argparse
import bisect
import math
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from newsmon.records import FetchResult, Rhythm
from producers.timing.pace import shared_pace
from producers.timing.rhythm import first_rhythm, learn
from producers.timing.schedule import Limits, decide_due

START = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
EPOCH_S = START.timestamp()
DAY_S = 86_400.0
PAST_DAYS = 21
WINDOWS = (10, 15, 20, 20, 25, 30, 30, 50, 50, 100)
ZONES_H = (-8, -5, -5, 0, 0, 1, 1, 2, 2, 3, 5.5, 8, 10, 11)
GATE = 0.5


@dataclass(frozen=True)
class History:
    """One feed's publication times in seconds from START; negative ones are before it."""

    times: Sequence[float]
    window: int
    fails_from: float | None = None  # answers 404 from then on


@dataclass
class Tally:
    """The result of one way of polling."""

    polls: int = 0
    missed: int = 0
    delays: list[float] = field(default_factory=list)

    def line(self, name: str) -> str:
        ordered = sorted(self.delays)
        return (
            f"{name:<28} {self.polls:>11,} {statistics.median(ordered):>9,.0f} {ordered[int(len(ordered) * 0.95)]:>9,.0f} "
            f"{statistics.fmean(ordered):>9,.0f} {self.missed:>8,} {len(ordered):>10,}"
        )


def histories(count: int, days: float, seed: int) -> list[History]:
    """Made-up feeds; the same for the same arguments."""
    chance = random.Random(seed)
    events = [
        (chance.uniform(-PAST_DAYS, days) * DAY_S, chance.uniform(1, 5) * 3600, chance.uniform(2, 6)) for _ in range(int(days) + PAST_DAYS)
    ]
    return [_history(random.Random(chance.getrandbits(64)), days, events) for _ in range(count)]


def _history(chance: random.Random, days: float, events: Sequence[tuple[float, float, float]]) -> History:
    window = chance.choice(WINDOWS)
    per_day = min(math.exp(chance.gauss(math.log(4), 1.3)), 500.0)
    kind = chance.random()
    if kind < 0.08:  # dead: it answers, but has published nothing for long
        return History([-chance.uniform(22, 60) * DAY_S for _ in range(window)], window)
    fails_from = chance.uniform(-5, days) * DAY_S if kind < 0.13 else None
    starts, stops = -PAST_DAYS * DAY_S, days * DAY_S
    if 0.13 <= kind < 0.17:
        stops = chance.uniform(0, days) * DAY_S
    elif 0.17 <= kind < 0.21:
        starts = chance.uniform(0, days) * DAY_S
    batch = chance.choice((1.0, 1.0, 1.0, 2.0, 4.0, 8.0))
    own = [
        (chance.uniform(-PAST_DAYS, days) * DAY_S, chance.uniform(0.5, 4) * 3600, chance.uniform(4, 15)) for _ in range(chance.randrange(8))
    ]
    joined = [event for event in events if chance.random() < 0.2]
    times = list(_published(chance, per_day / batch, batch, (starts, stops), [*own, *joined]))
    return History(sorted(times), window, fails_from)


def _published(
    chance: random.Random, per_day: float, batch: float, life: tuple[float, float], bursts: Sequence[tuple[float, float, float]]
) -> Iterator[float]:
    """Times by thinning: one or two peaks a day in the feed's zone, quieter weekends, and bursts."""
    zone_s = chance.choice(ZONES_H) * 3600
    first, second, width = chance.uniform(6, 13), chance.uniform(13, 21), chance.uniform(1.5, 4)
    night, weight = chance.uniform(0.02, 0.25), chance.uniform(0, 1)
    weekend_days = (4, 5) if chance.random() < 0.08 else (5, 6)
    weekend = chance.choice((0.1, 0.3, 0.5, 0.7, 1.0))
    day = [
        night + math.exp(-(((hour + 0.5 - first) / width) ** 2)) + weight * math.exp(-(((hour + 0.5 - second) / width) ** 2))
        for hour in range(24)
    ]
    day = [one / statistics.fmean(day) for one in day]
    most = max(day) * max([1.0, *(factor for _at, _long, factor in bursts)])
    at = life[0]
    while True:
        at += chance.expovariate(per_day / DAY_S * most)
        if at >= life[1]:
            return
        local = at + zone_s
        share = day[int(local % DAY_S // 3600)] * (weekend if int(local // DAY_S) % 7 in weekend_days else 1.0)
        share *= max([1.0, *(factor for begins, long, factor in bursts if begins <= at < begins + long)])
        if chance.random() * most < share:
            size = 1 if batch == 1.0 else 1 + int(chance.expovariate(1 / (batch - 0.5)))
            for _item in range(size):
                yield at + chance.uniform(0, 20)


def fixed(feeds: Sequence[History], interval_s: float, days: float, seed: int) -> Tally:
    """Poll every feed every `interval_s`, each with its own phase."""
    chance, tally = random.Random(seed), Tally()
    for feed in feeds:
        phase = chance.uniform(0, interval_s)
        polls = max(0, math.ceil((days * DAY_S - phase) / interval_s))
        tally.polls += polls
        index = bisect.bisect_left(feed.times, 0.0)
        while index < len(feed.times):
            number = max(0, math.ceil((feed.times[index] - phase) / interval_s))
            seen_at = phase + number * interval_s
            if number >= polls or (feed.fails_from is not None and seen_at >= feed.fails_from):
                break
            end = bisect.bisect_right(feed.times, seen_at)
            _see(tally, feed, index, end, seen_at)
            index = end
    return tally


def _see(tally: Tally, feed: History, start: int, end: int, seen_at: float) -> int:
    """Count a poll that finds articles `start` to `end` new; only the last `window` of them are still in the feed."""
    lost = max(0, end - start - feed.window)
    tally.missed += lost
    tally.delays += [seen_at - at for at in feed.times[start + lost : end] if at >= 0]
    return end


@dataclass
class Polled:
    """A feed's state in the simulation."""

    due: float
    seen: int
    interval_s: float
    failures: int = 0
    rhythm: Rhythm | None = None


def learned(feeds: Sequence[History], usual_s: float, days: float, seed: int, *, min_s: float = 60.0) -> Tally:
    """Poll as the producer does; `usual_s` is the budget per feed."""
    chance, tally = random.Random(seed), Tally()
    limits = Limits(usual_s, min(min_s, usual_s), DAY_S)
    stands = [Polled(chance.uniform(0, usual_s), bisect.bisect_left(feed.times, 0.0), usual_s) for feed in feeds]
    pace = shared_pace(((one.rhythm, limits.bounds) for one in stands), usual_s)
    block_s, end = 3600.0, days * DAY_S
    for block in range(math.ceil(end / block_s)):
        until = min(end, (block + 1) * block_s)
        for feed, one in zip(feeds, stands, strict=True):
            while one.due < until:
                _poll(feed, one, tally, limits, pace, chance)
        if block < 6 or block % 3 == 0:
            alive = [(one.rhythm, limits.bounds) for one in stands if not one.failures]
            pace = shared_pace(alive, usual_s * len(alive) / len(stands))
    return tally


def _poll(feed: History, one: Polled, tally: Tally, limits: Limits, pace: float, chance: random.Random) -> None:
    tally.polls += 1
    now = START + timedelta(seconds=one.due)
    if feed.fails_from is not None and one.due >= feed.fails_from:
        one.failures += 1
        result = FetchResult.HTTP_ERROR
    else:
        end = bisect.bisect_right(feed.times, one.due)
        result = FetchResult.OK if end > one.seen or one.rhythm is None else FetchResult.NOT_MODIFIED
        if one.rhythm is None:
            shown = feed.times[max(0, end - feed.window) : end]
            one.rhythm = first_rhythm(now, [START + timedelta(seconds=at) for at in shown])
        else:
            new = feed.times[max(one.seen, end - feed.window) : end]
            one.rhythm = learn(one.rhythm, now, [START + timedelta(seconds=at) for at in new])
        one.seen = _see(tally, feed, one.seen, end, one.due)
    due = decide_due(
        result,
        now=now,
        interval_s=one.interval_s,
        rhythm=one.rhythm,
        pace=pace,
        failure_count=one.failures,
        limits=limits,
        jitter=chance.random(),
    )
    one.due, one.interval_s = due.at.timestamp() - EPOCH_S, due.interval_s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=5_000)
    parser.add_argument("--days", type=float, default=14)
    parser.add_argument("--budget-minutes", type=float, nargs="+", default=[60, 15, 5])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="500 feeds, 4 days, 15 and 60 minutes")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.feeds, arguments.days, arguments.budget_minutes = 500, 4, [60, 15]
    feeds = histories(arguments.feeds, arguments.days, arguments.seed)
    articles = sum(1 for feed in feeds for at in feed.times if at >= 0)
    print(
        f"{len(feeds):,} feeds, {arguments.days:g} days, {articles:,} articles, {articles / len(feeds) / arguments.days:.1f} a feed and day"
    )
    print(f"{'':<28} {'polls':>11} {'median s':>9} {'p95 s':>9} {'mean s':>9} {'missed':>8} {'seen':>10}")
    failed = False
    for minutes in arguments.budget_minutes:
        print(fixed(feeds, minutes * 60, arguments.days, arguments.seed).line(f"fixed {minutes:g} min"), flush=True)
        started = time.process_time()
        ours = learned(feeds, minutes * 60, arguments.days, arguments.seed)
        spent = time.process_time() - started
        print(ours.line(f"learned, budget {minutes:g} min"), flush=True)
        equal_s = len(feeds) * arguments.days * DAY_S / ours.polls
        rival = fixed(feeds, equal_s, arguments.days, arguments.seed)
        print(rival.line(f"fixed {equal_s / 60:.2f} min, equal polls"))
        ratio = statistics.median(ours.delays) / statistics.median(rival.delays)
        failed = failed or ratio > GATE
        print(
            f"  median {ratio:.2f} of fixed polling at equal cost (gate {GATE}); {spent / ours.polls * 1e6:.0f} us a simulated poll",
            flush=True,
        )
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
