"""RSS, RDF and Atom, read by feedparser.

feedparser gets bytes, never a string: it would open a string that looks like a path. Its HTML sanitiser and its resolver of relative
addresses are off: they take most of its time, and `newsmon.text` and `producers.articles` do that work. It runs in a worker process
(producers.workers), because a hostile feed can keep it busy for minutes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import feedparser

from newsmon.records import EntryRejection
from producers.formats.entry import DamagedFeedError, Entry, NotAFeedError, ParsedFeed
from producers.formats.publishers import publisher_of, publisher_url_of
from producers.formats.salvage import lost_of, read_document
from producers.formats.stated_dates import note_all_dates, other_dates_of

MAX_FIELD_CHARS = 500_000  # longer texts are cut: no article is a book
MAX_TTL_MINUTES = 10_080  # a week
# The errors feedparser raises on damaged input. Anything else is a bug and ends the worker process.
PARSER_ERRORS = (ValueError, TypeError, KeyError, AttributeError, IndexError, LookupError, RecursionError, AssertionError)
note_all_dates()
_PERIODS_S = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}


def parse_rss_or_atom(body: bytes, *, content_type: str, url: str | None, max_entries: int) -> ParsedFeed:
    """The feed's entries; NotAFeedError for other documents, DamagedFeedError when feedparser fails on the bytes."""
    headers = {"content-type": content_type} if content_type else {}
    if url:
        headers["content-location"] = url
    parsed = read_document(body, lambda part: feedparser_result(part, headers))
    entries = [raw for raw in parsed.entries if not isinstance(raw, EntryRejection)]
    if not parsed.version and not parsed.entries:
        raise NotAFeedError(_why_not(body))
    base = _text(parsed.feed.get("link")) or url
    return ParsedFeed(
        entries=tuple(_entry(raw) for raw in entries[:max_entries]),
        base=base if base and base.startswith("http") else url,
        ttl_s=_ttl_s(parsed.feed),
        over_limit_count=max(0, len(entries) - max_entries),
        damaged_count=len(parsed.entries) - len(entries),
        is_cut=parsed.is_cut,
        lost=tuple(lost_of(parsed)),
    )


def feedparser_result(body: bytes, headers: Mapping[str, str], *, clean: bool = False) -> Any:
    """feedparser's result; `clean` turns its sanitiser and resolver on. DamagedFeedError when it fails on the bytes."""
    try:
        return feedparser.parse(io.BytesIO(body), response_headers=dict(headers), sanitize_html=clean, resolve_relative_uris=clean)
    except PARSER_ERRORS as error:
        raise DamagedFeedError(f"{type(error).__name__}: {error}") from error


def _entry(raw: Any) -> Entry:
    contents = raw.get("content") or []
    content = max((_text(part.get("value")) for part in contents if isinstance(part, dict)), key=len, default="")
    summary = _text(raw.get("summary"))
    if content == summary:  # feedparser copies one into the other
        content = ""
    published = _text(raw.get("published")) or _text(raw.get("updated")) or _text(raw.get("created")) or None
    return Entry(
        guid=_text(raw.get("id")) or None,
        link=_link(raw),
        title=_text(raw.get("title")),
        summary=summary,
        content=content,
        published_raw=published,
        other_dates=other_dates_of(raw, published),
        publisher=publisher_of(raw),
        publisher_url=publisher_url_of(raw),
    )


def _link(raw: Any) -> str | None:
    link = _text(raw.get("link"))
    if link:
        return link
    for candidate in raw.get("links") or []:
        if isinstance(candidate, dict) and candidate.get("rel") in (None, "alternate") and _text(candidate.get("href")):
            return _text(candidate.get("href"))
    guid = _text(raw.get("id"))
    return guid if guid.startswith(("http://", "https://")) else None


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


def _why_not(body: bytes) -> str:
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    return "neither RSS, RDF, Atom nor JSON Feed" if start else "empty"


def _text(value: object) -> str:
    return value[:MAX_FIELD_CHARS] if isinstance(value, str) else ""
