"""Makes all that a process says on standard error JSON lines, whoever says it: the interpreter, a library, a child of its own.

Standard error and the log lines go through two pipes to one pump (`newsmon.stderr_pump`), which writes to the standard error there was.
A stage that `newsmon run` started needs no pump: the supervisor reads both. I/O: file descriptor 2, a process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from newsmon import stderr_pump
from newsmon.logs import Descriptor, LineStream, is_json
from newsmon.settings import LogSettings

PUMPED = "NEWSMON_STDERR"  # the descriptor for log lines, in a process whose standard error somebody turns into JSON lines


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
    try:
        subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(stderr_pump.__file__)), stage, str(lines_reading)],
            stdin=raw_reading,
            stdout=subprocess.DEVNULL,
            pass_fds=(lines_reading,),
            start_new_session=True,  # Ctrl-C is for the process it serves, whose last words it still has to write
        )
    except OSError:  # no memory or no process left: raw lines are better than none
        os.close(raw_writing)
        os.close(lines_writing)
        return Descriptor(2)
    finally:
        os.close(raw_reading)
        os.close(lines_reading)
    kept = os.dup(2)
    os.dup2(raw_writing, 2)
    os.close(raw_writing)
    return Descriptor(lines_writing, otherwise=kept)


def hand_on_stderr(environ: Mapping[str, str] = os.environ) -> None:
    """Let the program that takes this one's place write its log lines where this one does."""
    given = environ.get(PUMPED, "")
    if given.isdecimal():
        os.set_inheritable(int(given), True)  # noqa: FBT003 - it takes no keywords
