"""Jobs for worker processes that behave badly; a worker imports them by name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def spin(_job: object) -> None:
    """Use the processor until somebody ends the process."""
    while True:
        pass


def sleep(seconds: float) -> str:
    """Do nothing for a while, as on a machine that is busy with something else."""
    time.sleep(seconds)
    return "done"


def end_by(number: int) -> None:
    """End the worker's process by a signal."""
    os.kill(os.getpid(), number)
    time.sleep(60)


def killed_the_first_times(job: tuple[Path, int]) -> str:
    """Be killed from outside as often as `job` says, then answer; the file counts the attempts."""
    counter, times = job
    with counter.open("a") as file:
        file.write(".")
    if counter.stat().st_size <= times:
        end_by(signal.SIGKILL)
    return f"done at attempt {counter.stat().st_size}"
