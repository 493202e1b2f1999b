"""Reads a feed's entries from its bytes, in any format: JSON Feed, a news sitemap, or RSS, RDF and Atom."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from newsmon.records import EntryRejection
from producers.charsets.halves import whole_characters
from producers.charsets.settle import decoded
from producers.documents.faults import NotAFeedError
from producers.documents.json_items import NotJsonError
from producers.documents.sniff import Kind, Sniffed, sniffed, unpacked, why_no_feed
from producers.formats.entry import ParsedFeed
from producers.formats.json_feed import parse_json_feed
from producers.formats.newest import newest
from producers.formats.outline import thinned
from producers.formats.rss_atom import parse_rss_or_atom
from producers.formats.sitemap import parse_sitemap, root_of

_ENTRY = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,40}:)?(?:item|entry|url)[\s/>]", re.IGNORECASE)


def parse_feed(
    body: bytes, *, content_type: str = "", url: str | None = None, max_entries: int = 2_000, language: str | None = None,
    charset: str | None = None,
) -> ParsedFeed:  # fmt: skip
    """The entries in the feed's order; beyond `max_entries` the oldest are left out.

    The body decides what it is; `content_type` may state the encoding. NotAFeedError for bytes of no format we read, DamagedFeedError
    for a feed that makes its parser fail. `language` is the feed's and `charset` the encoding remembered for it; `url` is the base for
    relative links.
    """
    text = decoded(whole_characters(unpacked(body)), content_type, language=language, remembered=charset)
    known_languages = tuple(filter(None, (language,)))
    document, left_out = _without_oldest(sniffed(text.xml), max_entries, known_languages)
    found = _whole(document, url)
    languages = tuple(filter(None, (language, found.language)))
    limited = _with_places_of(_limited(found, max_entries, languages), left_out)
    return replace(limited, charset=text.to_remember(charset))


def _without_oldest(document: Sniffed, max_entries: int, languages: Sequence[str]) -> tuple[Sniffed, tuple[int, ...]]:
    if document.kind is not Kind.XML:
        return document, ()
    body, left_out = thinned(document.body, max_entries, languages)
    return document._replace(body=body), left_out


def _with_places_of(found: ParsedFeed, left_out: tuple[int, ...]) -> ParsedFeed:
    """The feed with those among its lost entries that were left out before it was read."""
    if not left_out:
        return found
    places = _other_places(left_out, len(found.entries) + len(found.lost))
    lost = {places[place]: reason for place, reason in found.lost} | dict.fromkeys(left_out, EntryRejection.OVER_ENTRY_LIMIT)
    return replace(found, lost=tuple(sorted(lost.items())))


def _whole(found_kind: Sniffed, url: str | None) -> ParsedFeed:
    kind, body, has_root = found_kind
    if kind is Kind.HTML or (kind is not Kind.JSON and not has_root and not _ENTRY.search(body)):
        raise NotAFeedError(why_no_feed(kind, body))
    if kind is Kind.JSON:
        try:
            found = parse_json_feed(body)
        except NotJsonError:
            other = sniffed(body[body.find(b"<") :]) if b"<" in body else None
            if other is None or not other.has_root:
                raise
            return _whole(other, url)
        return replace(found, base=found.base or url)
    if root_of(body) is not None:
        return parse_sitemap(body)
    return parse_rss_or_atom(body, url=url)


def _limited(found: ParsedFeed, max_entries: int, languages: Sequence[str]) -> ParsedFeed:
    """The feed with its newest entries only; the places of the others are among the lost ones."""
    kept = newest(found.entries, max_entries, languages)
    if len(kept) == len(found.entries):
        return found
    lost = dict(found.lost)
    places = _other_places(lost, len(found.entries))
    lost |= dict.fromkeys(set(places) - {places[one] for one in kept}, EntryRejection.OVER_ENTRY_LIMIT)
    return replace(found, entries=tuple(found.entries[one] for one in kept), lost=tuple(sorted(lost.items())))


def _other_places(taken: Collection[int], count: int) -> list[int]:
    """The places of `count` entries, from 0, between those that are taken."""
    taken = set(taken)
    return [place for place in range(count + len(taken)) if place not in taken]
