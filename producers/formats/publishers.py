"""The publisher that an aggregator names for an item: RSS `<source url>`, Atom `<source>`."""

from __future__ import annotations

from typing import Any


def publisher_of(raw: Any) -> str | None:
    """The publisher's name, of feedparser's entry."""
    return _text(raw, "title")


def publisher_url_of(raw: Any) -> str | None:
    """The address of the publisher's feed or site."""
    return _text(raw, "href") or _text(raw, "link")


def _text(raw: Any, key: str) -> str | None:
    source = raw.get("source")
    value = source.get(key) if isinstance(source, dict) else None
    return value.strip() or None if isinstance(value, str) else None
