"""Why a worker process gave no result, and whether the job or our own machine is to blame."""

from __future__ import annotations

import signal
from enum import StrEnum


class WorkerFault(StrEnum):
    """The reason for a job without a result; a metric label."""

    CPU_LIMIT = "cpu_limit"  # used more processor time than a job may
    JOB_FAILED = "job_failed"  # a bug in a parser, or too much memory
    CRASHED = "crashed"  # the parser took its process down
    KILLED = "killed"  # from outside, for example by the kernel when memory runs out
    NOT_STARTED = "not_started"
    HUNG = "hung"  # did nothing for minutes: the machine was suspended, or a parser waits for something that never comes


OURS = frozenset({WorkerFault.KILLED, WorkerFault.NOT_STARTED, WorkerFault.HUNG})
"""Faults that say nothing about the job: the feed did nothing wrong, and its poll is repeated soon."""

IN_PLACE = OURS - {WorkerFault.HUNG}
"""Faults after which the same bytes are tried again at once; not a job that hung, which has occupied its worker long enough."""

FROM_OUTSIDE = frozenset({-signal.SIGKILL, -signal.SIGTERM})


def fault_of_exit(code: int | None, *, cpu_limit_s: float) -> tuple[WorkerFault, str]:
    """The fault and its detail for a worker that exited during a job; `code` as in subprocess, None if unknown."""
    if code == -signal.SIGXCPU:
        return WorkerFault.CPU_LIMIT, f"not parsed within {cpu_limit_s:g} s of processor time"
    if code is None or code in FROM_OUTSIDE:
        return WorkerFault.KILLED, "the worker process was killed from outside, perhaps because memory ran out; the feed is not to blame"
    if code < 0:
        return WorkerFault.CRASHED, f"the parser crashed its process (signal {-code})"
    return WorkerFault.NOT_STARTED, f"the worker process exited before it began (exit status {code})"
