"""Follows one HTTP answer through the bytes of a connection: its head, its body, and what comes after it and is not part of it.

In: bytes as they arrive. Out: the same answer as strict HTTP/1.1, for a strict parser. Chunks are read as curl reads them: any extension,
bare line ends and broken trailers pass. A body that ends before its length or its last chunk stays cut.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from producers.answers.heads import MAX_HEAD_BYTES, UnreadableAnswer, may_be_head, read_head

MAX_SIZE_LINE_BYTES = 16 * 1024  # a chunk's size with its extensions
MAX_TRAILER_BYTES = 64 * 1024

_BLANK_LINE = re.compile(rb"\n\r*\n")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})(?![0-9A-Za-z])")


class _At(Enum):
    HEAD = auto()
    COUNTED = auto()
    TO_CLOSE = auto()
    SIZE = auto()
    CHUNK = auto()
    CHUNK_END = auto()
    TRAILER = auto()
    END = auto()


class AnswerReader:
    """One answer. The connection is not used again if it is `odd` (read leniently), has `surplus` (bytes after its end) or is `broken`."""

    def __init__(self) -> None:
        self.odd = False
        self.surplus = False
        self.broken: UnreadableAnswer | None = None
        self._at = _At.HEAD
        self._held = bytearray()  # of a head or a line that is not complete yet
        self._searched = 0
        self._head_bytes = 0
        self._left = 0  # of the counted body or chunk

    @property
    def has_ended(self) -> bool:
        return self._at is _At.END

    def feed(self, data: bytes) -> bytes:
        """The strict form of these bytes, as far as they can be read."""
        out: list[bytes] = []
        left = data
        try:
            while left and self.broken is None:
                if self._at is _At.END:
                    self.surplus = True
                    break
                if self._at is _At.TO_CLOSE:
                    out.append(left)
                    break
                left = self._counted(left, out) if self._at in (_At.COUNTED, _At.CHUNK) else self._line(left, out)
        except UnreadableAnswer as error:
            self.broken = error
        return b"".join(out)

    def end(self) -> bytes:
        """What a strict parser still needs when the connection has ended: a body is complete with its last chunk."""
        if self._at is _At.HEAD and self._held and not may_be_head(bytes(self._held[:16]).ljust(16)):
            self.broken = UnreadableAnswer("it is not HTTP")
        if self._at is not _At.TRAILER:
            return b""
        self._at = _At.END
        return b"0\r\n\r\n"

    def _counted(self, data: bytes, out: list[bytes]) -> bytes:
        piece = data[: self._left]
        out.append(piece)
        self._left -= len(piece)
        if self._left == 0:
            self._at = _At.END if self._at is _At.COUNTED else _At.CHUNK_END
        return data[len(piece) :]

    def _line(self, data: bytes, out: list[bytes]) -> bytes:
        """Hold the data until the head or line is complete; what follows it is returned."""
        if self._at is _At.HEAD:
            return self._head(data, out)
        line, newline, after = data.partition(b"\n")
        self._held += line
        if len(self._held) > (MAX_TRAILER_BYTES if self._at is _At.TRAILER else MAX_SIZE_LINE_BYTES):
            raise UnreadableAnswer("a line between its chunks is too long")
        if not newline:
            return b""
        whole = bytes(self._held)
        self._held.clear()
        if self._at is _At.SIZE:
            self._size(whole, out)
        elif self._at is _At.CHUNK_END:
            if whole.strip(b"\r"):
                raise UnreadableAnswer("a chunk is longer than its stated size")
            out.append(b"\r\n")
            self._at = _At.SIZE
        else:
            self._trailer(whole, out)
        return after

    def _head(self, data: bytes, out: list[bytes]) -> bytes:
        self._held += data
        if not self._searched:
            del self._held[: len(self._held) - len(self._held.lstrip(b"\r\n \t"))]  # blank lines before the status line
            self._head_bytes += len(data) if not self._held else 0
            if not may_be_head(bytes(self._held[:16])):
                raise UnreadableAnswer("it is not HTTP")
        blank = _BLANK_LINE.search(self._held, self._searched)
        size = blank.end() if blank is not None else len(self._held)
        if self._head_bytes + size > MAX_HEAD_BYTES:
            raise UnreadableAnswer(f"its head is longer than {MAX_HEAD_BYTES // 1024} KB")
        if blank is None:
            self._searched = max(0, len(self._held) - 1)
            while self._searched and self._held[self._searched] == 13:  # a blank line may have begun: \n\r\r
                self._searched -= 1
            return b""
        raw, after = bytes(self._held[:size]), bytes(self._held[size:])
        self._held.clear()
        self._searched, self._head_bytes = 0, self._head_bytes + size
        head = read_head(raw)
        self.odd = self.odd or head.odd
        if head.is_interim:
            return after
        out.append(head.text)
        self._left = head.length or 0
        if not head.has_body or head.length == 0:
            self._at = _At.END
        elif head.chunked:
            self._at = _At.SIZE
        else:
            self._at = _At.TO_CLOSE if head.length is None else _At.COUNTED
        return after

    def _size(self, line: bytes, out: list[bytes]) -> None:
        found = _SIZE.match(line)
        if found is None:
            raise UnreadableAnswer(f"a chunk has no size but {line[:40].decode('latin-1')!r}")
        self.odd = self.odd or line != found[1] + b"\r"
        self._left = int(found[1], 16)
        self._at = _At.CHUNK if self._left else _At.TRAILER
        if self._left:
            out.append(b"%x\r\n" % self._left)
        self._searched = 0

    def _trailer(self, line: bytes, out: list[bytes]) -> None:
        self._searched += len(line)
        if self._searched > MAX_TRAILER_BYTES:
            raise UnreadableAnswer("its trailers are too long")
        if line.strip(b"\r"):
            self.odd = True
            return
        self._searched = 0
        self._at = _At.END
        out.append(b"0\r\n\r\n")
