"""Signals of the test session, whoever started it.

A shell without job control starts a background job with SIGINT ignored, so that Ctrl-C reaches the foreground only, and every child
inherits that. newsmon honours it: its commands that end on KeyboardInterrupt then run on. Tests that press Ctrl-C want the terminal's
case, so the session goes back to it once, for itself and for every process that any test starts.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from support.waiting import WITHIN_S


def as_started_from_a_terminal() -> None:
    """Obey SIGINT and SIGTERM again if whoever started us had them ignored or blocked."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_IGN:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})


def stand_still(pid: int, *, within_s: float = WITHIN_S) -> None:
    """Stop the process and return once all its threads stand still; ProcessLookupError if it is or goes away.

    SIGSTOP returns before it has worked, and a process takes pending signals by number: a SIGTERM sent right after it is obeyed first.
    """
    os.kill(pid, signal.SIGSTOP)
    deadline = time.monotonic() + within_s
    while moving := thread_states(pid) - {"T", "t"}:
        if moving & {"Z", "X"}:
            raise ProcessLookupError(f"process {pid} has ended")
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s: process {pid} stands still, its threads are {sorted(moving)}"
        time.sleep(0.005)


def thread_states(pid: int) -> set[str]:
    """The kernel's letters for what the threads of the process do ("R", "S", "T" …); ProcessLookupError if it is gone."""
    states = set()
    for thread in Path(f"/proc/{pid}/task").glob("*/stat"):
        try:
            states.add(thread.read_text().rpartition(")")[2].split()[0])
        except (FileNotFoundError, ProcessLookupError):  # this thread has ended since it was listed
            continue
    if not states:
        raise ProcessLookupError(f"process {pid} is gone")
    return states
