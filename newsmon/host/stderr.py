"""Makes all that a process says on standard error JSON lines, whoever says it: the interpreter, a library, a child of its own.

Standard error and the log lines go through two pipes to one pump (`newsmon.stderr_pump`), which writes to the standard error there was.
A stage that `newsmon run` started needs no pump: the supervisor reads both. I/O: file descriptor 2, a process.

Before the process ends it waits for the pump: in a container, and under systemd, the end of the main process ends all others at once,
and why it ended is what it said last.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from newsmon import stderr_pump
from newsmon.log_lines import MARK
from newsmon.logs import Descriptor, LineStream, is_json
from newsmon.settings import LogSettings

PUMPED = "NEWSMON_STDERR"  # the descriptor for log lines, in a process whose standard error somebody turns into JSON lines
FINISH_WITHIN_S = 2.0


@dataclass(frozen=True, slots=True)
class Pumped:
    """The descriptors that lead to the pump, and the one on which it answers."""

    raw: int
    lines: int
    answers: int

    def finish(self, *, within_s: float = FINISH_WITHIN_S) -> None:
        """Return once all that was said so far is written; after a moment also if nobody takes it."""
        deadline_s = time.monotonic() + within_s
        with contextlib.suppress(OSError, ValueError):  # a closed standard error, a dead pump
            sys.stderr.flush()
            for writing in (self.lines, self.raw):  # one after the other: log lines, then what the interpreter says at the end
                if not select.select([], [writing], [], max(deadline_s - time.monotonic(), 0.0))[1]:
                    return
                os.write(writing, b"\n" + MARK.encode() + b"\n")
                if not select.select([self.answers], [], [], max(deadline_s - time.monotonic(), 0.0))[0]:
                    return
                os.read(self.answers, 1)


_pumped: list[Pumped] = []  # at most one


def finish_stderr() -> None:
    """Wait until the pump has written everything. A process that ends without Python's own exit calls it itself."""
    for pumped in _pumped:
        pumped.finish()


def own_stderr(settings: LogSettings, *, stage: str, environ: Mapping[str, str] = os.environ) -> LineStream:
    """The stream for this process's log lines. With JSON lines, file descriptor 2 becomes a pipe to a pump until the process ends."""
    given = environ.get(PUMPED, "")
    if given.isdecimal():
        os.set_inheritable(int(given), False)  # noqa: FBT003 - it takes no keywords
        return Descriptor(int(given))
    if not is_json(settings, Descriptor(2)):
        return Descriptor(2)
    sys.stderr.flush()
    raw_reading, raw_writing = os.pipe()
    lines_reading, lines_writing = os.pipe()
    answers_reading, answers_writing = os.pipe()
    try:
        subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(stderr_pump.__file__)), stage, str(lines_reading)],
            stdin=raw_reading,
            stdout=answers_writing,
            pass_fds=(lines_reading,),
            start_new_session=True,  # Ctrl-C is for the process it serves, whose last words it still has to write
        )
    except OSError:  # no memory or no process left: raw lines are better than none
        os.close(raw_writing)
        os.close(lines_writing)
        os.close(answers_reading)
        return Descriptor(2)
    finally:
        os.close(raw_reading)
        os.close(lines_reading)
        os.close(answers_writing)
    kept = os.dup(2)
    os.dup2(raw_writing, 2)
    os.close(raw_writing)
    if not _pumped:
        atexit.register(finish_stderr)
    _pumped[:] = [Pumped(2, lines_writing, answers_reading)]
    return Descriptor(lines_writing, otherwise=kept)


def hand_on_stderr(environ: Mapping[str, str] = os.environ) -> None:
    """Let the program that takes this one's place write its log lines where this one does."""
    given = environ.get(PUMPED, "")
    if given.isdecimal():
        os.set_inheritable(int(given), True)  # noqa: FBT003 - it takes no keywords
