"""What a parser hands on: a feed's entries, as they stood, before any cleaning. [pure]"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as parsed; texts may be HTML, the link may be relative, anything may be missing ("" or None)."""

    guid: str | None
    link: str | None
    title: str
    summary: str
    content: str
    published_raw: str | None
    language: str | None = None  # said of this entry alone; the feed's own is the configuration's


class Reader(StrEnum):
    """The parser that read a feed."""

    FEEDPARSER = "feedparser"
    JSON = "json"
    SITEMAP = "sitemap"


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed's entries in the feed's own order; `base` is what relative links are relative to."""

    entries: tuple[Entry, ...]
    base: str | None
    ttl_s: int | None = None  # the feed's own wish, from <ttl> or sy:updatePeriod
    over_limit_count: int = 0  # entries beyond the limit, not read
    reader: Reader = Reader.FEEDPARSER


class DamagedFeedError(ValueError):
    """A feed so damaged that the parser failed on it."""


class NotAFeedError(ValueError):
    """The bytes are no feed of a kind we know; `producers.answers.outcome` makes it the poll's result."""
