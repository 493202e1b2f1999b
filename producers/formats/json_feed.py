"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1): ids may be numbers, anything may be missing.

Our own reader, because feedparser 6 reads XML only.
"""

from __future__ import annotations

import json
from typing import Any

from producers.formats.entry import Entry, NotAFeedError, ParsedFeed, Reader


def looks_like_json(body: bytes, content_type: str) -> bool:
    """True when the content type or the first character suggests JSON."""
    return "json" in content_type.lower() or body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"


def parse_json_feed(body: bytes) -> ParsedFeed:
    """The feed's entries; NotAFeedError for anything but a JSON Feed."""
    try:
        data = json.loads(body.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise NotAFeedError(f"not JSON: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("items"), list):
        raise NotAFeedError("JSON without a list of items")
    items = [item for item in data["items"] if isinstance(item, dict)]
    entries = tuple(_entry(item) for item in items)
    base = _text(data.get("home_page_url")) or _text(data.get("feed_url")) or None
    return ParsedFeed(entries, base, reader=Reader.JSON)


def _entry(item: dict[str, Any]) -> Entry:
    text = _text(item.get("content_html")) or _text(item.get("content_text"))
    return Entry(
        guid=_text(item.get("id")) or None,
        link=_text(item.get("url")) or _text(item.get("external_url")) or None,
        title=_text(item.get("title")),
        summary=_text(item.get("summary")),
        content=text,
        published_raw=_text(item.get("date_published")) or _text(item.get("date_modified")) or None,
        other_dates=(_text(item.get("date_modified")),) if item.get("date_published") and item.get("date_modified") else (),
    )


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
