"""Does a piece of work in a copy of this process, so that the memory it needs goes with the copy, and this process can do something else.

In: a function whose result can be pickled. Out: its result. I/O: a process, a pipe. For a process that has only one thread.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Forked(Generic[T]):
    """The work begins at once; `outcome` waits for it. If the copy gives none, for whatever reason, `outcome` does the work itself."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._pid, self._reading = 0, -1
        try:
            self._reading, writing = os.pipe()
            self._pid = os.fork()
        except OSError:  # no process, memory or descriptor left
            return
        if self._pid:
            os.close(writing)
            return
        code = 1
        with suppress(BaseException):  # what happens in the copy must not go on into our caller, twice
            os.close(self._reading)
            answer = pickle.dumps(work())
            with os.fdopen(writing, "wb") as out:
                out.write(answer)
            code = 0
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)

    def outcome(self) -> T:
        answer, status = b"", 1
        if self._reading >= 0:
            with os.fdopen(self._reading, "rb") as reading:
                answer = reading.read() if self._pid else b""
        if self._pid:
            _pid, status = os.waitpid(self._pid, 0)
        if status != 0 or not answer:
            return self._work()
        found: Any = pickle.loads(answer)  # noqa: S301 - our own copy wrote it
        return found  # type: ignore[no-any-return]
