"""What each process of a monitor takes: memory, descriptors, threads, CPU time, with its child processes.

In: role and pid. Out: Footprint. I/O: /proc.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Footprint:
    """One process with its children. PSS counts a page that several processes share once, divided among them."""

    pids: tuple[int, ...]
    rss_mib: float
    pss_mib: float
    descriptor_count: int
    thread_count: int
    cpu_s: float


def footprints(supervisor_pid: int, pids: Mapping[str, int]) -> dict[str, Footprint]:
    """By role, the supervisor (without the others) as `run`; a role whose process has just ended is left out."""
    found = {role: _footprint(pid, with_children=True) for role, pid in pids.items()}
    found["run"] = _footprint(supervisor_pid, with_children=False)
    return {role: one for role, one in found.items() if one is not None}


def _footprint(pid: int, *, with_children: bool) -> Footprint | None:
    rss = pss = cpu_s = 0.0
    descriptors = threads = 0
    try:
        main = psutil.Process(pid)
        family = [main, *(main.children(recursive=True) if with_children else ())]
    except psutil.Error:
        return None
    alive = []
    for process in family:
        try:
            with process.oneshot():
                rss += process.memory_info().rss / MIB
                descriptors += process.num_fds()
                threads += process.num_threads()
                times = process.cpu_times()
            pss += _pss_mib(process.pid)
        except (psutil.Error, OSError):
            if process is main:
                return None
            continue
        cpu_s += times.user + times.system + (times.children_user + times.children_system if process is main and with_children else 0.0)
        alive.append(process.pid)
    return Footprint(tuple(alive), round(rss, 1), round(pss, 1), descriptors, threads, round(cpu_s, 1))


def _pss_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
