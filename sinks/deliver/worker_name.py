"""Who holds a lease: a name that tells, on the same machine, whether its process still lives.

I/O: the process table.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable

import psutil


def worker_name() -> str:
    """`host/pid/start`: unlike the pid alone, never used again by another process."""
    return f"{socket.gethostname()}/{os.getpid()}/{_started(os.getpid())}"


def dead_workers(names: Iterable[str]) -> frozenset[str]:
    """Those of this machine whose process is gone. Of other machines nothing is known: their leases end by themselves."""
    return frozenset(name for name in names if _is_dead(name))


def _started(pid: int) -> str:
    return f"{psutil.Process(pid).create_time():.2f}"


def _is_dead(name: str) -> bool:
    host, _, process = name.partition("/")
    pid, _, started = process.partition("/")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        return _started(int(pid)) != started
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False
