"""One stage as a process, as operators start it; and other commands beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.run_watch import wait_until_stoppable

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("NEWSMON_")}
ENDS_WITHIN_S = 90


@contextmanager
def stage(name: str, config: Path) -> Iterator[Path]:
    """`newsmon NAME` until the block ends, and its log; then it is asked to end and must do so well."""
    log = config.parent / f"{name}.log"
    with log.open("ab") as lines:
        process = subprocess.Popen(_command(config, name), stdout=lines, stderr=lines, env=ENVIRONMENT)
    try:
        yield log
        wait_until_stoppable(process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(ENDS_WITHIN_S) == 0, log.read_text()[-3000:]
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(60)


def newsmon(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself, and what it said."""
    return subprocess.run(_command(config, *arguments), capture_output=True, text=True, timeout=180, env=ENVIRONMENT)


def _command(config: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-Im", "newsmon", *arguments, "--config", str(config)]
