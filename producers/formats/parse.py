"""Reads a feed's entries from its bytes, in any format: JSON Feed, a news sitemap, or RSS, RDF and Atom."""

from __future__ import annotations

import re
from dataclasses import replace

from feedparser.encodings import convert_to_utf8

from newsmon.records import EntryRejection
from producers.charsets.settle import settle_encoding
from producers.formats.entry import ParsedFeed
from producers.formats.json_feed import looks_like_json, parse_json_feed
from producers.formats.newest import newest
from producers.formats.rss_atom import parse_rss_or_atom
from producers.formats.sitemap import parse_sitemap, root_of

_SURROGATE = re.compile(rb"(?:\xed[\xa0-\xbf][\x80-\xbf])+")
UTF_8 = "application/xml; charset=utf-8"


def parse_feed(body: bytes, *, content_type: str = "", url: str | None = None, max_entries: int = 2_000) -> ParsedFeed:
    """The entries in the feed's order; beyond `max_entries` the oldest are left out.

    NotAFeedError for bytes of no format we read, DamagedFeedError for a feed that makes its parser fail. `content_type` decides the
    encoding as RFC 7303 says; `url` is the base for relative links.
    """
    return _limited(_whole(body, content_type, url), max_entries)


def _whole(body: bytes, content_type: str, url: str | None) -> ParsedFeed:
    if looks_like_json(body, content_type):
        found = parse_json_feed(body)
        return replace(found, base=found.base or url)
    if root_of(body) is not None:
        return parse_sitemap(body)
    body, content_type = settle_encoding(_without_surrogates(body), content_type)
    return parse_rss_or_atom(_utf_8(body, content_type), content_type=UTF_8, url=url, max_entries=len(body))


def _without_surrogates(body: bytes) -> bytes:
    """UTF-8 in which surrogates were written as characters, as real UTF-8; anything else unchanged."""
    if not _SURROGATE.search(body):
        return body
    mended = _SURROGATE.sub(
        lambda found: found[0].decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode(), body
    )
    try:
        mended.decode("utf-8")
    except UnicodeDecodeError:
        return body
    return mended


def _utf_8(body: bytes, content_type: str) -> bytes:
    found: dict[str, object] = {}
    converted: bytes = convert_to_utf8({"content-type": content_type} if content_type else {}, body, found)
    return converted if found.get("encoding") else converted.decode("utf-8", "replace").encode("utf-8")


def _limited(found: ParsedFeed, max_entries: int) -> ParsedFeed:
    """The feed with its newest entries only; the places of the others are among the lost ones."""
    kept = newest(found.entries, max_entries)
    over = len(found.entries) - len(kept)
    if not over:
        return found
    lost = dict(found.lost)
    total = len(found.entries) + len(lost)
    places = [place for place in range(total) if place not in lost]
    lost |= dict.fromkeys(set(places) - {places[one] for one in kept}, EntryRejection.OVER_ENTRY_LIMIT)
    return replace(
        found, entries=tuple(found.entries[one] for one in kept), over_limit_count=over, lost=tuple(sorted(lost.items()))
    )  # fmt: skip
