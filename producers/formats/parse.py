"""Reads a feed's entries from its bytes, in any format: JSON Feed, a news sitemap, or RSS, RDF and Atom."""

from __future__ import annotations

from dataclasses import replace

from producers.charsets.settle import TYPE_OF_DECODED, decoded
from producers.formats.entry import ParsedFeed
from producers.formats.json_feed import looks_like_json, parse_json_feed
from producers.formats.rss_atom import parse_rss_or_atom
from producers.formats.sitemap import parse_sitemap, root_of


def parse_feed(
    body: bytes, *, content_type: str = "", url: str | None = None, max_entries: int = 2_000, language: str | None = None,
    charset: str | None = None,
) -> ParsedFeed:  # fmt: skip
    """The entries in the feed's order.

    NotAFeedError for bytes of no format we read, DamagedFeedError for a feed that makes its parser fail. `content_type` may
    state the encoding; `language` is the feed's and `charset` the encoding remembered for it; `url` is the base for relative links.
    """
    text = decoded(body, content_type, language=language, remembered=charset)
    if looks_like_json(text.utf8, content_type):
        found = parse_json_feed(text.utf8, max_entries=max_entries)
        found = replace(found, base=found.base or url)
    elif root_of(text.utf8) is not None:
        found = parse_sitemap(text.xml, max_entries=max_entries)
    else:
        found = parse_rss_or_atom(text.utf8, content_type=TYPE_OF_DECODED, url=url, max_entries=max_entries)
    return replace(found, charset=text.charset)
