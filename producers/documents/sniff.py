"""What a body is, judged by its own beginning: a label says little, and programs print warnings before a feed begins."""

from __future__ import annotations

import re
import zlib
from enum import StrEnum
from html import unescape
from typing import NamedTuple

GZIP = b"\x1f\x8b"
MAX_UNPACKED_BYTES = 40_000_000  # no feed is larger; a bomb stops here
WITHIN_BYTES = 200_000  # a feed begins within these, or this is none
_BLANK = b"\xef\xbb\xbf \t\r\n\x00\x0b\x0c"
_PROLOG = re.compile(
    rb"(?:\s++|\xef\xbb\xbf|<\?xml(?:-stylesheet)?\b[^>]{0,1000}\?>|<!--(?:[^-]|-(?!->)){0,20000}+-->|<!DOCTYPE\s(?:[^<>\[]|\[[^\]]{0,20000}\])*+>)*+"
)
_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,40}:)?(rss|feed|rdf|urlset|sitemapindex|channel)(?=[\s>])", re.IGNORECASE)
_XML_START = re.compile(rb"<\?xml\b", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+html|html)(?=[\s>])", re.IGNORECASE)
_JSON = re.compile(rb"\{\s*+\"[\w$-]{1,40}\"\s*+:")
_TITLE = re.compile(rb"<title[^>]{0,200}>([^<]{1,300})", re.IGNORECASE)
_FORWARDED = re.compile(
    rb"<meta\b(?=[^>]{0,500}\bhttp-equiv\s*=\s*[\"']?refresh\b)[^>]{0,500}?\bcontent\s*=\s*[\"']?\s*\d{0,5}\s*[;,]\s*url\s*=\s*[\"']?([^\"'>\s]{1,300})",
    re.IGNORECASE,
)
_PASSWORD = re.compile(rb"<input\b[^>]{0,500}\btype\s*=\s*[\"']?password", re.IGNORECASE)


class Kind(StrEnum):
    XML = "xml"
    JSON = "json"
    HTML = "html"
    OTHER = "other"


class Sniffed(NamedTuple):
    """The kind of a body, and the body from where its document begins."""

    kind: Kind
    body: bytes
    has_root: bool = False  # of a feed or sitemap


def unpacked(body: bytes) -> bytes:
    """A gzip file as its content, for servers that send feed.xml.gz as it lies on disk; anything else unchanged."""
    if not body.startswith(GZIP):
        return body
    try:
        return zlib.decompressobj(31).decompress(body, MAX_UNPACKED_BYTES)
    except zlib.error:
        return body


def sniffed(body: bytes) -> Sniffed:
    """The kind of a body in UTF-8. What a feed's program printed before the feed is left out."""
    body = body.lstrip(_BLANK)
    prolog = _PROLOG.match(body)
    begin = prolog.end() if prolog else 0
    root = _ROOT.search(body, begin, begin + WITHIN_BYTES)
    html = _HTML.search(body, begin, root.start() if root else begin + WITHIN_BYTES)
    json = _json_start(body, begin, root.start() if root else begin + WITHIN_BYTES) if html is None else None
    if json is not None:
        return Sniffed(Kind.JSON, body[json:])
    if html is not None:
        return Sniffed(Kind.HTML, body)
    if root is None:
        return Sniffed(Kind.XML if body[begin : begin + 1] == b"<" else Kind.OTHER, body)
    if root.start() == begin:
        return Sniffed(Kind.XML, body, has_root=True)
    declared = max(_XML_START.finditer(body, 0, root.start()), key=re.Match.start, default=None)
    return Sniffed(Kind.XML, body[declared.start() if declared else root.start() :], has_root=True)


def _json_start(body: bytes, begin: int, end: int) -> int | None:
    """Where JSON begins: at once, after a guard against other sites, or after words that are no part of it."""
    if body[begin : begin + 1] in (b"{", b"["):
        return begin
    mark = b"//jsonfeed.org/version/" if body[begin : begin + 1] == b"<" else b'"items"'
    found = _JSON.search(body, begin, end) if mark in body else None
    return found.start() if found else None


def why_no_feed(kind: Kind, body: bytes) -> str:
    """The most likely reason why a body is no feed."""
    if not body.strip(_BLANK):
        return "empty"
    if kind is Kind.HTML or _HTML.search(body[:WITHIN_BYTES]):
        title = _TITLE.search(body[:WITHIN_BYTES])
        named = f" with the title {' '.join(unescape(title[1].decode('utf-8', 'replace')).split())!r}" if title and title[1].strip() else ""
        forwarded = _FORWARDED.search(body[:WITHIN_BYTES])
        if forwarded is not None:
            named += (
                f" that forwards browsers to {unescape(forwarded[1].decode('utf-8', 'replace'))}; if the feed is there, use that address"
            )
        return f"{'a login page' if _PASSWORD.search(body[:WITHIN_BYTES]) else 'an HTML page'}{named}"
    return "neither RSS, RDF, Atom nor JSON Feed"
