"""How soon a monitor works again: after kill -9 of each stage, of the broker and of the supervisor, and after a broker that was away.

Run, on a quiet machine: .venv/bin/python -I benchmarks/recovery.py [--repeat 5] [--outages 20 70 150] [--report FILE]

A real `newsmon run` on SQLite polls three feeds on loopback every second; the outlet adds an item every quarter of a second. Each figure is
the time from the end of the fault (for a kill: the kill) to the first effect on an item that the outlet added after that: its article's
append on Kafka (producer), its classification's (processor), its row (store), its webhook (deliver). Without any fault the same figures
say what a second's polling and the way through the stages take. An outage stops the broker with SIGSTOP for that many seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import Event, Thread

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from support.campaign.desks import Desk
from support.campaign.figures import percentile
from support.campaign.items import item
from support.campaign.newsroom import write_newsroom
from support.campaign.outlet import Outlet
from support.campaign.stores import SqliteStore, stored_when_it_answers
from support.campaign.world import STAGES, World, stopped

from newsmon.ids import article_id_of_url
from newsmon.topics import ARTICLES, CLASSIFICATIONS, Topic

FEEDS = ("one", "two", "three")
ITEM_EVERY_S = 0.25
MOST_OUTSTANDING = 120
QUIET_BEFORE_S = 8.0  # of undisturbed work before each fault
STEADY_S = 62.0  # between two kills of one process: its restarts count as a crash loop for a minute
RECOVERED_WITHIN_S = 180.0
NEWEST = 500  # records of each partition that are read to find the first one after a fault
SEED = 17


class Effect(StrEnum):
    """What shows that a stage works again."""

    PUBLISHED = "article published"
    CLASSIFIED = "article classified"
    STORED = "article stored"
    TOLD = "webhook"


OF_STAGE = {"producer": Effect.PUBLISHED, "processor": Effect.CLASSIFIED, "store": Effect.STORED, "deliver": Effect.TOLD}
GOALS_S: dict[tuple[str, Effect], float] = {
    **{(f"kill -9 {stage}", effect): 5.0 for stage, effect in OF_STAGE.items()},
    ("kill -9 broker", Effect.TOLD): 20.0,
    ("broker away", Effect.PUBLISHED): 10.0,
    ("broker away", Effect.TOLD): 15.0,
}


@dataclass
class Bench:
    """The monitor, fed all the time, and what has come of each item."""

    world: World
    added_at: dict[int, float] = field(default_factory=dict)  # by the wall clock, which is the broker's
    over: Event = field(default_factory=Event)

    def feed(self) -> None:
        number = 0
        while not self.over.wait(ITEM_EVERY_S):
            told = self._told()
            if sum(item(SEED, one).must_alert and one not in told for one in self.added_at) < MOST_OUTSTANDING:
                number += 1
                self.added_at[number] = time.time()
                self.world.outlet.add(item(SEED, number))

    def _told(self) -> dict[int, float]:
        """By item: when its first webhook was accepted."""
        now_s, now = time.monotonic(), time.time()
        arrivals = self.world.desks[0].seen()
        return {n: now - (now_s - one.at_s) for one in reversed(arrivals) if one.accepted for n in one.numbers if n is not None}

    def first_told(self, since: float) -> float | None:
        return self._first(self._told(), since)

    def first_appended(self, topic: Topic, since: float) -> float | None:
        numbers = {article_id_of_url(item(SEED, number).link): number for number, at in self.added_at.copy().items() if at >= since}
        found: dict[int, float] = {}
        try:
            for article_id, at in self._appended(topic, since):
                if article_id in numbers:
                    found.setdefault(numbers[article_id], at)
        except (KafkaError, StopIteration, RuntimeError):  # the broker is not back yet
            return None
        return self._first(found, since)

    def _appended(self, topic: Topic, since: float) -> Iterator[tuple[str, float]]:
        consumer = KafkaConsumer(bootstrap_servers=self.world.broker_address(), enable_auto_commit=False, consumer_timeout_ms=10_000)
        try:
            partitions = [TopicPartition(topic.base_name, number) for number in consumer.partitions_for_topic(topic.base_name) or ()]
            consumer.assign(partitions)
            ends = consumer.end_offsets(partitions)
            left = 0
            for one, end in ends.items():
                consumer.seek(one, max(end - NEWEST, 0))
                left += min(end, NEWEST)
            while left > 0:
                record = next(consumer)
                left -= 1
                if record.timestamp >= since * 1000:
                    yield (record.key or b"").decode(), record.timestamp / 1000
        finally:
            consumer.close()

    def _first(self, at_of: Mapping[int, float], since: float) -> float | None:
        """Seconds from `since` to the first effect on an item added after it."""
        times = [at - since for number, at in at_of.items() if self.added_at.get(number, 0.0) >= since and at >= since]
        return min(times, default=None)

    def first_stored(self, since: float) -> float | None:
        return (
            time.time() - since
            if any(self.added_at.get(number, 0.0) >= since for number in stored_when_it_answers(self.world.store))
            else None
        )

    def measured(self, since: float, effects: tuple[Effect, ...]) -> dict[Effect, float | None]:
        """Each effect, waiting for it; None if it does not come in time."""
        looks: dict[Effect, Callable[[float], float | None]] = {Effect.STORED: self.first_stored, Effect.TOLD: self.first_told}
        found: dict[Effect, float | None] = {}
        for effect in sorted(effects, key=lambda one: one not in looks):
            topic = CLASSIFICATIONS if effect is Effect.CLASSIFIED else ARTICLES
            look = looks.get(effect, lambda at, topic=topic: self.first_appended(topic, at))  # type: ignore[misc]
            found[effect] = _waited(look, since)
        return found

    def settle(self) -> None:
        """Wait until everything works and the outlet's items arrive within seconds."""
        deadline = time.monotonic() + RECOVERED_WITHIN_S
        while time.monotonic() < deadline:
            since = time.time()
            first = _waited(self.first_told, since)
            if first is not None and first < 10 and _waited(self.first_stored, since) is not None:
                break
        time.sleep(QUIET_BEFORE_S)


def _waited(look: Callable[[float], float | None], since: float) -> float | None:
    deadline = time.monotonic() + RECOVERED_WITHIN_S
    while (found := look(since)) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@contextmanager
def running_bench() -> Iterator[Bench]:
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="newsmon-recovery-", ignore_cleanup_errors=True)))
        outlet = stack.enter_context(Outlet(list(FEEDS)))
        desk = stack.enter_context(Desk("desk"))
        monitor = write_newsroom(directory, {name: outlet.url(name) for name in FEEDS}, [desk])
        world = World(monitor, outlet, [desk], SqliteStore(monitor.state_dir / "newsmon.db"), directory)
        stack.callback(world.end_leftovers)
        bench = Bench(world)
        monitor.start()
        stack.callback(bench.over.set)
        Thread(target=bench.feed, daemon=True).start()
        bench.settle()
        yield bench


def faults_of_a_round(bench: Bench, outages: list[float]) -> Iterator[tuple[str, float, tuple[Effect, ...]]]:
    """Do each fault; yields its name, when it was over, and the effects to wait for."""
    world = bench.world
    yield "no fault", time.time(), tuple(Effect)
    for stage in STAGES:
        os.kill(world.pid_of(stage), signal.SIGKILL)
        yield f"kill -9 {stage}", time.time(), (OF_STAGE[stage],)
    os.kill(world.pid_of("kafka"), signal.SIGKILL)
    yield "kill -9 broker", time.time(), (Effect.PUBLISHED, Effect.TOLD)
    world.monitor.kill()
    world.monitor.start()
    yield "kill -9 run, started again", time.time(), (Effect.PUBLISHED, Effect.TOLD)
    for seconds in outages:
        with stopped(world.pid_of("kafka")):
            time.sleep(seconds)
        yield f"broker away {seconds:g} s", time.time(), (Effect.PUBLISHED, Effect.TOLD)


def goal_of(fault: str, effect: Effect) -> float | None:
    return GOALS_S.get(("broker away" if fault.startswith("broker away") else fault, effect))


def row(fault: str, effect: Effect, times: list[float | None]) -> str:
    known = [one for one in times if one is not None]
    goal = goal_of(fault, effect)
    met = "" if goal is None else f"{goal:g} s: " + ("met" if len(known) == len(times) and max(known) <= goal else "missed")
    never = f", {len(times) - len(known)} never" if len(known) < len(times) else ""
    figures = f"{percentile(known, 0.5):.1f} | {percentile(known, 0.95):.1f} | {max(known):.1f}" if known else "- | - | -"
    return f"| {fault} | {effect} | {len(times)}{never} | {figures} | {met} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--outages", type=float, nargs="*", default=[20.0, 70.0, 150.0], help="seconds for which the broker is stopped")
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    times: dict[tuple[str, Effect], list[float | None]] = {}
    with running_bench() as bench:
        for number in range(options.repeat):
            round_at_s = time.monotonic()
            for fault, since, effects in faults_of_a_round(bench, options.outages):
                found = bench.measured(since, effects)
                for effect, seconds in found.items():
                    times.setdefault((fault, effect), []).append(seconds)
                shown = ", ".join(f"{effect} {'never' if seconds is None else f'{seconds:.1f} s'}" for effect, seconds in found.items())
                print(f"round {number + 1}: {fault}: {shown}", file=sys.stderr, flush=True)
                bench.settle()
            time.sleep(max(STEADY_S - (time.monotonic() - round_at_s), 0))
    print("\n| fault | until | times | p50, s | p95, s | longest, s | goal |\n|---|---|---|---|---|---|---|")
    for (fault, effect), found_times in times.items():
        print(row(fault, effect, found_times))
    print(f"\nload {os.getloadavg()[0]:.1f} at the end")
    if options.report:
        options.report.write_text(
            json.dumps({f"{fault}: {effect}": found for (fault, effect), found in times.items()}, indent=1) + "\n", "utf-8"
        )


if __name__ == "__main__":
    main()
