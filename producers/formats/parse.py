"""Reads a feed's entries from its bytes, in any format: JSON Feed, a news sitemap, or RSS, RDF and Atom."""

from __future__ import annotations

from dataclasses import replace

from newsmon.records import EntryRejection
from producers.charsets.settle import TYPE_OF_DECODED, DecodedBody, decoded
from producers.formats.entry import ParsedFeed
from producers.formats.json_feed import looks_like_json, parse_json_feed
from producers.formats.newest import newest
from producers.formats.rss_atom import parse_rss_or_atom
from producers.formats.sitemap import parse_sitemap, root_of


def parse_feed(
    body: bytes, *, content_type: str = "", url: str | None = None, max_entries: int = 2_000, language: str | None = None,
    charset: str | None = None,
) -> ParsedFeed:  # fmt: skip
    """The entries in the feed's order; beyond `max_entries` the oldest are left out.

    NotAFeedError for bytes of no format we read, DamagedFeedError for a feed that makes its parser fail. `content_type` may
    state the encoding; `language` is the feed's and `charset` the encoding remembered for it; `url` is the base for relative links.
    """
    text = decoded(body, content_type, language=language, remembered=charset)
    return replace(_limited(_whole(text, content_type, url), max_entries), charset=text.charset)


def _whole(text: DecodedBody, content_type: str, url: str | None) -> ParsedFeed:
    if looks_like_json(text.utf8, content_type):
        found = parse_json_feed(text.utf8)
        return replace(found, base=found.base or url)
    if root_of(text.utf8) is not None:
        return parse_sitemap(text.xml)
    return parse_rss_or_atom(text.utf8, content_type=TYPE_OF_DECODED, url=url, max_entries=len(text.utf8))


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
