"""Bytes of a feed -> its entries, by feedparser on bytes (never a string: it would open one that looks like a path). [pure]

feedparser's sanitiser and its resolver of relative addresses are switched off: both cost most of the time, and what they
do is done by `newsmon.text` and `producers.clean`. Runs in a worker process (producers.parsing) because a hostile feed can keep a
parser busy for minutes.
"""

from __future__ import annotations

import io
from typing import Any

import feedparser

from producers.entry import DamagedFeedError, Entry, NotAFeedError, ParsedFeed
from producers.jsonfeed import looks_like_json, parse_json_feed
from producers.sitemap import parse_sitemap, root_of

_PERIODS_S = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
MAX_FIELD_CHARS = 500_000  # one entry's text beyond this is cut: no article is a book
# What feedparser has been seen to raise on damaged input; anything else is a bug and ends the worker process.
PARSER_ERRORS = (ValueError, TypeError, KeyError, AttributeError, IndexError, LookupError, RecursionError, AssertionError)


def parse_feed(body: bytes, *, content_type: str = "", url: str | None = None, max_entries: int = 2_000) -> ParsedFeed:
    """The entries in the feed's order.

    NotAFeedError for anything that is no RSS, RDF, Atom or JSON Feed, DamagedFeedError for a feed that broke the parser.
    `content_type` decides the encoding as RFC 7303 says; `url` is the base for relative links.
    """
    if looks_like_json(body, content_type):
        found = parse_json_feed(body, max_entries=max_entries)
        return found if found.base else ParsedFeed(found.entries, url, over_limit=found.over_limit, version=found.version)
    if root_of(body) is not None:
        return parse_sitemap(body, max_entries=max_entries)
    headers = {"content-type": content_type} if content_type else {}
    if url:
        headers["content-location"] = url
    try:
        parsed = feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except PARSER_ERRORS as error:
        raise DamagedFeedError(f"{type(error).__name__}: {error}") from error
    entries = parsed.get("entries", [])
    if not parsed.get("version") and not entries:
        raise NotAFeedError(_why_not(body))
    base = _text(parsed.get("feed", {}).get("link")) or url
    return ParsedFeed(
        entries=tuple(_entry(raw) for raw in entries[:max_entries]),
        base=base if base and base.startswith("http") else url,
        ttl_s=_ttl_s(parsed.get("feed", {})),
        over_limit=max(0, len(entries) - max_entries),
        version=_text(parsed.get("version")),
    )


def _entry(raw: Any) -> Entry:
    contents = raw.get("content") or []
    content = max((_text(part.get("value")) for part in contents if isinstance(part, dict)), key=len, default="")
    summary = _text(raw.get("summary"))
    if content == summary:  # feedparser copies the one into the other
        content = ""
    return Entry(
        guid=_text(raw.get("id")) or None,
        link=_link(raw),
        title=_text(raw.get("title")),
        summary=summary,
        content=content,
        published_raw=_text(raw.get("published")) or _text(raw.get("updated")) or _text(raw.get("created")) or None,
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


def _ttl_s(feed: Any) -> int | None:
    ttl = _text(feed.get("ttl")).strip()
    if _is_number(ttl) and 0 < int(ttl) <= 10_080:
        return int(ttl) * 60
    period = _PERIODS_S.get(_text(feed.get("sy_updateperiod")).strip().lower())
    if period is None:
        return None
    frequency = _text(feed.get("sy_updatefrequency")).strip()
    return period // max(1, int(frequency)) if _is_number(frequency) else period


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6


def _why_not(body: bytes) -> str:
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    return "neither RSS, RDF, Atom nor JSON Feed" if start else "empty"


def _text(value: object) -> str:
    return value[:MAX_FIELD_CHARS] if isinstance(value, str) else ""
