"""RSS, RDF and Atom, read by feedparser.

It runs in a worker process (producers.workers), because a hostile feed can keep it busy for minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from newsmon.records import EntryRejection
from newsmon.text import unwrapped
from producers.charsets.settle import TYPE_OF_DECODED
from producers.documents.faults import NotAFeedError
from producers.documents.feed_parser import feedparser_result
from producers.documents.salvage import lost_of, read_document
from producers.documents.sniff import Kind, why_no_feed
from producers.documents.stated_dates import other_dates_of
from producers.formats.entry import Entry, ParsedFeed
from producers.formats.entry_fields import text_of, texts_of
from producers.formats.entry_links import base_of, link_of
from producers.formats.publishers import publisher_of, publisher_url_of

MAX_TTL_MINUTES = 10_080  # a week
_PERIODS_S = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}


def parse_rss_or_atom(body: bytes, *, url: str | None) -> ParsedFeed:
    """The feed's entries; NotAFeedError for other documents, DamagedFeedError when feedparser fails on the bytes. `body` is UTF-8."""
    headers = {"content-type": TYPE_OF_DECODED}
    parsed = read_document(body, lambda part: feedparser_result(part, headers))
    if not parsed.version and not parsed.entries:
        raise NotAFeedError(why_no_feed(Kind.XML, body))
    entries = [raw for raw in parsed.entries if not isinstance(raw, EntryRejection)]
    about = parsed.feed
    is_atom = parsed.version.startswith("atom")
    inherited = _language_of(about)
    read = tuple(_entry(raw, is_atom=is_atom, inherited=inherited) for raw in entries)
    return ParsedFeed(
        entries=read,
        base=base_of(about, (entry.link for entry in read), url),
        ttl_s=_ttl_s(about),
        is_cut=parsed.is_cut,
        language=text_of(about.get("language")) or inherited,
        lost=tuple(lost_of(parsed)),
    )


def _entry(raw: Any, *, is_atom: bool, inherited: str | None) -> Entry:
    texts = texts_of(raw, is_atom=is_atom)
    language = _language_of(raw)
    published = text_of(raw.get("published")) or text_of(raw.get("updated")) or text_of(raw.get("created")) or None
    return Entry(
        guid=unwrapped(text_of(raw.get("id"))).strip() or None,
        link=link_of(raw),
        title=texts.title,
        summary=texts.summary,
        content=texts.content,
        published_raw=published,
        language=text_of(raw.get("language")) or (language if language != inherited else None),
        other_dates=other_dates_of(raw, published),
        plain=texts.plain,
        publisher=publisher_of(raw),
        publisher_url=publisher_url_of(raw),
    )


def _language_of(raw: Any) -> str | None:
    """The `xml:lang` that holds for an entry's or a feed's texts, also where it stands further out."""
    for key in ("title_detail", "summary_detail", "subtitle_detail"):
        detail = raw.get(key)
        if isinstance(detail, dict) and detail.get("language"):
            return text_of(detail.get("language")) or None
    return None


def _ttl_s(feed: Mapping[str, object]) -> int | None:
    """Seconds the feed asks readers to wait: <ttl> in minutes, at most a week, or sy:updatePeriod divided by sy:updateFrequency."""
    ttl = _word(feed, "ttl")
    if _is_number(ttl) and 0 < int(ttl) <= MAX_TTL_MINUTES:
        return int(ttl) * 60
    period_s = _PERIODS_S.get(_word(feed, "sy_updateperiod").lower())
    if period_s is None:
        return None
    frequency = _word(feed, "sy_updatefrequency")
    return period_s // max(1, int(frequency)) if _is_number(frequency) else period_s


def _word(feed: Mapping[str, object], key: str) -> str:
    value = feed.get(key)
    return value.strip() if isinstance(value, str) else ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6
