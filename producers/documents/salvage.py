"""Reads an RSS, RDF or Atom document so that no entry costs another one.

A well-formed document is read whole. Otherwise each entry is checked by itself under the document's own start tags. Those that are well
formed, or can be repaired, are read together by the strict parser; each of the others is read alone by the lenient one. An entry that
fails alone is lost, and so is the last one of a document that ends within it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from feedparser.sanitizer import replace_doctype
from lxml import etree

from newsmon.records import EntryRejection
from producers.documents.faults import DamagedFeedError
from producers.documents.xml_frame import BINDING, frame_of
from producers.documents.xml_parts import Parts, split
from producers.documents.xml_repair import is_well_formed, repaired, sound_references

CHUNK = 64  # entries read again together when reading all of them at once failed
MOST_TRIES = 200  # entries read child by child
MOST_CHILDREN = 60
MAX_LENIENT_BYTES = 300_000  # the lenient parser needs minutes for some megabytes of broken tags
_ROOTS = re.compile(rb"<(?:[\w.-]++:)?(?:rss|channel|feed|rdf)(?=[\s>])", re.IGNORECASE)
_ENTRY = re.compile(rb"<(?:item|entry)[\s>]")

Read = Callable[[bytes], Any]  # feedparser's result for a document in UTF-8; DamagedFeedError when it fails


@dataclass(frozen=True, slots=True)
class Document:
    """feedparser's entries in the document's order, with the reason in place of each that is lost."""

    entries: tuple[Any, ...]
    feed: Any
    version: str
    is_cut: bool = False


def read_document(body: bytes, read: Read) -> Document:
    """The document's feed and entries. `body` is UTF-8. DamagedFeedError when nothing can be read."""
    _version, sound, _entities = replace_doctype(body)
    if is_well_formed(sound):
        try:
            parsed = read(body)
        except DamagedFeedError:
            parsed = None
        if parsed is not None and not _has_swallowed(body, len(parsed["entries"])):
            return Document(tuple(parsed["entries"]), parsed.get("feed", {}), parsed.get("version") or "")
    parts = split(sound)
    if parts is None:
        parsed = read(body)
        return Document(tuple(parsed["entries"]), parsed.get("feed", {}), parsed.get("version") or "", is_cut=_is_open(sound))
    return _Salvage(sound, parts, read).document()


def _is_open(body: bytes) -> bool:
    """True for a feed without entries that ends before its root does."""
    root = re.search(rb"<((?:[\w.-]{1,40}:)?(?:rss|feed|rdf))[\s>]", body[:4_000], re.IGNORECASE)
    return root is not None and re.search(rb"</%s\s*>" % re.escape(root[1]), body[-2_000:]) is None


def _has_swallowed(body: bytes, entry_count: int) -> bool:
    """True if entries stand in an unclosed CDATA section of another, or if one changes how feedparser reads those after it."""
    start = _ENTRY.search(body)
    if start is None:
        return False
    bound = set(BINDING.findall(body)) if body.find(b"xmlns:", start.start()) >= 0 else set()
    if len(bound) > len({prefix for prefix, *_ in bound}) or _ROOTS.search(body, start.start()):
        return True
    if b"<![CDATA[" not in body or sum(1 for _ in _ENTRY.finditer(body)) <= entry_count:
        return False
    parts = split(body)
    return parts is not None and len(parts.pieces) > entry_count


class _Salvage:
    """One damaged document."""

    def __init__(self, body: bytes, parts: Parts, read: Read) -> None:
        self._body = body
        self._parts = parts
        self._read = read
        self._tries = MOST_TRIES
        self._failing: set[Any] = set()  # children that made feedparser fail in an earlier entry
        self._open, self._close = frame_of(body, parts)

    def document(self) -> Document:
        found: dict[int, list[Any]] = {}
        sound: list[tuple[int, bytes]] = []
        for place, piece in enumerate(self._parts.pieces):
            if self._parts.is_last_cut and place == len(self._parts.pieces) - 1:
                found[place] = [EntryRejection.CUT_OFF]
                continue
            element = self._body[piece.start : piece.end]
            if not piece.is_closed:
                element = element.rstrip() + b"</" + self._parts.name + b">"
            mended = repaired(element, self._fits)
            if mended is None or BINDING.search(mended) or _ROOTS.search(mended):
                found[place] = self._alone(element if mended is None else mended)
            else:
                sound.append((place, mended))
        found |= self._together(sound)
        feed, version = self._about()
        return Document(tuple(one for place in sorted(found) for one in found[place]), feed, version, is_cut=self._parts.is_cut)

    def _fits(self, element: bytes) -> bool:
        return is_well_formed(self._open + element + self._close)

    def _together(self, elements: list[tuple[int, bytes]]) -> dict[int, list[Any]]:
        """The entries of well-formed elements: all at once, else in chunks, else one by one."""
        entries = self._entries_of(elements)
        if entries is not None:
            return entries
        found: dict[int, list[Any]] = {}
        for begin in range(0, len(elements), CHUNK):
            chunk = elements[begin : begin + CHUNK]
            entries = self._entries_of(chunk)
            found |= {place: self._alone(element) for place, element in chunk} if entries is None else entries
        return found

    def _entries_of(self, elements: list[tuple[int, bytes]]) -> dict[int, list[Any]] | None:
        if not elements:
            return {}
        try:
            entries = self._read(self._open + b"".join(element for _place, element in elements) + self._close)["entries"]
        except DamagedFeedError:
            return None
        if len(entries) != len(elements):
            return None
        return {place: [entry] for (place, _element), entry in zip(elements, entries, strict=True)}

    def _alone(self, element: bytes) -> list[Any]:
        """The entries the lenient parser finds in one element, or the reason why it finds none."""
        if len(element) > MAX_LENIENT_BYTES and not self._fits(element):
            return [EntryRejection.DAMAGED_ENTRY]
        for text in (element, sound_references(element)):
            try:
                entries = self._read(self._open + text + self._close)["entries"]
            except DamagedFeedError:
                continue
            if entries:
                return list(entries)
        return self._of_sound_children(element) if self._fits(element) else [EntryRejection.DAMAGED_ENTRY]

    def _of_sound_children(self, element: bytes) -> list[Any]:
        """The entry without the children that make feedparser fail, such as a position on Earth that is none."""
        tree = etree.fromstring(self._open + element + self._close, etree.XMLParser(resolve_entities=False, no_network=True, recover=True))
        found = next(
            (one for one in tree.iter("{*}*") if one.tag.rpartition("}")[2] == self._parts.name.rpartition(b":")[2].decode()), None
        )
        if found is None or len(found) > MOST_CHILDREN:
            return [EntryRejection.DAMAGED_ENTRY]
        start, end = element[: element.index(b">") + 1], b"</" + self._parts.name + b">"
        children = [(one.tag, etree.tostring(one, with_tail=False)) for one in found]
        usual = [text for tag, text in children if tag not in self._failing]
        entry = self._entry_of(start + b"".join(usual) + end) if self._failing and usual else None
        if entry is None and self._tries > 0:
            self._tries -= 1
            sound = [(tag, text) for tag, text in children if self._entry_of(start + text + end)]
            self._failing |= {tag for tag, text in children if (tag, text) not in sound}
            entry = self._entry_of(start + b"".join(text for _tag, text in sound) + end) if sound else None
        return [entry or EntryRejection.DAMAGED_ENTRY]

    def _entry_of(self, element: bytes) -> Any:
        try:
            return next(iter(self._read(self._open + element + self._close)["entries"]), None)
        except DamagedFeedError:
            return None

    def _about(self) -> tuple[Any, str]:
        """The feed's own data, from the document without its entries."""
        best: tuple[Any, str] = ({}, "")
        head = self._body[: self._parts.pieces[0].start] + self._close
        for text in (head, self._parts.head_and_tail(self._body), self._parts.around(self._body), self._open + self._close):
            if len(text) > MAX_LENIENT_BYTES:
                continue
            try:
                parsed = self._read(sound_references(text))
            except DamagedFeedError:
                continue
            feed, version = parsed.get("feed", {}), parsed.get("version") or ""
            if version and feed.get("link"):
                return feed, version
            if version and not best[1]:
                best = (feed, version)
        return best


def lost_of(document: Document) -> Iterator[tuple[int, EntryRejection]]:
    """The place, from 0, and the reason of each lost entry."""
    for place, entry in enumerate(document.entries):
        if isinstance(entry, EntryRejection):
            yield place, entry
