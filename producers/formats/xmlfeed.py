"""A well-formed feed read by libxml2, twenty to a hundred times as fast as feedparser, into the same entries; or declined. [pure]

feedparser is the reference. What it does to usual feeds is done here; whatever is unusual (markup inside texts, document
types, several candidates for one field, unknown nesting) is declined as a whole, and feedparser reads it. Difference tests hold
the two together. The encoding is decided by feedparser's own function.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from feedparser.encodings import convert_to_utf8
from feedparser.urls import make_safe_absolute_uri
from lxml import etree

from producers.formats.entry import Declined, DeclinedError, Entry, ParsedFeed
from producers.formats.hints import ttl_s
from producers.formats.xmlentry import Links, base_of, read_entry, text_of
from producers.formats.xmlnames import Kind, attributes, kind_of, local_name, prefixes_are_usual

MAX_FIELD_CHARS = 500_000  # one entry's text beyond this is cut: no article is a book
_ATOM = "http://www.w3.org/2005/Atom"
_RDF_ROOT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"
_RSS_VERSIONS = {"0.91": "rss091u", "0.92": "rss092", "0.93": "rss093", "0.94": "rss094"}
_FIRST_TAG = re.compile(rb"<\w")
_IN_IMAGE = frozenset(("title", "link", "description", "url", "href", "width", "height"))


def read_xml_feed(body: bytes, *, content_type: str, url: str | None, max_entries: int) -> ParsedFeed | Declined:
    """The feed, exactly as `producers.formats.parse` reads it with feedparser; or why feedparser has to."""
    headers = {"content-type": content_type} if content_type else {}
    if url:
        headers["content-location"] = url
    try:
        return _read(_root(body, headers), make_safe_absolute_uri(url or "") or "", url, max_entries)
    except DeclinedError as declined:
        return declined.reason


def _root(body: bytes, headers: dict[str, str]) -> Any:
    result: dict[str, Any] = {}
    try:
        data = convert_to_utf8(headers, body, result)
    except (ValueError, LookupError, TypeError) as error:
        raise DeclinedError(Declined.ENCODING) from error
    if not result.get("encoding"):
        raise DeclinedError(Declined.ENCODING)
    found = _FIRST_TAG.search(data)
    head = data[: found.start()] if found else data
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise DeclinedError(Declined.DOCTYPE)
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root: Any = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DeclinedError(Declined.NOT_WELL_FORMED) from error
    if root.getroottree().docinfo.doctype:
        raise DeclinedError(Declined.DOCTYPE)
    return root


def _read(root: Any, base: str, url: str | None, max_entries: int) -> ParsedFeed:
    channel, items, version = _parts(root)
    if not items:
        raise DeclinedError(Declined.EMPTY)
    if not prefixes_are_usual(root):
        raise DeclinedError(Declined.UNUSUAL_PREFIX)
    base = base_of(root, base)
    inside = base if channel is root else base_of(channel, base)
    links, hints = _channel(channel, inside)
    if channel is not root:
        _decline_beside(channel, root)
    if _has_content_outside(root) and any(_description_count(item) > 1 for item in items):
        raise DeclinedError(Declined.UNUSUAL_NESTING)
    entries = tuple(_cut(read_entry(item, inside if item.getparent() is channel else base)) for item in items[:max_entries])
    home = links.link or url
    return ParsedFeed(
        entries=entries,
        base=home if home and home.startswith("http") else url,
        ttl_s=ttl_s(hints),
        over_limit=max(0, len(items) - max_entries),
        version=version,
    )


def _parts(root: Any) -> tuple[Any, list[Any], str]:
    """Channel, entries and version. Declined where they stand elsewhere than they should."""
    name = local_name(root)
    children = [child for child in root if kind_of(child) is Kind.ENTRY or local_name(child) == "channel"]
    entries = [child for child in children if kind_of(child) is Kind.ENTRY]
    channels = [child for child in children if local_name(child) == "channel"]
    if root.tag == f"{{{_ATOM}}}feed" and not channels:
        return root, entries, "atom10"
    if root.tag == "rss" and len(channels) == 1 and not entries:
        channel = channels[0]
        stated = attributes(root).get("version", "")
        version = _RSS_VERSIONS.get(stated) or ("rss20" if stated.startswith("2.") else "rss")
        return channel, [child for child in channel if kind_of(child) is Kind.ENTRY], version
    if root.tag == _RDF_ROOT and len(channels) == 1 and root.nsmap.get(None) == "http://purl.org/rss/1.0/":
        inner = [child for child in channels[0] if kind_of(child) is Kind.ENTRY]
        if not inner and children and children[0] is channels[0]:
            return channels[0], entries, "rss10"
    raise DeclinedError(Declined.UNKNOWN_ROOT if name not in ("rss", "feed", "rdf") else Declined.UNUSUAL_NESTING)


def _channel(channel: Any, base: str) -> tuple[Links, dict[str, str]]:
    """The feed's own address and its wishes; entries are passed over."""
    if {"href", "lastmod"} & attributes(channel).keys():
        raise DeclinedError(Declined.UNUSUAL_NESTING)
    links = Links()
    hints: dict[str, str] = {}
    for child in channel:
        kind = kind_of(child)
        if kind is Kind.LINK:
            links.take_link(child, base_of(child, base))
            if any("&" in text and ";" in text for text in (child.text or "", links.link or "")):  # unescaped otherwise than an entry's
                raise DeclinedError(Declined.UNUSUAL_LINK)
        elif kind is Kind.GUID:
            links.take_guid(child, base_of(child, base))
        elif kind is Kind.APART:
            _decline_unless_image(child)
        elif kind is not Kind.ENTRY and len(child):
            if _hint(child):
                raise DeclinedError(Declined.MARKUP_IN_TEXT)
            _decline_links_within(child.iterdescendants())
        elif (name := _hint(child)) and not child.attrib:
            hints[name] = text_of(child)
    return links, hints


def _decline_beside(channel: Any, root: Any) -> None:
    """What stands beside the channel is the feed's own for feedparser too, in the order in which it comes."""
    for child in root:
        if child is channel:
            continue
        kind = kind_of(child)
        if kind in (Kind.LINK, Kind.GUID, Kind.HAZARD) or _hint(child):
            raise DeclinedError(Declined.UNUSUAL_NESTING)
        if kind is Kind.APART:
            _decline_unless_image(child)
        elif kind is not Kind.ENTRY:
            _decline_links_within(child.iterdescendants())


def _has_content_outside(root: Any) -> bool:
    """Whether the feed itself has a content, or two descriptions: feedparser then takes the next entry's second one otherwise."""
    kinds = [kind for element in _outside_entries(root) if (kind := kind_of(element)) in (Kind.CONTENT, Kind.DESCRIPTION)]
    return Kind.CONTENT in kinds or len(kinds) > 1


def _outside_entries(element: Any) -> Iterator[Any]:
    for child in element:
        if kind_of(child) is not Kind.ENTRY:
            yield child
            yield from _outside_entries(child)


def _description_count(item: Any) -> int:
    return sum(kind_of(element) is Kind.DESCRIPTION for element in item.iterdescendants())


def _hint(element: Any) -> str | None:
    """The key feedparser gives the element, for those that say how often to come."""
    name = local_name(element)
    if element.prefix is None:
        return "ttl" if name == "ttl" else None
    return f"sy_{name}" if name in ("updateperiod", "updatefrequency") and "modules/syndication" in element.tag else None


def _decline_unless_image(element: Any) -> None:
    if local_name(element) == "source" or any(local_name(child) not in _IN_IMAGE or len(child) for child in element):
        raise DeclinedError(Declined.UNUSUAL_NESTING)


def _decline_links_within(elements: Iterable[Any]) -> None:
    if any(kind_of(element) in (Kind.LINK, Kind.GUID, Kind.APART, Kind.ENTRY, Kind.HAZARD) for element in elements):
        raise DeclinedError(Declined.UNUSUAL_NESTING)


def _cut(entry: Entry) -> Entry:
    if max(len(entry.title), len(entry.summary), len(entry.content), len(entry.link or ""), len(entry.guid or "")) <= MAX_FIELD_CHARS:
        return entry
    raise DeclinedError(Declined.TOO_LONG)
