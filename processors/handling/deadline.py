"""A limit on the processor time of one decision, so that one hostile record cannot block a partition.

Python code that spins (a pathological text, an endless loop of ours) never returns control to the event loop, so asyncio cannot
interrupt it. The kernel's virtual timer can. It counts only this process's processor time: a slow broker, a busy machine or a
suspended laptop never counts against a record.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class DeadlineError(Exception):
    """The decision used more processor time than a record may take."""


@contextmanager
def cpu_deadline(seconds: float) -> Iterator[None]:
    """Raise DeadlineError inside the block once it has used `seconds` of processor time. Does nothing off the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    armed = True

    def out_of_time(_number: int, _frame: FrameType | None) -> None:
        if armed:  # a signal that arrives after the block has ended belongs to no block
            raise DeadlineError(f"no decision within {seconds:g} s of processor time")

    previous = signal.signal(signal.SIGVTALRM, out_of_time)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)
