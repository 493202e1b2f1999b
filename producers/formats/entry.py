"""The result of every parser: a feed's entries before cleaning."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as parsed: texts may be HTML, the link may be relative, anything may be missing ("" or None)."""

    guid: str | None
    link: str | None
    title: str
    summary: str
    content: str
    published_raw: str | None
    language: str | None = None  # stated for this entry; the feed's language is in the configuration


class Reader(StrEnum):
    """The parser that read a feed."""

    FEEDPARSER = "feedparser"
    JSON = "json"
    SITEMAP = "sitemap"


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed's entries in the feed's order. Relative links are relative to `base`."""

    entries: tuple[Entry, ...]
    base: str | None
    ttl_s: int | None = None  # how long the feed asks readers to wait, from <ttl> or sy:updatePeriod
    over_limit_count: int = 0  # entries beyond the limit, not read
    reader: Reader = Reader.FEEDPARSER


class DamagedFeedError(ValueError):
    """A feed so damaged that its parser failed."""


class NotAFeedError(ValueError):
    """The bytes are not a feed in any format we read; the poll ends with NOT_A_FEED."""
