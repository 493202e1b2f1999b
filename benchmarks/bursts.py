"""Bursts found and false alarms on simulated news: seasonal, over-dispersed, with bursts of four times the rate for six hours.

Run: .venv/bin/python -I benchmarks/bursts.py [--days 90] [--runs 4] [--seed 9000]

A made-up theme opens stories with a daily and weekly season and counts wilder than chance (negative binomial); 25 bursts begin between 7 and
18 o'clock on days of their own after the first 20. The fold is the processor's (`processors.alerts.burst.after_story`), one call a story. A burst counts
as found when one is opened within its six hours; one opened elsewhere, more than three hours after a burst, is a false alarm.
The last figure is the ceiling: a likelihood-ratio detector (CUSUM) that knows every hour's true rate, the true dispersion and the
size of a burst, at the threshold that gives as many false alarms as ours. No detector that must learn the season can do better.
Tuned on seeds below 8000; the default seeds were used once, after tuning.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from processors.alerts.burst import BurstChange, BurstPolicy, after_story, new_pulse

START = datetime(2026, 1, 5, tzinfo=UTC)
QUIET_DAYS, BURST_COUNT, BURST_H, FACTOR, DISPERSION = 20, 25, 6, 4, 5
AFTERMATH_H, SOON_H = 3, 2


@dataclass(frozen=True)
class Past:
    """Simulated: when bursts begin, and how many stories each hour has."""

    burst_hours: list[int]
    counts: list[int]
    means: list[float]  # as usual, without the bursts


@dataclass(frozen=True)
class Score:
    """Bursts found, of them within two hours, the delays of those found, false alarms."""

    found: int
    soon: int
    delays_h: list[float]
    false_count: int


def count_of_hour(chance: random.Random, mean: float) -> int:
    rate = chance.gammavariate(DISPERSION, mean / DISPERSION)
    count, at = 0, chance.expovariate(rate)
    while at < 1:
        count, at = count + 1, at + chance.expovariate(rate)
    return count


def season(hour: int) -> float:
    of_day = 0.3 + 1.4 * max(0.0, math.sin((hour % 24 - 5) / 24 * 2 * math.pi))
    return of_day * (0.5 if hour // 24 % 7 >= 5 else 1.2)


def simulated(base: int, days: int, seed: int) -> Past:
    chance = random.Random(seed)
    burst_hours = [day * 24 + chance.randrange(7, 18) for day in sorted(chance.sample(range(QUIET_DAYS, days), BURST_COUNT))]
    in_burst = {hour for begin in burst_hours for hour in range(begin, begin + BURST_H)}
    means = [base * season(hour) for hour in range(days * 24)]
    return Past(burst_hours, [count_of_hour(chance, mean * (FACTOR if hour in in_burst else 1)) for hour, mean in enumerate(means)], means)


def scored(past: Past, alarms: Sequence[float]) -> Score:
    """Alarms are hours since the start."""
    delays: dict[int, float] = {}
    false_count = 0
    for at in alarms:
        begin = next((begin for begin in past.burst_hours if begin <= at < begin + BURST_H + AFTERMATH_H), None)
        if begin is None:
            false_count += 1
        elif at <= begin + BURST_H:
            delays.setdefault(begin, at - begin)
    return Score(len(delays), sum(delay <= SOON_H for delay in delays.values()), list(delays.values()), false_count)


def ours(past: Past, seed: int) -> list[float]:
    """When the processor's fold opens bursts."""
    chance, policy = random.Random(seed + 1), BurstPolicy()
    pulse, alarms = new_pulse("simulated", START), []
    for hour, count in enumerate(past.counts):
        for part in sorted(chance.random() for _ in range(count)):
            answer = after_story(pulse, at=START + timedelta(hours=hour + part), source=f"s{chance.randrange(25)}", policy=policy)
            pulse = answer.pulse
            if answer.change is BurstChange.OPENED:
                alarms.append(hour + part)
    return alarms


def told(past: Past, threshold: float) -> list[float]:
    """When a detector alarms that knows everything there is to know but when the bursts are."""
    total, alarmed, alarms = 0.0, False, []
    for hour, (count, mean) in enumerate(zip(past.counts, past.means, strict=True)):
        ratio = count * math.log(FACTOR) - (count + DISPERSION) * math.log((DISPERSION + FACTOR * mean) / (DISPERSION + mean))
        total = min(max(0.0, total + ratio), threshold + 3)
        if total > threshold and not alarmed:
            alarms.append(hour + 1.0)
        alarmed = total > 0 if alarmed else total > threshold
    return alarms


def ceiling(pasts: Sequence[Past], false_count: int) -> float:
    """Bursts a run that the told detector finds with no more false alarms than `false_count` in all runs."""
    best = 0.0
    for step in range(8, 60):
        scores = [scored(past, told(past, step / 4)) for past in pasts]
        if sum(score.false_count for score in scores) <= false_count:
            best = max(best, sum(score.found for score in scores) / len(scores))
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--runs", type=int, default=4, help="simulated pasts per rate")
    parser.add_argument("--seed", type=int, default=9000)
    args = parser.parse_args()
    for base in (1, 5, 30):
        seeds = range(args.seed, args.seed + args.runs)
        pasts = [simulated(base, args.days, seed) for seed in seeds]
        scores = [scored(past, ours(past, seed)) for past, seed in zip(pasts, seeds, strict=True)]
        false_count = sum(score.false_count for score in scores)
        delays = sorted(delay for score in scores for delay in score.delays_h)
        print(
            f"{base}/h: {false_count / args.runs / (args.days / 7):.2f} false alarms a week, "
            f"{sum(score.found for score in scores) / args.runs:.1f} of {BURST_COUNT} bursts found "
            f"({sum(score.soon for score in scores) / args.runs:.1f} within two hours, median delay {delays[len(delays) // 2]:.1f} h); "
            f"ceiling at as many false alarms: {ceiling(pasts, false_count):.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
