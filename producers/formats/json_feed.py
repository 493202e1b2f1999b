"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1): ids may be numbers, anything may be missing.

Our own reader, because feedparser 6 reads XML only.
"""

from __future__ import annotations

import re
from typing import Any

from newsmon.records import EntryRejection
from producers.addresses.urls import absolute_url
from producers.documents.json_items import read_items
from producers.formats.entry import Entry, ParsedFeed, Reader
from producers.formats.plain_text import is_markup

MAX_FIELD_CHARS = 500_000  # longer texts are cut: no article is a book
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?=$|[-_])")


def parse_json_feed(body: bytes) -> ParsedFeed:
    """The feed's entries; NotAFeedError for anything but a JSON Feed. `body` is UTF-8."""
    found = read_items(body.decode("utf-8-sig", "replace"))
    lost = tuple((place, item) for place, item in enumerate(found.items) if isinstance(item, EntryRejection))
    about = found.about
    addresses = (absolute_url(_text(about.get(key)), None) for key in ("home_page_url", "feed_url") if _text(about.get(key)))
    return ParsedFeed(
        entries=tuple(_entry(item) for item in found.items if not isinstance(item, EntryRejection)),
        base=next((address for address in addresses if address), None),
        is_cut=found.is_cut,
        language=_language(about.get("language")),
        reader=Reader.JSON,
        lost=lost,
    )


def _entry(item: dict[str, Any]) -> Entry:
    html, text = _text(item.get("content_html")), _text(item.get("content_text"))
    title, summary = _text(item.get("title")), _text(item.get("summary"))
    guid = _text(item.get("id")).strip()
    published, modified = _text(item.get("date_published")), _text(item.get("date_modified"))
    plain = {"title": not is_markup(title), "summary": not is_markup(summary), "content": not html.strip()}
    own = guid if guid.lower().startswith(("http://", "https://")) else ""
    return Entry(
        guid=guid or None,
        link=_text(item.get("url")).strip() or own or _text(item.get("external_url")).strip() or None,
        title=title,
        summary=summary,
        content=html if html.strip() else text,
        published_raw=published or modified or None,
        language=_language(item.get("language")),
        other_dates=(modified,) if published and modified else (),
        plain=frozenset(name for name, is_plain in plain.items() if is_plain),
    )


def _language(value: object) -> str | None:
    found = _LANGUAGE.match(_text(value).strip())
    return found[0].lower() if found else None


def _text(value: object) -> str:
    """A text, or a number as written."""
    return value[:MAX_FIELD_CHARS] if isinstance(value, str) else ""
