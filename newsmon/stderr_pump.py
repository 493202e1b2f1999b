"""Writes what a process says on standard error as JSON lines: `python -I -S stderr_pump.py STAGE`, its input is that process's stderr.

A process of its own, because what is said last matters most: a fatal error's last words come when no thread of that process runs any
more. It ends when the last process that holds the pipe has ended.
"""

import os
import signal
import sys
from pathlib import Path


def pump(source: int, target: int, stage: str) -> None:
    """Copy until the end of `source`. A target that cannot be written, such as a file on a full disk, costs those lines only."""
    sys.path.append(str(Path(__file__).resolve().parent))
    from log_lines import LineFolder, next_lines  # type: ignore[import-not-found]  # newsmon's packages are not on the path

    folder = LineFolder(stage)
    while (lines := next_lines(source, folder)) is not None:
        for line in lines:
            left = memoryview(line.encode("utf-8", "replace") + b"\n")
            try:
                while left:
                    left = left[os.write(target, left) :]
            except OSError:
                break


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the process it serves decides when to end
    pump(0, 2, sys.argv[1])
