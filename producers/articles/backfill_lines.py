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
from producers.articles.archive_lines import IDENTITY, Line, Refusal, draft_of_line, line_of
from producers.articles.comparison import PollStamp, compare, outcome_of
from producers.articles.draft import Draft


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
            bad.append(BadLine(number, found.reason, found.why))
        drafts.append(found if isinstance(found, Draft) else found.reason)
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


def _draft(raw: bytes, feed: Feed, now: datetime) -> tuple[Draft, Line] | tuple[Refusal, None]:
    line = line_of(raw)
    if isinstance(line, Refusal):
        return line, None
    found = draft_of_line(line, feed, now)
    return (found, line) if isinstance(found, Draft) else (found, None)


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
