"""A monitor with nothing to do: CPU seconds, memory and wakeups of each process, and how long it takes to its first poll.

Run: .venv/bin/python -I benchmarks/idle.py [--feeds 61] [--settle 90] [--window 120] [--matched] [--starts 2]

The real `newsmon run` with its own broker and the shipped themes and settings, on feeds on loopback that have an item a day and answer
304. `--matched` first brings one article that the shipped themes match, so that whatever is loaded when it is first needed is loaded. CPU
seconds are user and system time from /proc, so other load on the machine hardly changes them; a wakeup is a voluntary context switch of
any thread. PSS counts a page that several processes share once, divided among them. A start is timed from the exec of `newsmon run` to the
first request at a feed: the first with an empty state directory, the others with what it left, the jars in the cache each time.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.campaign.desks import Desk
from support.campaign.items import Item, item
from support.campaign.newsroom import ANY_PORTS, write_newsroom
from support.campaign.outlet import Outlet
from support.monitor import Monitor, defence_story

SEED = 11
ITEMS = 20  # in each feed
MIB = 2**20
SETTINGS = """\
[producer]
feeds_file = "feeds.toml"
allow_private = ["127.0.0.0/8"]
host_spacing_s = 0
{rhythm}
[log]
format = "json"
"""
DUE_AT_ONCE = "interval_s = 1\nmin_interval_s = 1\nmax_interval_s = 2"
START_WITHIN_S = 180.0
LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class Taken:
    """What one process has taken so far."""

    name: str
    cpu_s: float
    pss_mib: float
    rss_mib: float
    threads: int
    wakeups: int


def taken_by(monitor: Monitor) -> dict[int, Taken]:
    """By pid: every process of the monitor that lives."""
    assert monitor.process is not None
    roles = {pid: role for role, pid in monitor.children().items()} | {monitor.process.pid: "run"}
    found = {}
    for process in (main := psutil.Process(monitor.process.pid), *main.children(recursive=True)):
        try:
            parents = [process.pid, *(parent.pid for parent in process.parents())]
            role = next(roles[pid] for pid in parents if pid in roles)
            times = process.cpu_times()
            memory = process.memory_info().rss / MIB
            found[process.pid] = Taken(
                role if process.pid in roles else f"{role}, child", times.user + times.system, _pss_mib(process.pid), memory,
                process.num_threads(), _wakeups(process.pid),
            )  # fmt: skip
        except (psutil.Error, OSError):
            continue
    return found


def _pss_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _wakeups(pid: int) -> int:
    count = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        for line in (task / "status").read_text("ascii", "replace").splitlines():
            if line.startswith("voluntary_ctxt_switches:"):
                count += int(line.split()[1])
    return count


def table(before: dict[int, Taken], after: dict[int, Taken], window_s: float) -> str:
    """Each process that lived through the window, then all of them together."""
    lines = ["| process | CPU, % of a core | PSS, MiB | resident, MiB | threads | wakeups a second |", "|---|---|---|---|---|---|"]
    cpu = pss = wakeups = 0.0
    for pid, now in sorted(after.items(), key=lambda one: -one[1].pss_mib):
        then = before.get(pid)
        used_s = now.cpu_s - (then.cpu_s if then else 0.0)
        woke = (now.wakeups - (then.wakeups if then else 0)) / window_s
        lines.append(f"| {now.name} | {100 * used_s / window_s:.2f} | {now.pss_mib:.0f} | {now.rss_mib:.0f} | {now.threads} | {woke:.0f} |")
        cpu, pss, wakeups = cpu + used_s, pss + now.pss_mib, wakeups + woke
    lines.append(f"| **all** | **{100 * cpu / window_s:.2f}** | **{pss:.0f}** | | | **{wakeups:.0f}** |")
    return "\n".join(lines)


def first_poll_s(monitor: Monitor, outlet: Outlet) -> float:
    """Start the monitor; the seconds until a feed is asked."""
    asked, started_s = outlet.asked_count(), time.monotonic()
    monitor.start()
    assert monitor.process is not None
    while outlet.asked_count() == asked:
        if monitor.process.poll() is not None or time.monotonic() - started_s > START_WITHIN_S:
            sys.exit(f"no poll; the end of its log:\n{monitor.log[-3000:]}")
        time.sleep(LOOK_S)
    return time.monotonic() - started_s


def newsroom(directory: Path, outlet: Outlet, desk: Desk, rhythm: str) -> Monitor:
    feeds = {name: outlet.url(name) for name in outlet.feeds}
    return write_newsroom(directory, feeds, [desk], settings=SETTINGS.format(rhythm=rhythm) + ANY_PORTS, receiver_settings="")


def time_starts(directory: Path, outlet: Outlet, desk: Desk, count: int) -> list[tuple[float, float]]:
    """Seconds to the first poll of each start, with feeds that are always due, and the CPU seconds all processes took for it."""
    monitor = newsroom(directory, outlet, desk, DUE_AT_ONCE)
    taken_s = []
    try:
        for _ in range(count):
            wall_s = first_poll_s(monitor, outlet)
            taken_s.append((wall_s, sum(one.cpu_s for one in taken_by(monitor).values())))
            time.sleep(5.0)  # what it left half done would count for the next start
            monitor.stop()
    finally:
        monitor.end()
    return taken_s


def measure(directory: Path, outlet: Outlet, desk: Desk, options: argparse.Namespace) -> None:
    """Start it, wait until it is quiet, and print what it took in the window."""
    monitor = newsroom(directory, outlet, desk, "")
    try:
        print(f"first poll {first_poll_s(monitor, outlet):.1f} s after the start", flush=True)
        deadline_s = time.monotonic() + START_WITHIN_S
        while options.matched and not any(one.accepted and one.is_alert for one in desk.seen()):
            if time.monotonic() > deadline_s:
                sys.exit(f"no alert; the end of the log:\n{monitor.log[-3000:]}")
            time.sleep(0.2)
        if options.matched:
            print(f"first alert {time.monotonic() - deadline_s + START_WITHIN_S:.1f} s after the first poll", flush=True)
        time.sleep(options.settle)
        before, started_s = taken_by(monitor), time.monotonic()
        time.sleep(options.window)
        after, window_s = taken_by(monitor), time.monotonic() - started_s
        print(f"{options.feeds} feeds, {outlet.asked_count()} polls, window {window_s:.0f} s after {options.settle:.0f} s\n")
        print(table(before, after, window_s), flush=True)
        if options.pause:
            print(f"pids: {monitor.children()}, run {monitor.process.pid if monitor.process else None}", flush=True)
            time.sleep(options.pause)
    finally:
        monitor.stop()
        monitor.end()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--feeds", type=int, default=61)
    parser.add_argument("--settle", type=float, default=90.0, help="seconds from the first poll to the window")
    parser.add_argument("--window", type=float, default=120.0)
    parser.add_argument("--matched", action="store_true", help="bring one article that alerts first")
    parser.add_argument("--starts", type=int, default=0, help="time so many starts as well")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds to leave it running afterwards, for a look at it")
    options = parser.parse_args()
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="newsmon-idle-")))
        outlet = stack.enter_context(Outlet([f"feed{number:02}" for number in range(options.feeds)]))
        for number in range(1, ITEMS * options.feeds + 1):
            outlet.add(item(SEED, number))
        for feed in outlet.feeds.values():  # one item a day, as a quiet feed has: one whose items were all new would be polled every minute
            feed.shown = deque(((one, at - timedelta(days=1 + days)) for days, (one, at) in enumerate(feed.shown)), feed.shown.maxlen)
        if options.matched:
            title, text = defence_story("Norway", 2031, 3.1)
            outlet.add(Item(0, title, text, theme="defence"))
        desk = stack.enter_context(Desk("desk"))
        measure(directory / "idle", outlet, desk, options)
        if options.starts:
            taken_s = time_starts(directory / "starts", outlet, desk, options.starts)
            print("\nfirst poll after the start: " + ", ".join(f"{wall_s:.1f} s ({cpu_s:.1f} CPU s)" for wall_s, cpu_s in taken_s))


if __name__ == "__main__":
    main()
