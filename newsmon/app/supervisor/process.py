"""One stage as a child process that ends with its parent and whose log lines are kept.

I/O: the process, its stderr. The child runs in its own session, so that Ctrl-C reaches only the supervisor, which then drains
the stages in order. The kernel ends the child when the supervisor dies (die_with_parent).
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from newsmon.host.stderr import PUMPED
from newsmon.kafka.broker import die_with_parent
from newsmon.log_lines import folded
from newsmon.net.listening import HANDED_OVER

LineSink = Callable[[str, str], None]  # (stage, line)


class StageProcess:
    """One run of one stage; a restart creates a new one. Create it on a thread that lives as long as the process."""

    def __init__(
        self,
        stage: str,
        arguments: list[str],
        environ: Mapping[str, str],
        on_line: LineSink | None,
        *,
        listening: socket.socket | None = None,
    ) -> None:
        """`listening` is the socket on which the stage serves its metrics; it stays open here for the next run of the stage.

        OSError if the machine has no process, memory or descriptor left for it.
        """
        self.stage = stage
        self.started_at_s = time.monotonic()
        launcher = [sys.executable, "-I", "-S", str(Path(die_with_parent.__file__)), str(os.getpid())]
        # -I keeps the working directory off the import path: a stray `processors/` there must not win
        command = [*launcher, sys.executable, "-Im", "newsmon", stage, *arguments]
        lines_reading, lines_writing = os.pipe() if on_line else (-1, -1)
        handed = {} if listening is None else {HANDED_OVER: str(listening.fileno())}
        if on_line:
            handed[PUMPED] = str(lines_writing)
        try:
            self._process = subprocess.Popen(
                command,
                env=dict(environ) | handed,
                pass_fds=tuple(int(number) for number in handed.values()),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE if on_line else None,
                start_new_session=True,
            )
        except OSError:
            if on_line:
                os.close(lines_reading)
                os.close(lines_writing)
            raise
        if on_line and self._process.stderr:
            os.close(lines_writing)
            sources = (self._process.stderr.fileno(), lines_reading)
            threading.Thread(target=self._pump, args=(sources, on_line), name=f"{stage}-log", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def lived_s(self) -> float:
        return time.monotonic() - self.started_at_s

    def poll(self) -> int | None:
        """None while it runs, then its exit code (negative: the signal)."""
        return self._process.poll()

    def ask_to_stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()

    def wait(self, timeout_s: float) -> bool:
        """True if it ends within the time."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(timeout_s, 0.0))
        return self._process.poll() is not None

    def kill(self) -> None:
        """SIGKILL, which ends also a process that was stopped. `poll` tells when it has ended: that may take a while on a hung disk."""
        if self._process.poll() is None:
            self._process.kill()

    def _pump(self, sources: tuple[int, int], on_line: LineSink) -> None:
        """Tell all that the stage says, as JSON lines: on standard error, and its log lines on a pipe of their own, see `own_stderr`."""
        for line in folded(sources, self.stage):
            on_line(self.stage, line)
        os.close(sources[1])
