"""Turns lines of a backfill file into articles, with the same cleaning, dates and identity as entries of feeds.

A file is read in pieces, each counted like one poll of a feed named after the file's content. So a file gives the same ids, poll
numbers and poll ids every time it is read, and the ledger balances as it does for feeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from newsmon import ids
from newsmon.records import Article, DateQuality, EntryRejection, Feed, FetchKind, FetchOutcome, FetchResult, Origin
from producers.articles.comparison import PollStamp, compare, outcome_of
from producers.articles.draft import Draft, draft_of
from producers.formats.entry import Entry

IDENTITY = "backfill"  # the feed id in the identity of articles without an address, the same for every file
MAX_LINE_BYTES = 4_000_000


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the file. `published_at` may have any form that feeds use; ISO 8601 with a zone is best."""

    title: str = ""
    text: str = ""
    id: str | None = None
    url: str | None = None
    published_at: str | None = None
    lang: str | None = None
    source: str | None = None
    country: str | None = None
    tier: int | None = None


@dataclass(frozen=True, slots=True)
class BadLine:
    """Line `number` (from 1) gave no article; `why` is for people."""

    number: int
    reason: EntryRejection
    why: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Everything a piece of a file publishes, in this order: articles, outcome. `unreadable_date_count` counts articles."""

    articles: tuple[Article, ...]
    outcome: FetchOutcome
    bad: tuple[BadLine, ...]
    unreadable_date_count: int


def feed_of(content_sha256: str, source: str) -> Feed:
    """The feed for a file, named after its content, so that a repeated backfill is the same feed."""
    return Feed(feed_id=f"{IDENTITY}-{content_sha256[:16]}", url=f"file:{content_sha256}", source=source)


def piece_of(feed: Feed, seq: int, lines: Sequence[tuple[int, bytes]], *, now: datetime, max_revisions: int) -> Piece:
    """The articles of the numbered `lines`, and one outcome for all of them. `seq` numbers the pieces from 1."""
    bad: list[BadLine] = []
    drafts: list[Draft | EntryRejection] = []
    origin_of: dict[str, Line] = {}
    for number, raw in lines:
        found, line = _draft(raw, feed, now)
        if isinstance(found, Draft) and found.article_id in origin_of:
            bad.append(BadLine(number, EntryRejection.DUPLICATE_ENTRY, "the article is already on an earlier line"))
        elif isinstance(found, Draft):
            assert line is not None
            origin_of[found.article_id] = line
        else:
            bad.append(BadLine(number, found[0], found[1]))
        drafts.append(found if isinstance(found, Draft) else found[0])
    poll_id = ids.poll_id(feed.feed_id, seq, "", IDENTITY)
    stamp = PollStamp(seq, poll_id, now, max_revisions, Origin.BACKFILL)
    compared = compare(drafts, None, feed, stamp)
    outcome = outcome_of(
        feed, stamp, compared,
        finished_at=now, result=FetchResult.OK, entry_count=len(drafts), body_bytes=sum(len(raw) for _number, raw in lines),
        next_due_at=now, kind=FetchKind.FILE,
    )  # fmt: skip
    articles = tuple(_with_line(article, origin_of[article.article_id]) for article in compared.articles)
    unreadable = sum(article.date_quality is DateQuality.UNREADABLE for article in articles)
    return Piece(articles, outcome, tuple(bad), unreadable)


def _draft(raw: bytes, feed: Feed, now: datetime) -> tuple[Draft, Line] | tuple[tuple[EntryRejection, str], None]:
    if len(raw) > MAX_LINE_BYTES:
        return (EntryRejection.BAD_LINE, f"longer than {MAX_LINE_BYTES:,} bytes"), None
    try:
        line = msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"), type=Line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return (EntryRejection.BAD_LINE, str(error)), None
    why_not = _why_not(line)
    if why_not is not None:
        return (EntryRejection.BAD_LINE, why_not), None
    entry = Entry(guid=line.id, link=line.url, title=line.title, summary="", content=line.text, published_raw=line.published_at)
    named = msgspec.structs.replace(feed, feed_id=IDENTITY, language=line.lang)
    found = draft_of(entry, named, base=None, first_seen_at=now)
    return (found, line) if isinstance(found, Draft) else ((found, found.value), None)


def _why_not(line: Line) -> str | None:
    """The mistake in values of the right type; None when there is none."""
    if line.lang is not None and not (line.lang.isascii() and line.lang.islower() and len(line.lang) in (2, 3)):
        return "lang must be an ISO 639 code such as uk"
    if line.tier is not None and not 1 <= line.tier <= 4:
        return "tier must be 1 to 4"
    if line.source is not None and not 1 <= len(line.source.strip()) <= 200:
        return "source must have 1 to 200 characters"
    return None


def _with_line(article: Article, line: Line) -> Article:
    """The article, with the line's own values instead of the file's defaults."""
    return msgspec.structs.replace(
        article,
        source=line.source or article.source,
        country=line.country or article.country,
        tier=line.tier or article.tier,
        language=line.lang or article.language,
        baseline=False,
    )
