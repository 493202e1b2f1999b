"""Everything a fault can reach: the monitor with its processes, the outlet, the desks, the database, the disk.

I/O: processes and signals.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import psutil

from newsmon.kafka.broker.children import read_children, started_ticks
from newsmon.kafka.broker.files import BrokerFiles
from newsmon.kafka.ports import remembered_ports
from support.campaign.desks import Desk
from support.campaign.outlet import Outlet
from support.campaign.stores import Store
from support.monitor import Monitor
from support.signals import stand_still

STAGES = ("producer", "processor", "store", "deliver")
UP_WITHIN_S = 180.0
Found = TypeVar("Found")


class NotDone(Exception):
    """The fault could not be done, for example because what it is aimed at was not up."""


@dataclass
class World:
    """The system under test and its surroundings. `complaints`: what must not happen whatever the fault, in words."""

    monitor: Monitor
    outlet: Outlet
    desks: list[Desk]
    store: Store
    directory: Path
    small_disk: Path | None = None
    complaints: list[str] = field(default_factory=list)

    def pid_of(self, role: str, *, within_s: float = UP_WITHIN_S) -> int:
        """The process of a role, once it runs."""
        found = waited_for(lambda: self._pid(role), within_s)
        if found is None:
            raise NotDone(f"{role} was not up within {within_s:.0f} s")
        return found

    def is_up(self, role: str) -> bool:
        return self._pid(role) is not None

    def _pid(self, role: str) -> int | None:
        for child in read_children(self.monitor.state_dir / "children.json"):
            if child.role == role and started_ticks(child.pid) == child.started_ticks:
                return child.pid
        return None

    def broker_address(self) -> str:
        ports = remembered_ports(BrokerFiles(self.monitor.state_dir / "kafka").ports)
        if ports is None:
            raise NotDone("the broker has no port yet")
        return f"127.0.0.1:{ports.client}"

    def supervisor(self) -> subprocess.Popen[bytes]:
        assert self.monitor.process is not None
        return self.monitor.process

    def end_supervisor(self) -> None:
        """SIGTERM, as a service manager would; a drain that fails is a complaint."""
        if self.supervisor().poll() is not None:
            return  # said elsewhere
        code = self.monitor.stop(signal.SIGTERM)
        if code != 0:
            self.complaints.append(f"after SIGTERM the run ended with exit code {code}")

    def revive_supervisor(self, after: str) -> None:
        """Start again a run that ended by itself, which is a complaint."""
        code = self.supervisor().poll()
        if code is not None:
            self.complaints.append(f"the run ended by itself with exit code {code} after {after}: {self._last_words()}")
            self.monitor.start()

    def _last_words(self) -> str:
        return " | ".join(line[:300] for line in self.monitor.log.splitlines()[-3:])

    def end_leftovers(self) -> None:
        """End what a failed campaign leaves running."""
        process = self.monitor.process
        if process is not None and process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.monitor.stop()
            if process.poll() is None:
                self.monitor.kill()
        for child in read_children(self.monitor.state_dir / "children.json"):
            if started_ticks(child.pid) == child.started_ticks:
                signalled(child.pid, signal.SIGKILL)


def waited_for(look: Callable[[], Found | None], within_s: float, *, every_s: float = 0.05) -> Found | None:
    """The first answer that is not None, or None when the time is over."""
    deadline = time.monotonic() + within_s
    while (found := look()) is None and time.monotonic() < deadline:
        time.sleep(every_s)
    return found


def signalled(pid: int, number: signal.Signals) -> bool:
    """True if the process was there to get the signal."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


@contextlib.contextmanager
def stopped(pid: int) -> Iterator[None]:
    """The process stands still in the block; it may be killed meanwhile."""
    try:
        stand_still(pid)
    except ProcessLookupError:
        raise NotDone(f"process {pid} was gone") from None
    try:
        yield
    finally:
        signalled(pid, signal.SIGCONT)


def listening_port(pid: int) -> int:
    """The port on which the process and nobody else listens."""
    try:
        ports = [one.laddr.port for one in psutil.Process(pid).net_connections("tcp") if one.status == psutil.CONN_LISTEN]
    except psutil.Error:
        ports = []
    if not ports:
        raise NotDone(f"process {pid} listens nowhere yet")
    return int(min(ports))
