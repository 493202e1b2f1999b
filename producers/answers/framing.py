"""Follows one HTTP answer through the bytes of a connection: its head, its body, and what comes after it and is not part of it.

In: bytes as they arrive. Out: the same answer as strict HTTP/1.1, for a strict parser. Chunks are read as curl reads them: any extension,
bare line ends and broken trailers pass. A body that ends before its length or its last chunk stays cut.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from producers.answers.heads import MAX_HEAD_BYTES, Head, UnreadableAnswer, may_be_head, read_head

MAX_LINE_BYTES = 16 * 1024  # a chunk's size with its extensions, or a trailer
MAX_BLANK_LINE_BYTES = 4
MAX_CHUNKS = 1_000_000  # each costs a few microseconds, and a body of millions of them is an attack
LAST_CHUNK = b"0\r\n\r\n"

_BLANK_LINE = re.compile(rb"\n\r{0,2}\n")  # twice, because some scripts write \r\n through a file in text mode
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
        self._chunk_count = 0

    @property
    def has_ended(self) -> bool:
        return self._at is _At.END

    def feed(self, data: bytes) -> bytes:
        """The strict form of these bytes, as far as they can be read."""
        out: list[bytes] = []
        at, end = 0, len(data)
        try:
            while at < end and self.broken is None:
                if self._at is _At.END:
                    self.surplus = True
                    break
                if self._at is _At.TO_CLOSE:
                    out.append(data[at:])
                    break
                if self._at is _At.HEAD:
                    at = self._head(data, at, out)
                elif self._at is _At.COUNTED:
                    at = self._counted(data, at, out)
                else:
                    at = self._chunks(data, at, out)
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
        return LAST_CHUNK

    def _counted(self, data: bytes, at: int, out: list[bytes]) -> int:
        piece = data[at : at + self._left]
        out.append(piece)
        self._left -= len(piece)
        if self._left == 0:
            self._at = _At.END
        return at + len(piece)

    def _head(self, data: bytes, at: int, out: list[bytes]) -> int:
        """Hold the head until it is complete; returns where in the data it ends."""
        held_before = len(self._held)
        self._held += data[at:]
        if not self._searched:
            skipped = len(self._held) - len(self._held.lstrip(b"\r\n \t"))  # blank lines before the status line
            del self._held[:skipped]
            held_before -= skipped
            self._head_bytes += skipped
            if not may_be_head(bytes(self._held[:16])):
                raise UnreadableAnswer("it is not HTTP")
        blank = _BLANK_LINE.search(self._held, max(0, self._searched - MAX_BLANK_LINE_BYTES))
        size = blank.end() if blank is not None else len(self._held)
        if self._head_bytes + size > MAX_HEAD_BYTES:
            raise UnreadableAnswer(f"its head is longer than {MAX_HEAD_BYTES // 1024} KB")
        if blank is None:
            self._searched = size
            return len(data)
        raw = bytes(self._held[:size])
        self._held.clear()
        self._searched, self._head_bytes = 0, self._head_bytes + size
        head = read_head(raw)
        self.odd = self.odd or head.odd
        if not head.is_interim:
            out.append(head.text)
            self._left = head.length or 0
            self._at = _after(head)
        return at + size - held_before

    def _chunks(self, data: bytes, at: int, out: list[bytes]) -> int:
        """Read as many chunks as there are, and write them as one; returns where in the data that ends."""
        body: list[bytes] = []
        try:
            while at < len(data) and self._at is not _At.END:
                if self._at is _At.CHUNK:
                    piece = data[at : at + self._left]
                    body.append(piece)
                    at += len(piece)
                    self._left -= len(piece)
                    if self._left == 0:
                        self._at = _At.CHUNK_END
                    continue
                newline = data.find(b"\n", at)
                self._held += data[at : newline if newline >= 0 else len(data)]
                if len(self._held) > MAX_LINE_BYTES:
                    raise UnreadableAnswer("a line between its chunks is too long")
                if newline < 0:
                    return len(data)
                at = newline + 1
                line = bytes(self._held)
                self._held.clear()
                self._chunk_line(line)
            return at
        finally:
            if body:
                whole = b"".join(body)
                out += (b"%x\r\n" % len(whole), whole, b"\r\n")
            if self._at is _At.END:
                out.append(LAST_CHUNK)

    def _chunk_line(self, line: bytes) -> None:
        blank = not line.strip(b"\r")
        if self._at is _At.CHUNK_END:
            if not blank:
                raise UnreadableAnswer("a chunk is longer than its stated size")
            self._at = _At.SIZE
        elif self._at is _At.SIZE:
            found = _SIZE.match(line)
            if found is None:
                raise UnreadableAnswer(f"a chunk has no size but {line[:40].decode('latin-1')!r}")
            self.odd = self.odd or line != found[1] + b"\r"
            self._left = int(found[1], 16)
            self._chunk_count += 1
            if self._chunk_count > MAX_CHUNKS:
                raise UnreadableAnswer(f"it has more than {MAX_CHUNKS:,} chunks")
            self._at = _At.CHUNK if self._left else _At.TRAILER
        elif blank:
            self._at = _At.END
        else:  # a trailer, which says nothing that newsmon needs
            self.odd = True
            self._head_bytes += len(line)
            if self._head_bytes > MAX_HEAD_BYTES:
                raise UnreadableAnswer("its trailers are too long")


def _after(head: Head) -> _At:
    """Where the answer goes on after its head."""
    if not head.has_body or head.length == 0:
        return _At.END
    if head.chunked:
        return _At.SIZE
    return _At.TO_CLOSE if head.length is None else _At.COUNTED
