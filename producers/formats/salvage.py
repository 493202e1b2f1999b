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

from newsmon.records import EntryRejection
from producers.formats.entry import DamagedFeedError
from producers.formats.xml_parts import Parts, boundaries, split
from producers.formats.xml_repair import is_well_formed, repaired, sections, sound_references, written_tags

CHUNK = 64  # entries read again together when reading all of them at once failed
MAX_ENTITY_CHARS = 1_000  # in all of a document's own entities: longer ones would be expanded once for each entry
MOST_PREFIXES = 200
MAX_LENIENT_BYTES = 300_000  # the lenient parser needs minutes for some megabytes of broken tags
_DECLARED_PREFIX = re.compile(rb"xmlns:([\w.-]+)\s*=")
_BINDING = re.compile(rb"xmlns:([\w.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_USED_PREFIX = re.compile(rb"(?:</?|\s)([A-Za-z_][\w.-]{0,60}):[A-Za-z_]")
_PROLOG = re.compile(rb"(?:\s++|<\?[^>]*\?>|<!--(?:(?!-->).)*+-->)*+(<!DOCTYPE feed \[\n(?:<!ENTITY [^<>]*>\n)+\]>)?", re.DOTALL)
_NAMESPACES = {
    b"atom": b"http://www.w3.org/2005/Atom",
    b"content": b"http://purl.org/rss/1.0/modules/content/",
    b"dc": b"http://purl.org/dc/elements/1.1/",
    b"dcterms": b"http://purl.org/dc/terms/",
    b"feedburner": b"http://rssnamespace.org/feedburner/ext/1.0",
    b"itunes": b"http://www.itunes.com/DTDs/PodCast-1.0.dtd",
    b"media": b"http://search.yahoo.com/mrss/",
    b"rss": b"http://backend.userland.com/rss",
    b"rdf": b"http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    b"slash": b"http://purl.org/rss/1.0/modules/slash/",
    b"sy": b"http://purl.org/rss/1.0/modules/syndication/",
    b"wfw": b"http://wellformedweb.org/commentAPI/",
    b"xhtml": b"http://www.w3.org/1999/xhtml",
}  # a prefix that a document uses and does not declare means what it means everywhere

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
    return re.search(rb"</(?:rss|channel|feed|rdf:rdf)\s*>", body[-2_000:], re.IGNORECASE) is None and (
        re.search(rb"<(?:rss|feed|rdf:rdf)[\s>]", body[:4_000], re.IGNORECASE) is not None
    )


def _has_swallowed(body: bytes, entry_count: int) -> bool:
    """True if entries stand in an unclosed CDATA section of another, or if one binds a prefix anew, which feedparser mixes up."""
    bound = set(_BINDING.findall(body)) if body.count(b"xmlns:") else set()
    if len(bound) > len({prefix for prefix, *_ in bound}):
        return True
    starts = sum(1 for _ in re.finditer(rb"<(?:item|entry)[\s>]", body))
    if starts <= entry_count or b"<![CDATA[" not in body:
        return False
    parts = split(body)
    return parts is not None and len(parts.pieces) > entry_count and bool(boundaries(body, parts.name))


class _Salvage:
    """One damaged document."""

    def __init__(self, body: bytes, parts: Parts, read: Read) -> None:
        self._body = body
        self._parts = parts
        self._read = read
        self._prolog = _own_entities(body)
        self._open = self._frame()
        self._close = b"".join(b"</" + _name(tag) + b">" for tag in reversed(parts.frame))
        if not is_well_formed(self._open + self._close):
            self._open, self._close = _PLAIN_FRAME[0] + self._bindings() + b">", _PLAIN_FRAME[1]
        if not is_well_formed(self._open + self._close):
            self._open, self._close = _PLAIN_FRAME[0] + b">", _PLAIN_FRAME[1]

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
            if mended is None or _BINDING.search(mended):
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
        for text in (element, b"".join(sound_references(part) for part in sections(element))):
            try:
                entries = self._read(self._open + text + self._close)["entries"]
            except DamagedFeedError:
                continue
            if entries:
                return list(entries)
        return [EntryRejection.DAMAGED_ENTRY]

    def _about(self) -> tuple[Any, str]:
        """The feed's own data, from the document without its entries."""
        around = self._parts.around(self._body)
        for text in (around, sound_references(around), self._open + self._close):
            if len(text) > MAX_LENIENT_BYTES:
                continue
            try:
                parsed = self._read(text)
            except DamagedFeedError:
                continue
            if parsed.get("version"):
                return parsed.get("feed", {}), parsed["version"]
        return {}, ""

    def _frame(self) -> bytes:
        """The document's start tags, with a declaration of each prefix that its entries use and nobody declares."""
        if not self._parts.frame:
            return _PLAIN_FRAME[0] + self._bindings() + b">"
        root, *others = (written_tags(tag) for tag in self._parts.frame)
        declared = frozenset(_DECLARED_PREFIX.findall(b"".join(self._parts.frame)))
        return b"".join((self._prolog, root.rstrip(b">"), self._missing(declared), b">", *others))

    def _missing(self, bound: frozenset[bytes]) -> bytes:
        names = sorted(set(_USED_PREFIX.findall(self._body)) - bound - {b"xml", b"xmlns"})[:MOST_PREFIXES]
        return b"".join(b' xmlns:%s="%s"' % (name, _NAMESPACES.get(name.lower(), b"urn:undeclared:" + name)) for name in names)

    def _bindings(self) -> bytes:
        """The declarations of all prefixes, for a document whose own start tags are broken."""
        bound: dict[bytes, bytes] = {}
        for prefix, *addresses in _BINDING.findall(self._body[:20_000]):
            bound.setdefault(prefix, max(addresses).replace(b"<", b"").replace(b"&", b""))
        bound.pop(b"xml", None)
        bound = {prefix: address for prefix, address in bound.items() if address}
        return b"".join(b' xmlns:%s="%s"' % pair for pair in bound.items()) + self._missing(frozenset(bound))


_PLAIN_FRAME = (b'<rss version="2.0"', b"</rss>")


def _own_entities(body: bytes) -> bytes:
    """The document's own harmless entities as a DOCTYPE; none if they are long."""
    found = _PROLOG.match(body.removeprefix(b"\xef\xbb\xbf")[:50_000])
    declared = found[1] if found and found[1] else b""
    return declared if len(declared) <= MAX_ENTITY_CHARS else b""


def _name(tag: bytes) -> bytes:
    found = re.match(rb"<([A-Za-z_][\w.:-]*)", tag)
    return found[1] if found else b""


def lost_of(document: Document) -> Iterator[tuple[int, EntryRejection]]:
    """The place, from 0, and the reason of each lost entry."""
    for place, entry in enumerate(document.entries):
        if isinstance(entry, EntryRejection):
            yield place, entry
