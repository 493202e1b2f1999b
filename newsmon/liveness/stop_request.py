"""The wish of a signal that `newsmon run` or a stage should stop, noted from the first moment on.

`catch_stop_signals` runs before anything else is imported, so that SIGTERM or Ctrl-C while Python still loads the program ends it as
cleanly as one that comes later. I/O: signal handlers.

The notes are plain attributes: a handler may interrupt any line of the main thread, and taking a lock there, as threading.Event does,
can wait for itself forever.
"""

from __future__ import annotations

import signal
from types import FrameType


class StopRequest:
    """`is_asked`: drain and stop. `is_urgent`: a second signal came, so do not wait for anything."""

    def __init__(self) -> None:
        self.is_asked = False
        self.is_urgent = False

    def note(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        """Note one signal."""
        self.is_urgent = self.is_asked
        self.is_asked = True


STOP = StopRequest()  # of this process


def catch_stop_signals() -> None:
    """From now on SIGTERM and SIGINT are only noted. May be called again."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, STOP.note)
