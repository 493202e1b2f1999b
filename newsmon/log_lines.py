"""Makes one JSON object of every line that is none: tracebacks of the interpreter, thread stacks, what libraries print.

In: bytes from a process's standard error. Out: JSON lines. Standard library only: `stderr_pump` runs it without newsmon's packages.
"""

from __future__ import annotations

import json
import os
import select
from datetime import UTC, datetime

EVENT = "stderr"
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
        self.ended = False

    @property
    def waiting(self) -> bool:
        """True while a block or the beginning of a line waits for more."""
        return bool(self._rest or self._block)

    def feed(self, raw: bytes) -> list[str]:
        """The lines that are complete now."""
        *lines, self._rest = (self._rest + raw).split(b"\n")
        said: list[str] = []
        for line in lines:
            said += self._line(line.decode("utf-8", "replace"))
        return said

    def pause(self) -> list[str]:
        """Nothing came for a moment: the block is complete. The beginning of a JSON line still waits for its end."""
        if self._rest and not self._rest.lstrip().startswith(b"{"):
            rest, self._rest = self._rest, b""
            self._add(rest.decode("utf-8", "replace"))
        return self._end_block()

    def close(self) -> list[str]:
        """Nothing more comes."""
        self.ended = True
        rest, self._rest = self._rest, b""
        return (self._line(rest.decode("utf-8", "replace")) if rest else []) + self._end_block()

    def _line(self, line: str) -> list[str]:
        if is_json_object(line):
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


def next_lines(source: int, folder: LineFolder) -> list[str] | None:
    """The next JSON lines of what is read from the descriptor; None at its end, once all is said."""
    if folder.ended:
        return None
    if folder.waiting and not select.select([source], [], [], PAUSE_S)[0] and (said := folder.pause()):
        return said
    raw = os.read(source, CHUNK_BYTES)
    return folder.feed(raw) if raw else folder.close()


def is_json_object(line: str) -> bool:
    """Whether the line is one JSON object already."""
    if not line.lstrip().startswith("{"):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def as_json(text: str, stage: str) -> str:
    """The text as one log line."""
    level = "error" if any(word in text for word in GRAVE) else "warning"
    stamp = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({"event": EVENT, "text": text, "level": level, "timestamp": stamp, "stage": stage}, ensure_ascii=False)
