"""News sitemaps (Google's news extension of sitemaps.org 0.9): addresses, titles, dates and languages of articles.

In: bytes. Out: entries like a feed's, or for a sitemap index the addresses of the sitemaps worth reading. Entities and other files
are never read; damaged XML is read as far as possible. Our own reader, because feedparser reads no sitemaps and
ultimate-sitemap-parser is made to crawl whole sites.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from newsmon.records import EntryRejection
from producers.addresses.urls import absolute_url
from producers.documents.faults import NotAFeedError
from producers.documents.sniff import sniffed
from producers.documents.xml_frame import frame_of
from producers.documents.xml_parts import split
from producers.documents.xml_repair import is_well_formed, repaired, sound_references
from producers.formats.entry import Entry, ParsedFeed, Reader

JOINT = b"\n<!-- newsmon: the next sitemap of the index -->\n"  # between several sitemaps in one body
MAX_URL_CHARS = 2_048  # the limit in sitemaps.org
MAX_FIELD_CHARS = 2_000
MAX_INDEXED = 50_000  # the limit in sitemaps.org
_ROOT = re.compile(  # possessive quantifiers: white space must not be tried in every way
    rb"(?:<\?xml[^>]{0,200}\?>|<\?xml-stylesheet[^>]{0,500}\?>|<!--.{0,2000}?-->|\s++)*+<(?:[\w-]+:)?(urlset|sitemapindex)[\s>]", re.DOTALL
)
_NEWSY = re.compile(r"news|latest|today|aktuell|actu|noticias", re.IGNORECASE)
_PARSER_OPTIONS: dict[str, Any] = {"recover": True, "resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


@dataclass(frozen=True, slots=True)
class Index:
    """The sitemaps of an index to read, newest first, and the number of all it names."""

    chosen: tuple[str, ...]
    count: int


def root_of(body: bytes) -> str | None:
    """`urlset`, `sitemapindex`, or None if this is not a sitemap; judged by its beginning."""
    found = _ROOT.match(body[:6_000].removeprefix(b"\xef\xbb\xbf"))
    return found[1].decode("ascii") if found else None


def parse_sitemap(body: bytes) -> ParsedFeed:
    """The entries of one sitemap, or of several joined by `JOINT`.

    NotAFeedError for a sitemap without news, and for an index none of whose sitemaps could be read.
    """
    found: list[tuple[Entry, bool] | EntryRejection] = []
    was_read = is_cut = False
    for part in body.split(JOINT):
        document = sniffed(part).body
        if root_of(document) == "urlset":
            was_read = True
            urls, ends_early = _urls(document)
            found += urls
            is_cut = is_cut or ends_early
    entries = [one for one in found if not isinstance(one, EntryRejection)]
    if not was_read or (entries and not any(is_news for _entry, is_news in entries)):
        raise NotAFeedError("a sitemap without news" if entries else "a sitemap index, but none of its sitemaps could be read")
    lost = tuple((place, one) for place, one in enumerate(found) if isinstance(one, EntryRejection))
    return ParsedFeed(tuple(entry for entry, _is_news in entries), None, is_cut=is_cut, reader=Reader.SITEMAP, lost=lost)


def _urls(body: bytes) -> tuple[list[tuple[Entry, bool] | EntryRejection], bool]:
    """Each address of one sitemap, with the reason in place of one that is lost; True if the sitemap ends too early."""
    if b"<!DOCTYPE" not in body[:6_000] and is_well_formed(body):
        return [_entry(url) for url in _elements(body, "url")], False
    parts = split(body, rb"url")
    if parts is None:
        return [], b"</" not in body[-200:]
    frame = frame_of(body, parts)
    found: list[tuple[Entry, bool] | EntryRejection] = []
    for piece in parts.pieces:
        element = body[piece.start : piece.end] if piece.is_closed else body[piece.start : piece.end].rstrip() + b"</" + parts.name + b">"
        sound = repaired(element, lambda text: is_well_formed(frame.start + text + frame.end)) or sound_references(element)
        url = next(_elements(frame.start + sound + frame.end, "url"), None)
        try:
            found.append(_entry(url) if url is not None else EntryRejection.DAMAGED_ENTRY)
        except UnicodeDecodeError:  # of lxml, which takes what is no character from a document that it recovers
            found.append(EntryRejection.DAMAGED_ENTRY)
    if parts.is_last_cut:
        found[-1] = EntryRejection.CUT_OFF
    return found, parts.is_cut


def parse_index(body: bytes, *, base: str, most: int) -> Index:
    """At most `most` sitemaps of an index: first those with news in their name, then by last change."""
    found: list[tuple[bool, str, int, str]] = []
    for position, sitemap in enumerate(_elements(body, "sitemap")):
        if position >= MAX_INDEXED:
            break
        address = absolute_url(_child(sitemap, "loc")[:MAX_URL_CHARS], base)
        if address is not None:
            found.append((bool(_NEWSY.search(address)), _child(sitemap, "lastmod"), -position, address))
    newest_first = sorted(found, reverse=True)
    return Index(tuple(dict.fromkeys(address for *_key, address in newest_first))[:most], len(found))


def _entry(url: Any) -> tuple[Entry, bool]:
    news = next((child for child in url if _name(child) == "news"), None)
    entry = Entry(
        guid=None,
        link=_child(url, "loc")[:MAX_URL_CHARS] or None,
        title=_child(news, "title"),
        summary="",
        content="",
        published_raw=_child(news, "publication_date") or None,
        other_dates=tuple(filter(None, (_child(url, "lastmod"),))) if news is not None else (),
        language=_language(next((child for child in news if _name(child) == "publication"), None)) if news is not None else None,
    )
    return entry, news is not None


def _language(publication: Any) -> str | None:
    """The ISO 639 code, also of `zh-cn`; None for anything else."""
    code = _child(publication, "language").lower().partition("-")[0]
    return code if re.fullmatch(r"[a-z]{2,3}", code) else None


def _elements(body: bytes, name: str) -> Iterator[Any]:
    """Each complete element of that local name; its memory is freed afterwards. Stops at broken XML, and at 15 MB of blanks."""
    try:
        for _event, element in etree.iterparse(io.BytesIO(body), events=("end",), **_PARSER_OPTIONS):
            if _name(element) != name:
                continue
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError:
        return


def _child(parent: Any, name: str) -> str:
    if parent is None:
        return ""
    child = next((one for one in parent if _name(one) == name), None)
    return "" if child is None else "".join(child.itertext())[:MAX_FIELD_CHARS].strip()


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
