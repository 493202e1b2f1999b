"""The start tags and end tags under which one entry of a damaged document can be read as if it stood there alone.

They keep what holds for all entries: the root, its language and base, the prefixes, and short entities of the document's own.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from producers.documents.xml_parts import Parts
from producers.documents.xml_repair import is_well_formed, written_tags

MAX_ENTITY_CHARS = 1_000  # in all of a document's own entities: longer ones would be expanded once for each entry
MOST_PREFIXES = 50
BINDING = re.compile(rb"xmlns:([\w.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_DECLARED_PREFIX = re.compile(rb"xmlns:([\w.-]+)\s*=")
_USED_PREFIX = re.compile(rb"(?:</?|\s)([A-Za-z_][\w.-]{0,60}):[A-Za-z_]")
_ENTITIES = re.compile(rb"(?:\s++|<\?[^>]*\?>|<!--(?:(?!-->).)*+-->)*+(<!DOCTYPE feed \[\n(?:<!ENTITY [^<>]*>\n)+\]>)", re.DOTALL)
_NAMESPACES = {
    b"atom": b"http://www.w3.org/2005/Atom",
    b"content": b"http://purl.org/rss/1.0/modules/content/",
    b"dc": b"http://purl.org/dc/elements/1.1/",
    b"dcterms": b"http://purl.org/dc/terms/",
    b"feedburner": b"http://rssnamespace.org/feedburner/ext/1.0",
    b"itunes": b"http://www.itunes.com/DTDs/PodCast-1.0.dtd",
    b"media": b"http://search.yahoo.com/mrss/",
    b"news": b"http://www.google.com/schemas/sitemap-news/0.9",
    b"rss": b"http://backend.userland.com/rss",
    b"rdf": b"http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    b"slash": b"http://purl.org/rss/1.0/modules/slash/",
    b"sy": b"http://purl.org/rss/1.0/modules/syndication/",
    b"wfw": b"http://wellformedweb.org/commentAPI/",
    b"xhtml": b"http://www.w3.org/1999/xhtml",
}  # a prefix that a document uses and does not declare means what it means everywhere
_PLAIN = b'<rss version="2.0"'


class Frame(NamedTuple):
    """What goes before an entry, and what after it."""

    start: bytes
    end: bytes


def frame_of(body: bytes, parts: Parts) -> Frame:
    """The frame of the document's entries; a plain one if the document's own start tags are beyond repair."""
    tags = [written_tags(tag) for tag in parts.frame]
    names = [found[1] for tag in tags if (found := re.match(rb"<([A-Za-z_][\w.:-]*)", tag))]
    end = b"".join(b"</" + name + b">" for name in reversed(names))
    frame = Frame(_plain_start(body), b"</rss>")
    if tags:
        declared = frozenset(_DECLARED_PREFIX.findall(b"".join(tags)))
        own = Frame(b"".join((_own_entities(body), tags[0].rstrip(b">"), _missing(body, declared), b">", *tags[1:])), end)
        frame = own if is_well_formed(own.start + own.end) else frame
    return frame if is_well_formed(frame.start + frame.end) else Frame(_PLAIN + b">", b"</rss>")


def _missing(body: bytes, bound: frozenset[bytes]) -> bytes:
    """Declarations of the prefixes that entries use and nobody declares."""
    names = sorted(set(_USED_PREFIX.findall(body)) - bound - {b"xml", b"xmlns"})[:MOST_PREFIXES]
    return b"".join(b' xmlns:%s="%s"' % (name, _NAMESPACES.get(name.lower(), b"urn:undeclared:" + name)) for name in names)


def _plain_start(body: bytes) -> bytes:
    bound: dict[bytes, bytes] = {}
    for prefix, *addresses in BINDING.findall(body[:20_000]):
        bound.setdefault(prefix, max(addresses).replace(b"<", b"").replace(b"&", b""))
    bound = {prefix: address for prefix, address in bound.items() if address and prefix != b"xml"}
    return _PLAIN + b"".join(b' xmlns:%s="%s"' % pair for pair in bound.items()) + _missing(body, frozenset(bound)) + b">"


def _own_entities(body: bytes) -> bytes:
    """The document's own harmless entities as a DOCTYPE; none if they are long."""
    found = _ENTITIES.match(body.removeprefix(b"\xef\xbb\xbf")[:50_000])
    return found[1] if found and len(found[1]) <= MAX_ENTITY_CHARS else b""
