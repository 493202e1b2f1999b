"""Makes one JSON object of every line that is none: tracebacks of the interpreter, thread stacks, what libraries print.

In: bytes from a process's standard error. Out: JSON lines. Standard library only: `stderr_pump` runs it without newsmon's packages.
"""

from __future__ import annotations

import json
import os
import select
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

EVENT, LOST_EVENT = "stderr", "log.lines_lost"
MARK = "\0all-said"  # a line by which a process asks whether everything before it is written; ends the block, and is none itself
# A block is what comes without a pause; longer ones are told in parts.
MOST_LINES, MOST_CHARS = 200, 16_000
PAUSE_S = 0.2
CHUNK_BYTES = 65_536
GRAVE = ("Traceback (most recent call last)", "newsmon: ", "Fatal Python error", "panicked at")


class LineFolder:
    """Turns a stream of bytes into JSON lines. Lines that are JSON objects pass as they are; others wait for their block's end."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._rest = b""
        self._block: list[str] = []
        self._size = 0

    @property
    def waiting(self) -> bool:
        """True while a pause would tell something."""
        return bool(self._block or (self._rest and not self._begins_json))

    @property
    def _begins_json(self) -> bool:
        return self._rest.lstrip().startswith(b"{")

    def feed(self, raw: bytes) -> list[str]:
        """The lines that are complete now."""
        *lines, self._rest = (self._rest + raw).split(b"\n")
        said: list[str] = []
        for line in lines:
            said += self._line(line.decode("utf-8", "replace"))
        return said

    def pause(self) -> list[str]:
        """Nothing came for a moment: the block is complete. The beginning of a JSON line still waits for its end."""
        if self._rest and not self._begins_json:
            rest, self._rest = self._rest, b""
            self._add(rest.decode("utf-8", "replace"))
        return self._end_block()

    def close(self) -> list[str]:
        """Nothing more comes."""
        rest, self._rest = self._rest, b""
        return (self._line(rest.decode("utf-8", "replace")) if rest else []) + self._end_block()

    def _line(self, line: str) -> list[str]:
        if line == MARK or is_json_object(line):
            return [*self._end_block(), line]
        self._add(line)
        return self._end_block() if len(self._block) >= MOST_LINES or self._size >= MOST_CHARS else []

    def _add(self, line: str) -> None:
        self._block.append(line.rstrip("\r"))
        self._size += len(line)

    def _end_block(self) -> list[str]:
        text = "\n".join(self._block).strip("\n")
        self._block, self._size = [], 0
        return [as_json(text, self._stage)] if text.strip() else []


def folded(sources: Iterable[int], stage: str) -> Iterator[str]:
    """The JSON lines of all that is read from these descriptors, until each has ended."""
    folders = {source: LineFolder(stage) for source in sources}
    while folders:
        timeout_s = PAUSE_S if any(folder.waiting for folder in folders.values()) else None
        ready = select.select(list(folders), [], [], timeout_s)[0]
        if not ready:
            for folder in folders.values():
                yield from folder.pause()
        for source in ready:
            raw = os.read(source, CHUNK_BYTES)
            if raw:
                yield from folders[source].feed(raw)
            else:
                yield from folders.pop(source).close()


def is_json_object(line: str) -> bool:
    """Whether the line is one JSON object already."""
    if not line.lstrip().startswith("{"):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):  # whoever nests that deep must not silence the others
        return False


def as_json(text: str, stage: str) -> str:
    """The text as one log line."""
    return _line(EVENT, "error" if any(word in text for word in GRAVE) else "warning", stage, text=text)


def lines_lost(count: int, stage: str) -> str:
    """The log line that says how many others could not be written."""
    return _line(LOST_EVENT, "warning", stage, count=count)


def _line(event: str, level: str, stage: str, **said: object) -> str:
    stamp = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({"event": event, **said, "level": level, "timestamp": stamp, "stage": stage}, ensure_ascii=False)
