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
from typing import IO

from newsmon.kafka.broker import die_with_parent
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
        """`listening` is the socket on which the stage serves its metrics; it stays open here for the next run of the stage."""
        self.stage = stage
        self.started_at_s = time.monotonic()
        launcher = [sys.executable, "-I", "-S", str(Path(die_with_parent.__file__)), str(os.getpid())]
        # -I keeps the working directory off the import path: a stray `processors/` there must not win
        command = [*launcher, sys.executable, "-Im", "newsmon", stage, *arguments]
        self._process = subprocess.Popen(
            command,
            env=dict(environ) | ({} if listening is None else {HANDED_OVER: str(listening.fileno())}),
            pass_fds=() if listening is None else (listening.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if on_line else None,
            start_new_session=True,
        )
        if on_line and self._process.stderr:
            threading.Thread(target=self._pump, args=(self._process.stderr, on_line), name=f"{stage}-log", daemon=True).start()

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

    def _pump(self, stream: IO[bytes], on_line: LineSink) -> None:
        for raw in stream:
            on_line(self.stage, raw.decode("utf-8", "replace").rstrip("\n"))
