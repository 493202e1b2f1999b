"""Bytes of a feed -> its entries: well-formed feeds by libxml2, all others by feedparser, JSON Feed and sitemaps by our own. [pure]

feedparser is the reference, and gets bytes, never a string: it would open one that looks like a path. Its sanitiser and its
resolver of relative addresses are switched off: both cost most of the time, and what they do is done by `newsmon.text` and
`producers.articles.clean`. Runs in a worker process (producers.workers): a hostile feed can keep a parser busy for minutes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import feedparser

from producers.formats.encoding import told
from producers.formats.entry import DamagedFeedError, Declined, Entry, NotAFeedError, ParsedFeed, Reader
from producers.formats.hints import ttl_s
from producers.formats.jsonfeed import looks_like_json, parse_json_feed
from producers.formats.sitemap import parse_sitemap, root_of
from producers.formats.xmlfeed import read_xml_feed

MAX_FIELD_CHARS = 500_000  # one entry's text beyond this is cut: no article is a book
# What feedparser has been seen to raise on damaged input; anything else is a bug and ends the worker process.
PARSER_ERRORS = (ValueError, TypeError, KeyError, AttributeError, IndexError, LookupError, RecursionError, AssertionError)


def parse_feed(
    body: bytes, *, content_type: str = "", url: str | None = None, max_entries: int = 2_000, fast: bool = True
) -> ParsedFeed:  # fmt: skip
    """The entries in the feed's order.

    NotAFeedError for anything that is no RSS, RDF, Atom or JSON Feed, DamagedFeedError for a feed that broke the parser.
    `content_type` decides the encoding as RFC 7303 says; `url` is the base for relative links. `fast=False` asks feedparser at once.
    """
    if looks_like_json(body, content_type):
        found = parse_json_feed(body, max_entries=max_entries)
        return replace(found, base=found.base or url, reader=Reader.JSON)
    if root_of(body) is not None:
        return replace(parse_sitemap(body, max_entries=max_entries), reader=Reader.SITEMAP)
    declined: Declined | None = None
    body, content_type = told(body, content_type)
    if fast:
        read = read_xml_feed(body, content_type=content_type, url=url, max_entries=max_entries)
        if isinstance(read, ParsedFeed):
            return replace(read, reader=Reader.FAST)
        declined = read
    headers = {"content-type": content_type} if content_type else {}
    if url:
        headers["content-location"] = url
    return _of_result(feedparser_result(body, headers), body, url, max_entries, declined)


def feedparser_result(body: bytes, headers: Mapping[str, str], *, clean: bool = False) -> Any:
    """What feedparser makes of the bytes; `clean` with its own sanitiser and resolver. DamagedFeedError when it breaks on them."""
    try:
        return feedparser.parse(io.BytesIO(body), response_headers=dict(headers), sanitize_html=clean, resolve_relative_uris=clean)
    except PARSER_ERRORS as error:
        raise DamagedFeedError(f"{type(error).__name__}: {error}") from error


def _of_result(parsed: Any, body: bytes, url: str | None, max_entries: int, declined: Declined | None) -> ParsedFeed:
    entries = parsed.get("entries", [])
    if not parsed.get("version") and not entries:
        raise NotAFeedError(_why_not(body))
    base = _text(parsed.get("feed", {}).get("link")) or url
    return ParsedFeed(
        entries=tuple(_entry(raw) for raw in entries[:max_entries]),
        base=base if base and base.startswith("http") else url,
        ttl_s=ttl_s(parsed.get("feed", {})),
        over_limit=max(0, len(entries) - max_entries),
        version=_text(parsed.get("version")),
        declined=declined,
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


def _why_not(body: bytes) -> str:
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    return "neither RSS, RDF, Atom nor JSON Feed" if start else "empty"


def _text(value: object) -> str:
    return value[:MAX_FIELD_CHARS] if isinstance(value, str) else ""
