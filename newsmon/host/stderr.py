"""Makes all that a process says on standard error JSON lines, whoever says it: the interpreter, a library, a child of its own.

Log lines go straight to the standard error there was; everything else goes through a pump (`newsmon.stderr_pump`). A stage that
`newsmon run` started needs no pump: the supervisor reads its standard error and does the same. I/O: file descriptor 2, a process.
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

PUMPED = "NEWSMON_STDERR"  # set in the environment of a process whose standard error somebody turns into JSON lines


def own_stderr(settings: LogSettings, *, stage: str, environ: Mapping[str, str] = os.environ) -> LineStream:
    """The stream for this process's log lines. With JSON lines, file descriptor 2 becomes a pipe to a pump until the process ends."""
    plain = Descriptor(2)
    if not is_json(settings, plain) or environ.get(PUMPED):
        return plain
    sys.stderr.flush()
    kept = os.dup(2)
    reading, writing = os.pipe()
    try:
        subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(stderr_pump.__file__)), stage],
            stdin=reading,
            stdout=subprocess.DEVNULL,
            stderr=kept,
            start_new_session=True,  # Ctrl-C is for the process it serves, whose last words it still has to write
        )
    except OSError:  # no memory or no process left: raw lines are better than none
        os.close(kept)
        os.close(writing)
        return plain
    finally:
        os.close(reading)
    os.dup2(writing, 2)
    os.close(writing)
    return Descriptor(kept)
