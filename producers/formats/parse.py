"""Reads a feed's entries from its bytes, in any format: JSON Feed, a news sitemap, or RSS, RDF and Atom."""

from __future__ import annotations

from dataclasses import replace

from producers.charsets.settle import settle_encoding
from producers.formats.entry import ParsedFeed
from producers.formats.json_feed import looks_like_json, parse_json_feed
from producers.formats.rss_atom import parse_rss_or_atom
from producers.formats.sitemap import parse_sitemap, root_of


def parse_feed(body: bytes, *, content_type: str = "", url: str | None = None, max_entries: int = 2_000) -> ParsedFeed:
    """The entries in the feed's order.

    NotAFeedError for bytes of no format we read, DamagedFeedError for a feed that makes its parser fail. `content_type` decides the
    encoding as RFC 7303 says; `url` is the base for relative links.
    """
    if looks_like_json(body, content_type):
        found = parse_json_feed(body, max_entries=max_entries)
        return replace(found, base=found.base or url)
    if root_of(body) is not None:
        return parse_sitemap(body, max_entries=max_entries)
    body, content_type = settle_encoding(body, content_type)
    return parse_rss_or_atom(body, content_type=content_type, url=url, max_entries=max_entries)
