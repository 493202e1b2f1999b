"""Reads an archive in the order of time: plain or gzip, of any size.

In: a file of JSON lines. Out: `(time, number, line)` in the order of time, ties in file order; every bad line is reported.
I/O: the file, and temporary files where it is larger than what is sorted at once.
"""

from __future__ import annotations

import gzip
import heapq
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from newsmon.errors import Problem, SettingsError
from producers.articles.archive_lines import MAX_LINE_BYTES, Line, Refusal, line_of, seen_at
from producers.articles.backfill_lines import BadLine

RUN_BYTES = 64_000_000  # of lines sorted in memory at once
GZIP_MAGIC = b"\x1f\x8b"
Timed = tuple[datetime, int, bytes]


def opened(file: Path) -> IO[bytes]:
    """The file's bytes, unpacked if it is a gzip file, whatever its name."""
    with file.open("rb") as start:
        is_packed = start.read(2) == GZIP_MAGIC
    return cast(IO[bytes], gzip.open(file, "rb")) if is_packed else file.open("rb")


def numbered_lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """The file's lines with their numbers from 1, without blank ones. Only the start of an overlong line is kept in memory.

    SettingsError for a gzip file that is damaged, after the lines before the damage.
    """
    number = 0
    with opened(file) as stream:
        try:
            for number, line in enumerate(_lines(stream.readline), start=1):
                if line.strip():
                    yield number, line.strip()
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:  # click would take EOFError for Ctrl-D
            raise SettingsError([Problem(f"{file}:{number + 1}", f"the gzip file is cut short or damaged: {error}")]) from error


def _lines(readline: Callable[[int], bytes]) -> Iterator[bytes]:
    limit = MAX_LINE_BYTES + 2  # one byte too many, and the line's end
    while line := readline(limit):
        yield line
        while not line.endswith(b"\n") and (line := readline(limit)):
            pass  # the rest of a line that is rejected anyway


def in_order(file: Path, *, now: datetime, on_bad_line: Callable[[BadLine], None]) -> Iterator[tuple[datetime, int, Line]]:
    """The file's good lines in the order in which the service would have seen them."""
    with ExitStack() as stack:
        for at, number, raw in _sorted(_timed(file, now, on_bad_line), stack):
            line = line_of(raw)
            assert isinstance(line, Line)
            yield at, number, line


def _timed(file: Path, now: datetime, on_bad_line: Callable[[BadLine], None]) -> Iterator[Timed]:
    for number, raw in numbered_lines(file):
        line = line_of(raw)
        at = line if isinstance(line, Refusal) else seen_at(line, now)
        if isinstance(at, Refusal):
            on_bad_line(BadLine(number, at.reason, at.why))
        else:
            yield at, number, raw


def _sorted(lines: Iterator[Timed], stack: ExitStack) -> Iterator[Timed]:
    """All lines by time and number. One run is held in memory, further ones in temporary files."""
    runs: list[Iterator[Timed]] = []
    held: list[Timed] = []
    size = 0
    for one in lines:
        held.append(one)
        size += len(one[2])
        if size >= RUN_BYTES:
            runs.append(_spilled(sorted(held), stack))
            held, size = [], 0
    return heapq.merge(*runs, sorted(held))


def _spilled(lines: list[Timed], stack: ExitStack) -> Iterator[Timed]:
    file = stack.enter_context(tempfile.TemporaryFile(prefix="newsmon-"))  # noqa: SIM115 - the stack closes it
    for at, number, raw in lines:
        file.write(f"{at.isoformat()} {number} ".encode() + raw + b"\n")
    file.seek(0)
    return map(_timed_again, file)


def _timed_again(line: bytes) -> Timed:
    at, number, raw = line.removesuffix(b"\n").split(b" ", 2)
    return datetime.fromisoformat(at.decode()), int(number), raw
