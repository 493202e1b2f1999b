"""Where each entry of a damaged RSS, RDF, Atom or sitemap document begins and ends.

A linear scan for start and end tags of entries, CDATA sections and comments; nothing else counts, so that no other damage matters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from producers.documents.xml_repair import sections

_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_START_TAG = re.compile(rb"<(/?)([A-Za-z_][\w.:-]*)((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+)(/?)>")
_ENDINGS = {b"rss": rb"rss|channel"}  # the root, or what closes after the last entry
MAX_TAG_BYTES = 5_000  # of an entry's own tags
MAX_FRAME_BYTES = 20_000  # a longer frame would be read again with each entry


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry's bytes, with its end tag if it has one."""

    start: int
    end: int
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Parts:
    """A document's entries and what is around them. `frame` holds the start tags that are open at the first entry."""

    name: bytes  # of the entry element
    frame: tuple[bytes, ...]
    pieces: tuple[Piece, ...]
    is_cut: bool  # the document ends before its root does
    is_last_cut: bool  # it ends within its last piece

    def around(self, body: bytes) -> bytes:
        """The document without its entries."""
        return without(body, self.pieces)

    def head_and_tail(self, body: bytes) -> bytes:
        """The document without its entries and what stands between them, which may be the rest of a broken one."""
        return body[: self.pieces[0].start] + body[self.pieces[-1].end :]


def without(body: bytes, pieces: Iterable[Piece]) -> bytes:
    """The document without some of its entries, given in its order."""
    edges = [0, *(edge for piece in pieces for edge in (piece.start, piece.end)), len(body)]
    return b"".join(body[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))


def split(body: bytes, names: bytes = rb"item|entry") -> Parts | None:
    """The parts of a document with entries of one of these names; None if it has none."""
    name = _entry_name(body, names)
    if name is None:
        return None
    spans, open_at = _spans(body, name)
    if not spans and open_at is None:
        return None
    first = spans[0].start if spans else open_at or 0
    tags = _open_tags(body[:first])
    root = _local(_ROOT.match(tags[0])[1]) if tags and _ROOT.match(tags[0]) else b"rss"  # type: ignore[index]
    after = spans[-1].end if spans and open_at is None else open_at or 0
    ending = _ending(body, after, root, within_entry=open_at is not None)
    if open_at is not None:
        spans.append(Piece(open_at, len(body) if ending is None else ending, is_closed=False))
    is_cut = ending is None
    return Parts(name, tags, tuple(spans), is_cut, is_cut and open_at is not None and not _are_all_alike(body, spans))


def _entry_name(body: bytes, names: bytes) -> bytes | None:
    """The name of the entry element as written; one without a prefix is preferred."""
    found = re.search(rb"<((?:%s))(?=[\s/><])" % names, body, re.IGNORECASE)
    found = found or re.search(rb"<([A-Za-z_][\w.-]{0,40}:(?:%s))(?=[\s/><])" % names, body, re.IGNORECASE)
    return found[1] if found else None


def _spans(body: bytes, name: bytes) -> tuple[list[Piece], int | None]:
    """The entries, and the start of one that is open at the end of the document."""
    mark = re.compile(rb"<!\[CDATA\[|<!--|<(/?)%s(?=[\s/><])" % re.escape(name), re.IGNORECASE)
    misspelt = re.compile(rb"<%s(?!set\b|s\b)[\w.:-]+" % re.escape(name), re.IGNORECASE)  # an entry all the same if it ends as one
    quoted = {b"<![CDATA[": _Quoted(body, b"<![CDATA[", b"]]>", name), b"<!--": _Quoted(body, b"<!--", b"-->", name)}
    spans: list[Piece] = []
    open_at: int | None = None
    at = closed_at = 0
    while (found := mark.search(body, at)) is not None:
        at = found.end()
        if found[1] is None:
            at = quoted[found[0].upper()].end_of(at)
        elif found[1]:
            if open_at is None:
                begun = misspelt.search(body, closed_at, found.start())
                open_at = begun.start() if begun is not None else None
            if open_at is not None:
                end = body.find(b">", at, at + MAX_TAG_BYTES) + 1
                if end:
                    spans.append(Piece(open_at, end, is_closed=True))
                    open_at, at = None, end
            closed_at = at
        else:
            if open_at is not None:
                spans.append(Piece(open_at, found.start(), is_closed=False))
            open_at = found.start()
            end = body.find(b">", at, at + MAX_TAG_BYTES) + 1
            if end and body[end - 2 : end] == b"/>":
                spans.append(Piece(open_at, end, is_closed=True))
                open_at, at = None, end
    return spans, open_at


class _Quoted:
    """The ends of CDATA sections or comments. One without an end of its own has run into one of a later entry, and ends at once."""

    def __init__(self, body: bytes, begin: bytes, end: bytes, name: bytes) -> None:
        self._body, self._begin, self._end = body, begin, end
        self._entry = re.compile(rb"<%s(?=[\s/><])" % re.escape(name), re.IGNORECASE)
        self._next = -1  # the end last looked for, and the entry that was begun before the last section before it; searches go forward
        self._entered = -1

    def end_of(self, at: int) -> int:
        """The end of the section whose content starts at `at`, or `at` itself when the section was never closed."""
        if self._next < at:
            found = self._body.find(self._end, at)
            self._next = found if found >= 0 else len(self._body)
            nested = self._body.rfind(self._begin, at, self._next)
            starts = self._entry.finditer(self._body, at, nested) if nested >= 0 else iter(())
            self._entered = max((start.start() for start in starts), default=-1)
        if self._next == len(self._body) or self._entered >= at:
            return at
        return self._next + len(self._end)


def _open_tags(head: bytes) -> tuple[bytes, ...]:
    """The start tags of the root and of a channel in it, if they are open at the end of `head`."""
    opened: list[tuple[bytes, bytes]] = []
    for found in _START_TAG.finditer(b"".join(sections(head)[::2])):
        name = found[2].lower()
        if found[1]:
            if any(name == other for other, _tag in opened):
                while opened.pop()[0] != name:
                    pass
        elif not found[3].endswith(b"/") and not found[4] and (not opened or (_local(name) == b"channel" and len(opened) == 1)):
            opened.append((name, found[0]))
    tags = tuple(tag for _name, tag in opened)
    return tags if sum(map(len, tags)) <= MAX_FRAME_BYTES else ()


def _ending(body: bytes, after: int, root: bytes, *, within_entry: bool) -> int | None:
    """Where the document's end tags begin, after its last entry; None if they are missing."""
    names = _ENDINGS.get(root, re.escape(root))
    endings = re.finditer(rb"(?:</(?:[\w.-]++:)?(?:%s)\s*+>\s*+)++" % names, body[after:], re.IGNORECASE)
    found = max(endings, key=re.Match.start, default=None) if within_entry else next(endings, None)
    if found is None or (within_entry and re.search(rb"<[A-Za-z/]", body[after + found.end() :])):
        return None
    return after + found.start()


def _are_all_alike(body: bytes, spans: list[Piece]) -> bool:
    """True for a document that closes no entry, and whose last one has all that every other one has."""
    if len(spans) < 3 or any(piece.is_closed for piece in spans):
        return False
    ends = [set(re.findall(rb"</([\w.:-]+)\s*>", body[piece.start : piece.end])) for piece in spans]
    habit = set.intersection(*ends[:-1])
    rest = body[spans[-1].start :].rstrip()
    return bool(habit) and habit <= ends[-1] and rest.endswith(b">") and all(a.end <= b.start for a, b in pairwise(spans))


def _local(name: bytes) -> bytes:
    return name.rpartition(b":")[2].lower()
