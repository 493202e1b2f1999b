"""A monitor for an hour: memory, descriptors, threads and CPU seconds of each process, at the start and at the end.

Run: .venv/bin/python -I benchmarks/long_run.py idle|loaded [--minutes 60] [--per-second 2] [--feeds 61] [--out FILE]

`idle`: feeds on loopback that never change, polled every five minutes as shipped. `loaded`: six feeds polled every five seconds, which
bring new items all the time, four in five of them an alert for a receiver that verifies signatures. The first line is taken after two
minutes, when everything has started. The samples, one a minute, go to FILE as JSON lines; growth is the slope of a straight line through
the samples of the second half.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.campaign.desks import Desk
from support.campaign.footprint import Footprint, footprints
from support.campaign.items import item
from support.campaign.newsroom import ANY_PORTS, CAMPAIGN_SETTINGS, write_newsroom
from support.campaign.outlet import Outlet
from support.monitor import Monitor

ROLES = ("run", "kafka", "producer", "processor", "store", "deliver")
WARM_UP_S = 120.0
SAMPLE_EVERY_S = 60.0
SEED = 11
IDLE_SETTINGS = """\
[producer]
feeds_file = "feeds.toml"
allow_private = ["127.0.0.0/8"]
host_spacing_s = 0
[log]
format = "json"
"""
LOADED_SETTINGS = (
    CAMPAIGN_SETTINGS.replace(
        "interval_s = 1\nmin_interval_s = 1\nmax_interval_s = 2", "interval_s = 5\nmin_interval_s = 5\nmax_interval_s = 10"
    )
    .replace("session_timeout_s = 6\nheap_mb = 256\n", "")
    .replace("[processor]\nstall_exit_s = 20\n", "")
)
Sample = tuple[float, dict[str, Footprint]]


@contextmanager
def monitor_on(directory: Path, outlet: Outlet, desks: Sequence[Desk], settings: str) -> Iterator[Monitor]:
    feeds = {name: outlet.url(name) for name in outlet.feeds}
    monitor = write_newsroom(directory, feeds, desks, settings=settings + ANY_PORTS, receiver_settings="")
    monitor.start()
    try:
        yield monitor
    finally:
        monitor.stop()


def footprint_of(monitor: Monitor) -> dict[str, Footprint]:
    assert monitor.process is not None
    if monitor.process.poll() is not None:
        sys.exit(f"the monitor ended with exit code {monitor.process.poll()}:\n{monitor.log[-2000:]}")
    return footprints(monitor.process.pid, monitor.children())


def watch(monitor: Monitor, outlet: Outlet, *, minutes: float, per_second: float, out: Path) -> list[Sample]:
    """Feed the outlet and take a sample a minute; `per_second` 0 adds nothing after the first items."""
    samples: list[Sample] = []
    start_s = time.monotonic()
    number, next_sample_s = 0, WARM_UP_S
    while (passed_s := time.monotonic() - start_s) < WARM_UP_S + minutes * 60 + 1:
        if per_second and number < passed_s * per_second:
            number += 1
            outlet.add(item(SEED, number))
            continue
        if passed_s >= next_sample_s:
            next_sample_s += SAMPLE_EVERY_S
            taken = footprint_of(monitor)
            samples.append((passed_s, taken))
            with out.open("a", encoding="utf-8") as file:
                file.write(
                    json.dumps({"at_s": round(passed_s), "items": number} | {role: asdict(one) for role, one in taken.items()}) + "\n"
                )
        time.sleep(0.1)
    return samples


def slope_an_hour(points: Sequence[tuple[float, float]]) -> float:
    """The growth an hour of a straight line through (seconds, value)."""
    if len(points) < 2:
        return 0.0
    middle = sum(at for at, _ in points) / len(points)
    spread = sum((at - middle) ** 2 for at, _ in points)
    return 3600 * sum((at - middle) * value for at, value in points) / spread if spread else 0.0


def table(samples: Sequence[Sample]) -> str:
    first, last = samples[0][1], samples[-1][1]
    half = samples[len(samples) // 2 :]
    lines = [
        "| process | resident, MiB | PSS, MiB | PSS growth in the second half, MiB/h | descriptors | threads | CPU seconds | restarted |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for role in ROLES:
        if role not in first or role not in last:
            lines.append(f"| {role} | not running at the start or the end | | | | | | |")
            continue
        before, after = first[role], last[role]
        growth = slope_an_hour([(at_s, one[role].pss_mib) for at_s, one in half if role in one])
        restarted = "yes" if before.pids[0] != after.pids[0] else "no"
        lines.append(
            f"| {role} | {before.rss_mib:.0f} → {after.rss_mib:.0f} | {before.pss_mib:.0f} → {after.pss_mib:.0f} | {growth:+.1f} "
            f"| {before.descriptor_count} → {after.descriptor_count} | {before.thread_count} → {after.thread_count} "
            f"| {after.cpu_s - before.cpu_s:.0f} | {restarted} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=["idle", "loaded"])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--per-second", type=float, default=2)
    parser.add_argument("--feeds", type=int, default=61)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    idle = options.kind == "idle"
    names = [f"feed{number:02}" for number in range(options.feeds if idle else 6)]
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="newsmon-long-run-")))
        outlet = stack.enter_context(Outlet(names))
        if idle:
            for number in range(1, 20 * len(names) + 1):
                outlet.add(item(SEED, number))
        desk = stack.enter_context(Desk("desk"))
        monitor = stack.enter_context(monitor_on(directory, outlet, [desk], IDLE_SETTINGS if idle else LOADED_SETTINGS))
        out = options.out or Path(f"long-run-{options.kind}.jsonl")
        samples = watch(monitor, outlet, minutes=options.minutes, per_second=0 if idle else options.per_second, out=out)
        accepted = {one.webhook_id for one in desk.seen() if one.accepted and one.is_alert}
        print(f"{options.kind}: {(samples[-1][0] - samples[0][0]) / 60:.0f} minutes, {outlet.asked_count()} polls, {len(outlet.added_at_s)} items, "
              f"{len(accepted)} alerts accepted, load {os.getloadavg()[0]:.1f} at the end\n")  # fmt: skip
        print(table(samples))


if __name__ == "__main__":
    main()
