"""SIGTERM and SIGINT as an event that the loops of a stage look at."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from newsmon.liveness.stop_request import STOP


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM or SIGINT sets; the loops finish the batch under way and end. Main thread only.

    It is set from the start if one of them came while the program was loading. The previous handlers come back at the end of the block.
    """
    stop = threading.Event()

    def set_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    previous = {number: signal.signal(number, set_stop) for number in (signal.SIGTERM, signal.SIGINT)}
    if STOP.is_asked:
        stop.set()
    try:
        yield stop
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
