"""Writes what a process says as JSON lines: `python -I -S stderr_pump.py STAGE LINES`.

Its input is that process's standard error, the descriptor LINES brings its log lines. One writer for both, because a line that is longer
than 4 KiB would be cut by another one's. A process of its own, because what is said last matters most: a fatal error's last words come
when no thread of that process runs any more. To each `log_lines.MARK` it answers on standard output, once all before it is written. It
ends when the last process that holds the pipes has ended.
"""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path


def pump(sources: tuple[int, ...], target: int, stage: str) -> None:
    """Copy until the sources end. Lines that cannot be written, for example to a file on a full disk, are counted, and the count is
    told once there is room again."""
    sys.path.append(str(Path(__file__).resolve().parent))
    from log_lines import MARK, folded, lines_lost  # type: ignore[import-not-found]  # newsmon's packages are not on the path

    lost_count, torn = 0, False
    for line in folded(sources, stage):
        if line == MARK:
            with suppress(OSError):  # the one who asked has not waited
                os.write(1, b".")
            continue
        told = [line] if not lost_count else [lines_lost(lost_count, stage), line]
        left = memoryview(("\n" if torn else "").encode() + "".join(f"{one}\n" for one in told).encode("utf-8", "replace"))
        try:
            while left:
                left = left[os.write(target, left) :]
                torn = True
        except OSError:
            lost_count += 1
            continue
        lost_count, torn = 0, False


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the process it serves decides when to end
    pump((0, int(sys.argv[2])), 2, sys.argv[1])
