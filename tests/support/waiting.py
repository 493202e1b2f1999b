"""Waits with a deadline where the standard library's own have none."""

from __future__ import annotations

import threading
from typing import IO

WITHIN_S = 120.0  # machines that run tests stall; a minute more costs only a test that fails


def next_line(stream: IO[str] | None, *, within_s: float = WITHIN_S) -> str:
    """Return the next line of a child's pipe, "" at its end; fail if neither comes in time."""
    assert stream is not None
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.append(stream.readline()), daemon=True)
    reader.start()
    joined(reader, "a line of the child's output", within_s=within_s)
    return lines[0]


def joined(thread: threading.Thread, what: str = "the end of the thread", *, within_s: float = WITHIN_S) -> None:
    """Return when the thread has ended; fail if it has not in time."""
    thread.join(within_s)
    assert not thread.is_alive(), f"not within {within_s:.0f} s: {what}"
