"""One entry of a well-formed feed, read as feedparser reads it; or not at all, when that would take more than is known here. [pure]

The order of elements decides much: a second description is a content, a guid is a link only until a link comes, a title in a
media group counts only without one of the entry's own. What feedparser does there is done here in the same order.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from typing import Any

from feedparser.html import _cp1252
from feedparser.urls import _urljoin, make_safe_absolute_uri

from producers.formats.entry import Declined, DeclinedError, Entry
from producers.formats.xmlnames import RDF, XML, Kind, attributes, kind_of

_PLAIN_TYPES = frozenset(("", "text", "html", "plain", "text/html", "text/plain"))
_HTML_TYPES = frozenset(("html", "text/html", "xhtml", "application/xhtml+xml"))
_REFERENCE = re.compile("&([A-Za-z0-9_]+);")
_LATIN_1 = re.compile("[\x80-\xff]")
_C1 = re.compile("[\x80-\x9f]")


def base_of(element: Any, inherited: str) -> str:
    """What relative addresses in the element are relative to (xml:base, or a plain `base`)."""
    stated = element.get(f"{XML}base", element.get("base")) or inherited
    return (make_safe_absolute_uri(inherited, stated) or inherited) if inherited else _urljoin(inherited, stated)


def text_of(element: Any) -> str:
    """The element's text, mended as feedparser mends it. DeclinedError when there are elements in it."""
    return mended(_raw(element))


def _raw(element: Any) -> str:
    if len(element):
        raise DeclinedError(Declined.MARKUP_IN_TEXT)
    return (element.text or "").strip()


def mended(text: str) -> str:
    """UTF-8 that was taken for Latin-1 becomes what it was; Windows' punctuation in the C1 range becomes the characters meant."""
    if text.isascii() or not _LATIN_1.search(text):
        return text
    with contextlib.suppress(UnicodeEncodeError, UnicodeDecodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(_cp1252) if _C1.search(text) else text


@dataclass(slots=True)
class Links:
    """An entry's or a channel's own address, as its elements come by."""

    link: str | None = None
    guid: str | None = None
    _candidates: list[str] = field(default_factory=list)  # of rel=alternate, whatever their type

    def take_link(self, element: Any, base: str) -> None:
        given = attributes(element)
        href = given.get("url", given.get("uri", given.get("href")))
        rel = given.get("rel", "alternate")
        if href is None:
            self._take_text(_raw(element), base, rel)
            return
        if len(element) or not href:
            raise DeclinedError(Declined.UNUSUAL_LINK)
        if rel == "alternate":
            address = _urljoin(base, href)
            self._candidates.append(address)
            if given.get("type", "text/html") in _HTML_TYPES:
                self.link = address

    def _take_text(self, text: str, base: str, rel: str) -> None:
        address = mended(_urljoin(base, text)) if text else ""
        address = _REFERENCE.sub(r"&\1", address.replace("&amp;", "&"))  # escaped twice, and what that leaves
        self.link = address
        if address and rel == "alternate":
            self._candidates.append(address)

    def take_guid(self, element: Any, base: str) -> None:
        text = _raw(element)
        is_link = attributes(element).get("ispermalink", "true") == "true"
        self.guid = mended(_urljoin(base, text) if is_link and text else text)
        if is_link and self.link is None:
            self.link = self.guid

    def best(self) -> str | None:
        """As `producers.formats.parse` chooses: the link, the first alternative, a guid that is an address."""
        if self.link:
            return self.link
        for candidate in self._candidates:
            if candidate:
                return candidate
        return self.guid if self.guid and self.guid.startswith(("http://", "https://")) else None


@dataclass(slots=True)
class _Reading:
    """What has been read of an entry so far."""

    links: Links = field(default_factory=Links)
    titles: list[str] = field(default_factory=list)
    media_title_count: int = 0
    has_apart: bool = False
    summary: str | None = None
    summary_depth: int | None = None
    contents: list[str] = field(default_factory=list)
    has_content: bool = False
    dates: dict[Kind, str] = field(default_factory=dict)


def read_entry(element: Any, base: str) -> Entry:
    """The entry; DeclinedError with the reason when feedparser must read this feed."""
    reading = _Reading()
    base = base_of(element, base)
    reading.links.guid = element.get(f"{RDF}about") or None
    for child in element:
        _take(reading, child, base, depth=1)
    title = next(filter(None, reading.titles), "")
    rivals = reading.media_title_count + max(0, len(reading.titles) - 1)
    if rivals and (not title or reading.has_apart):  # after an image or source feedparser takes any title anew
        raise DeclinedError(Declined.SEVERAL_TITLES)
    content = max(reading.contents, key=len, default="")
    summary = reading.summary or ""
    return Entry(
        guid=reading.links.guid or None,
        link=reading.links.best(),
        title=title,
        summary=summary,
        content="" if content == summary else content,
        published_raw=next((reading.dates[kind] for kind in (Kind.PUBLISHED, Kind.UPDATED, Kind.CREATED) if reading.dates.get(kind)), None),
    )


def _take(reading: _Reading, element: Any, base: str, *, depth: int) -> None:
    kind = kind_of(element)
    if kind is Kind.OTHER:
        for child in element:
            _take(reading, child, base, depth=depth + 1)
    elif kind is Kind.MEDIA_TITLE:
        text_of(element)
        _decline_types(element)
        reading.media_title_count += 1
    elif kind is Kind.DESCRIPTION:
        _take_description(reading, element, depth)
    elif depth > 1 or kind in (Kind.HAZARD, Kind.ENTRY):
        raise DeclinedError(Declined.UNUSUAL_NESTING)
    else:
        _take_own(reading, kind, element, base_of(element, base))


def _take_own(reading: _Reading, kind: Kind, element: Any, base: str) -> None:
    """An element that stands directly in the entry."""
    if kind is Kind.LINK:
        reading.links.take_link(element, base)
    elif kind is Kind.GUID:
        reading.links.take_guid(element, base)
    elif kind is Kind.APART:
        if len(element):
            raise DeclinedError(Declined.UNUSUAL_NESTING)
        reading.has_apart = True
    elif kind is Kind.TITLE:
        _decline_types(element)
        reading.titles.append(text_of(element))
    elif kind is Kind.CONTENT:
        _decline_types(element)
        if element.get("src") is not None:
            raise DeclinedError(Declined.UNUSUAL_TYPE)
        reading.contents.append(text_of(element))
        reading.has_content = True
        if reading.summary is None:
            reading.summary = reading.contents[-1]
    else:
        reading.dates[kind] = text_of(element)


def _take_description(reading: _Reading, element: Any, depth: int) -> None:
    """The first is the summary; a further one is a content unless there was one; else the one that stands least deep counts."""
    _decline_types(element)
    text = text_of(element)
    if reading.summary is not None and not reading.has_content:
        reading.contents.append(text)
        reading.has_content = True
    elif reading.summary_depth is None or depth <= reading.summary_depth:
        reading.summary, reading.summary_depth = text, depth


def _decline_types(element: Any) -> None:
    """Text is plain or HTML here; anything else is feedparser's."""
    if element.attrib:
        given = attributes(element)
        if given.get("type", "") not in _PLAIN_TYPES or "mode" in given:
            raise DeclinedError(Declined.UNUSUAL_TYPE)
