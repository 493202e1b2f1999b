"""A list on disk of the processes that newsmon has started, so that the next run can end those that outlived a killed owner.

In: role and pid. Out: EndedOrphan. I/O: state_dir/children.json, /proc, signals.

Pids are reused, so a process is identified by pid, boot and start time (field 22 of /proc/pid/stat, proc(5), in clock ticks since
boot, which a clock change does not affect). Signals go through a pidfd (pidfd_open(2)) that is opened before the start time is
compared, so they reach exactly the recorded process.
"""

from __future__ import annotations

import json
import os
import select
import signal
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from newsmon.errors import DependencyError

BROKER_ROLE = "kafka"
# The kernel has asked an orphan to end when its owner died, and its broker at the same moment: there is nothing left to drain into,
# and the work since its last commit is done again in any case. A broker that ends in good order starts faster.
STAGE_GRACE_S = 3.0
BROKER_GRACE_S = 6.0
KILL_GRACE_S = 10.0
STOPPED_STATES = frozenset({"T", "t"})  # by SIGSTOP or a debugger (proc(5)): it cannot even see SIGTERM


@dataclass(frozen=True, slots=True)
class Child:
    """One recorded process."""

    role: str
    pid: int
    started_ticks: int
    boot_id: str


class Ending(StrEnum):
    """The way an orphan ended."""

    TERMINATED = "terminated"
    KILLED = "killed"


@dataclass(frozen=True, slots=True)
class EndedOrphan:
    """A process of a dead owner that was still running."""

    role: str
    pid: int
    ending: Ending


class Children:
    """The list of one owner's processes, for use from several threads.

    If the list cannot be written, for example on a full disk, it stays in memory and `save` tries again.
    """

    def __init__(self, state_dir: Path) -> None:
        self._file = state_dir / "children.json"
        self._lock = threading.Lock()
        self._children: list[Child] = list(read_children(self._file))
        self._saved = True

    def record(self, role: str, pid: int) -> None:
        """Add a running process; one that has already ended is not added."""
        ticks = started_ticks(pid)
        if ticks is None:
            return
        with self._lock:
            self._replace([*(child for child in self._children if child.pid != pid), Child(role, pid, ticks, boot_id())])

    def forget(self, pid: int) -> None:
        """Remove a process that has been waited for."""
        with self._lock:
            self._replace([child for child in self._children if child.pid != pid])

    def recorded(self) -> tuple[Child, ...]:
        """The processes on the list, oldest first."""
        with self._lock:
            return tuple(self._children)

    def save(self) -> bool:
        """Write the list if an earlier write failed; False while it still fails."""
        with self._lock:
            return self._saved or self._written()

    def _replace(self, children: list[Child]) -> None:
        self._children = children
        self._saved = False
        self._written()

    def _written(self) -> bool:
        part = self._file.with_suffix(".part")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps([asdict(child) for child in self._children], indent=1), encoding="utf-8")
            part.replace(self._file)
        except OSError:
            return False  # the kernel still ends the children with their parent; the list is only a second safeguard
        self._saved = True
        return True


def read_children(file: Path) -> tuple[Child, ...]:
    """The processes in the file; none if it is missing or damaged."""
    try:
        return tuple(
            Child(str(row["role"]), int(row["pid"]), int(row["started_ticks"]), str(row["boot_id"]))
            for row in json.loads(file.read_bytes())
        )
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def end_orphans(
    state_dir: Path, *, term_grace_s: float = STAGE_GRACE_S, broker_grace_s: float = BROKER_GRACE_S, kill_grace_s: float = KILL_GRACE_S
) -> list[EndedOrphan]:
    """End recorded processes that still run, stages first and the broker last, and clear the list. Takes seconds, whatever they do.

    Only for the owner of the state directory, before it starts anything: until then the list belongs to a dead owner.
    DependencyError if a process cannot be ended.
    """
    file = state_dir / "children.json"
    listed = read_children(file)
    ended = _end([child for child in listed if child.role != BROKER_ROLE], term_grace_s, kill_grace_s)
    ended += _end([child for child in listed if child.role == BROKER_ROLE], broker_grace_s, kill_grace_s)
    file.unlink(missing_ok=True)
    return ended


def started_ticks(pid: int) -> int | None:
    """The start time of a process in clock ticks since boot, or None if it is not running (or a zombie)."""
    fields = _stat_fields(pid)
    return None if not fields or fields[0] in ("Z", "X") else int(fields[19])


def is_stopped(pid: int) -> bool:
    """True if the process stands still because of a signal or a debugger."""
    fields = _stat_fields(pid)
    return bool(fields) and fields[0] in STOPPED_STATES


def _stat_fields(pid: int) -> list[str]:
    """The fields of /proc/pid/stat from the third (the state) on; empty if there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    # The second field is the program's name in parentheses, which may contain spaces and parentheses itself.
    return stat.rpartition(")")[2].split()


def boot_id() -> str:
    """The id of this boot of the machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _end(children: Iterable[Child], term_grace_s: float, kill_grace_s: float) -> list[EndedOrphan]:
    running = {child: handle for child in children if (handle := _handle(child)) is not None}
    try:
        _signal(running.values(), signal.SIGTERM)
        stopped = {child for child in running if is_stopped(child.pid)}
        _signal([running[child] for child in stopped], signal.SIGKILL)
        stubborn = _still_running(running, term_grace_s)
        _signal([running[child] for child in stubborn], signal.SIGKILL)
        stuck = _still_running({child: running[child] for child in stubborn}, kill_grace_s)
    except PermissionError as error:
        raise DependencyError("state directory", f"a process left over from an earlier newsmon belongs to another user: {error}") from error
    finally:
        for handle in running.values():
            os.close(handle)
    if stuck:
        names = ", ".join(f"{child.role} (process {child.pid})" for child in stuck)
        raise DependencyError("state directory", f"cannot end processes left over from an earlier newsmon: {names}")
    killed = stopped.union(stubborn)
    return [EndedOrphan(child.role, child.pid, Ending.KILLED if child in killed else Ending.TERMINATED) for child in running]


def _handle(child: Child) -> int | None:
    """A pidfd of exactly the recorded process, or None if it has ended."""
    try:
        handle = os.pidfd_open(child.pid)
    except ProcessLookupError:
        return None
    if child.boot_id == boot_id() and started_ticks(child.pid) == child.started_ticks:
        return handle
    os.close(handle)
    return None


def _signal(handles: Iterable[int], number: signal.Signals) -> None:
    for handle in handles:
        try:
            signal.pidfd_send_signal(handle, number)
        except ProcessLookupError:
            continue  # it ended by itself


def _still_running(running: dict[Child, int], grace_s: float) -> list[Child]:
    """The processes still running after the grace time; returns early once all have ended."""
    deadline = time.monotonic() + grace_s
    waiting = {handle: child for child, handle in running.items()}
    poller = select.poll()
    for handle in waiting:
        poller.register(handle, select.POLLIN)  # a pidfd becomes readable when its process ends
    while waiting and (left_s := deadline - time.monotonic()) > 0:
        for handle, _ in poller.poll(left_s * 1000):
            poller.unregister(handle)
            del waiting[handle]
    return list(waiting.values())
