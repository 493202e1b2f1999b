"""The publisher that an aggregator names for an item: RSS `<source url>`, Atom `<source>`."""

from __future__ import annotations

from typing import Any

from producers.formats.entry_fields import text_of


def publisher_of(raw: Any) -> str | None:
    """The publisher's name, of feedparser's entry."""
    return _field(raw, "title")


def publisher_url_of(raw: Any) -> str | None:
    """The address of the publisher's feed or site."""
    return _field(raw, "href") or _field(raw, "link")


def _field(raw: Any, key: str) -> str | None:
    source = raw.get("source")
    return text_of(source.get(key)).strip() or None if isinstance(source, dict) else None
