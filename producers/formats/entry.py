"""What a parser hands on: a feed's entries, as they stood, before any cleaning. [pure]"""

from __future__ import annotations

from dataclasses import dataclass, field
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
    """Who read a feed."""

    FAST = "fast"
    FEEDPARSER = "feedparser"
    JSON = "json"
    SITEMAP = "sitemap"


class Declined(StrEnum):
    """Why the fast reading left a feed to feedparser."""

    EMPTY = "empty"  # nothing is cheap for feedparser too, and it may see entries where we see none
    ENCODING = "encoding"
    DOCTYPE = "doctype"
    NOT_WELL_FORMED = "not_well_formed"
    TOO_LONG = "too_long"
    UNKNOWN_ROOT = "unknown_root"
    MARKUP_IN_TEXT = "markup_in_text"
    UNUSUAL_LINK = "unusual_link"
    UNUSUAL_NESTING = "unusual_nesting"
    UNUSUAL_PREFIX = "unusual_prefix"
    UNUSUAL_TYPE = "unusual_type"
    SEVERAL_TITLES = "several_titles"


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed's entries in the feed's own order; `base` is what relative links are relative to."""

    entries: tuple[Entry, ...]
    base: str | None
    ttl_s: int | None = None  # the feed's own wish, from <ttl> or sy:updatePeriod
    over_limit: int = 0  # entries beyond the limit, not read
    version: str = ""
    reader: Reader = field(default=Reader.FEEDPARSER, compare=False)
    declined: Declined | None = field(default=None, compare=False)  # why the fast reading did not do


class DamagedFeedError(ValueError):
    """A feed so damaged that the parser failed on it."""


class NotAFeedError(ValueError):
    """The bytes are no feed of a kind we know; `producers.answers.outcome` makes it the poll's result."""


class DeclinedError(Exception):
    """Raised inside the fast reading; `reason` says why feedparser must read the feed."""

    def __init__(self, reason: Declined) -> None:
        super().__init__(reason.value)
        self.reason = reason
