"""The result of every parser: a feed's entries before cleaning."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from newsmon.records import EntryRejection


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as parsed: texts are HTML unless `plain` names them, the link may be relative, anything may be missing ("" or None)."""

    guid: str | None
    link: str | None
    title: str
    summary: str
    content: str
    published_raw: str | None
    language: str | None = None  # stated for this entry
    other_dates: tuple[str, ...] = ()  # further dates, to be read when `published_raw` cannot be
    plain: frozenset[str] = frozenset()  # the fields among title, summary and content that are plain text
    publisher: str | None = None  # the publisher an aggregator names for this item
    publisher_url: str | None = None  # and its site or feed


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
    is_cut: bool = False  # the document ends too early
    language: str | None = None  # stated for the whole feed
    charset: str | None = None  # the encoding to remember for the feed: None while what it declares is right
    reader: Reader = Reader.FEEDPARSER
    lost: tuple[tuple[int, EntryRejection], ...] = ()  # the place, from 0, and the reason of each entry that is not in `entries`
