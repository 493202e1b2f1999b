"""Alerts as feeds: RSS 2.0, Atom 1.0, JSON Feed 1.1.

In: a Channel. Out: bytes; equal input gives equal bytes, so that an ETag made from them changes only with the alerts. Titles and texts
are plain text in all three: Atom and JSON Feed can say so; in RSS, whose readers expect HTML, they are escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from io import StringIO
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

import msgspec

ATOM_NAMESPACE = "http://www.w3.org/2005/Atom"
JSON_FEED_VERSION = "https://jsonfeed.org/version/1.1"
# Characters that XML 1.0 cannot contain.
UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Some readers treat an RSS title as HTML, some as plain text: a zero-width space keeps both from seeing a tag.
TAG = re.compile(r"<(?=[a-z/!?])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One alert in its newest revision; `id` never changes."""

    id: str
    url: str | None
    title: str
    text: str
    categories: tuple[str, ...]
    published_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Channel:
    """One feed: the alerts of one theme or of all, newest first."""

    id: str
    title: str
    self_url: str
    updated_at: datetime
    entries: tuple[Entry, ...]


def rss(channel: Channel) -> bytes:
    with _Document("rss", {"version": "2.0", "xmlns:atom": ATOM_NAMESPACE}) as document, document.inside("channel"):
        document.leaf("title", channel.title)
        document.leaf("link", channel.self_url)
        document.leaf("description", channel.title)
        document.leaf("lastBuildDate", _rfc822(channel.updated_at))
        document.leaf("atom:link", "", {"href": channel.self_url, "rel": "self", "type": "application/rss+xml"})
        for entry in channel.entries:
            with document.inside("item"):
                document.leaf("title", TAG.sub("<\u200b", entry.title))
                if entry.url is not None:
                    document.leaf("link", entry.url)
                document.leaf("guid", entry.id, {"isPermaLink": "false"})
                document.leaf("pubDate", _rfc822(entry.updated_at))
                for category in entry.categories:
                    document.leaf("category", category)
                document.leaf("description", escape(entry.text, quote=False).replace("\n", "<br>\n"))
    return document.bytes()


def atom(channel: Channel) -> bytes:
    with _Document("feed", {"xmlns": ATOM_NAMESPACE}) as document:
        document.leaf("id", channel.id)
        document.leaf("title", channel.title)
        document.leaf("updated", _rfc3339(channel.updated_at))
        document.leaf("link", "", {"href": channel.self_url, "rel": "self", "type": "application/atom+xml"})
        with document.inside("author"):
            document.leaf("name", "newsmon")
        for entry in channel.entries:
            with document.inside("entry"):
                document.leaf("id", entry.id)
                document.leaf("title", entry.title)
                document.leaf("published", _rfc3339(entry.published_at))
                document.leaf("updated", _rfc3339(entry.updated_at))
                if entry.url is not None:
                    document.leaf("link", "", {"href": entry.url, "rel": "alternate"})
                for category in entry.categories:
                    document.leaf("category", "", {"term": category})
                document.leaf("content", entry.text, {"type": "text"})
    return document.bytes()


def json_feed(channel: Channel) -> bytes:
    items = []
    for entry in channel.entries:
        item: dict[str, object] = {
            "id": entry.id, "title": entry.title, "content_text": entry.text, "tags": entry.categories,
            "date_published": _rfc3339(entry.published_at), "date_modified": _rfc3339(entry.updated_at),
        }  # fmt: skip
        if entry.url is not None:
            item["url"] = entry.url
        items.append(item)
    head = {"version": JSON_FEED_VERSION, "title": channel.title, "feed_url": channel.self_url, "authors": [{"name": "newsmon"}]}
    return msgspec.json.encode(head | {"items": items})


FORMATS: dict[str, tuple[str, Callable[[Channel], bytes]]] = {
    "rss": ("application/rss+xml; charset=utf-8", rss),
    "atom": ("application/atom+xml; charset=utf-8", atom),
    "json": ("application/feed+json; charset=utf-8", json_feed),
}


class _Document:
    """Writes one XML document, element by element."""

    def __init__(self, root: str, attributes: dict[str, str]) -> None:
        self._text = StringIO()
        self._writer = XMLGenerator(self._text, encoding="utf-8", short_empty_elements=True)
        self._open = [(root, attributes)]

    def __enter__(self) -> _Document:
        self._writer.startDocument()
        name, attributes = self._open[-1]
        self._writer.startElement(name, AttributesImpl(attributes))
        return self

    def __exit__(self, *_error: object) -> None:
        self._writer.endElement(self._open.pop()[0])
        self._writer.endDocument()

    def inside(self, name: str) -> _Element:
        return _Element(self._writer, name)

    def leaf(self, name: str, text: str, attributes: dict[str, str] | None = None) -> None:
        written = {key: UNWRITABLE.sub("\ufffd", value) for key, value in (attributes or {}).items()}
        self._writer.startElement(name, AttributesImpl(written))
        self._writer.characters(UNWRITABLE.sub("\ufffd", text))
        self._writer.endElement(name)

    def bytes(self) -> bytes:
        return self._text.getvalue().encode("utf-8")


@dataclass(frozen=True, slots=True)
class _Element:
    writer: XMLGenerator
    name: str

    def __enter__(self) -> None:
        self.writer.startElement(self.name, AttributesImpl({}))

    def __exit__(self, *_error: object) -> None:
        self.writer.endElement(self.name)


def _rfc822(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC).replace(microsecond=0), usegmt=True)


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
