"""Bursts found and false alarms on simulated news: seasonal, over-dispersed, with bursts of four times the rate for six hours.

Run: .venv/bin/python -I benchmarks/bursts.py [--days 90]

A made-up theme opens stories with a daily and weekly season and counts wilder than chance (negative binomial); 25 bursts begin between 7 and
18 o'clock on days of their own after the first 20. The fold is the processor's (`processors.burst.beat`), one call a story. A burst counts
as found when one is opened within its six hours; one opened elsewhere, more than three hours after a burst, is a false alarm.
"""

from __future__ import annotations

import argparse
import math
import random
from datetime import UTC, datetime, timedelta

from processors.burst import BurstChange, beat, new_pulse

START = datetime(2026, 1, 5, tzinfo=UTC)
QUIET_DAYS, BURST_COUNT, BURST_H, FACTOR, DISPERSION = 20, 25, 6, 4, 5


def count_of_hour(chance: random.Random, mean: float) -> int:
    rate = chance.gammavariate(DISPERSION, mean / DISPERSION)
    count, at = 0, chance.expovariate(rate)
    while at < 1:
        count, at = count + 1, at + chance.expovariate(rate)
    return count


def season(hour: int) -> float:
    of_day = 0.3 + 1.4 * max(0.0, math.sin((hour % 24 - 5) / 24 * 2 * math.pi))
    return of_day * (0.5 if hour // 24 % 7 >= 5 else 1.2)


def simulate(base: int, days: int) -> tuple[float, int, float]:
    """False alarms a week, bursts found, mean delay in hours."""
    chance = random.Random(7 + base)
    burst_hours = [day * 24 + chance.randrange(7, 18) for day in sorted(chance.sample(range(QUIET_DAYS, days), BURST_COUNT))]
    pulse = new_pulse("simulated", START)
    found: dict[int, float] = {}
    false_count = 0
    for hour in range(days * 24):
        burst = next((begin for begin in burst_hours if begin <= hour < begin + BURST_H), None)
        count = count_of_hour(chance, base * season(hour) * (1 if burst is None else FACTOR))
        for at in sorted(chance.random() for _ in range(count)):
            answer = beat(pulse, at=START + timedelta(hours=hour + at), source=f"s{chance.randrange(25)}")
            pulse = answer.pulse
            if answer.change is not BurstChange.OPENED:
                continue
            if burst is not None:
                found.setdefault(burst, hour + at - burst)
            elif not any(begin <= hour < begin + BURST_H + 3 for begin in burst_hours):
                false_count += 1
    return false_count / (days / 7), len(found), sum(found.values()) / max(1, len(found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=90)
    days = parser.parse_args().days
    for base in (1, 5, 30):
        false_rate, found, delay_h = simulate(base, days)
        print(
            f"{base}/h: {false_rate:.2f} false alarms a week, {found} of {BURST_COUNT} bursts found, mean delay {delay_h:.1f} h", flush=True
        )


if __name__ == "__main__":
    main()
