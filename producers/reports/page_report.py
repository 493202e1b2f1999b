"""Decides which articles' pages to read, and reports the pages that were read.

The report takes the feed's next poll number, so that the ledger counts its articles like those of a poll. The state still compares
with the text in the feed: the text of a page never makes the feed's own text look revised.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from newsmon import ids
from newsmon.records import (
    Article,
    EntryRejection,
    Feed,
    FeedState,
    FetchKind,
    FetchOutcome,
    FetchResult,
    KnownEntry,
    Origin,
    PageResult,
    TextSource,
    WaitingPage,
)
from newsmon.settings import PageSettings
from producers.articles.comparison import NO_ENTRIES, PollStamp, outcome_of
from producers.articles.known_entries import entries_of, repacked
from producers.articles.page_text import PageText
from producers.identity.canonical_links import with_host
from producers.reports.poll_report import FeedReport

# Results that may change within minutes. All others are final at once.
TRANSIENT = frozenset(
    {
        PageResult.ROBOTS_UNREACHABLE, PageResult.RATE_LIMITED, PageResult.UNAVAILABLE, PageResult.TIMEOUT, PageResult.CONNECT_ERROR,
        PageResult.BAD_ENCODING, PageResult.HTTP_ERROR,
    }
)  # fmt: skip
LAST_REVISION = 6  # the page of an article revised more often is not read again
RETRY_FACTOR = 3.0


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """The result of one attempt at a page. `final` marks results that are not final by themselves: a 404 is an HTTP error, and final."""

    revision_id: str  # of the article
    text: PageText
    body_bytes: int = 0
    final: bool = False
    retry_after_s: int | None = None

    @property
    def is_final(self) -> bool:
        return self.final or self.text.result not in TRANSIENT


def with_waiting_pages(report: FeedReport, feed: Feed, limits: PageSettings, *, now: datetime) -> tuple[FeedReport, int]:
    """The report with its new articles' pages added to those waiting, and the number that found no room."""
    if not feed.full_text:
        return report, 0
    wanted = [article for article in report.articles if _is_wanted(article, limits, now)]
    renewed = {article.article_id for article in report.articles}
    waiting = [page for page in report.state.pages if page.article.article_id not in renewed]
    room = max(0, limits.max_waiting - len(waiting))
    waiting += [WaitingPage(article=article, not_before=now) for article in wanted[:room]]
    state = msgspec.structs.replace(report.state, pages=tuple(waiting))
    return replace(report, state=state), len(wanted) - len(wanted[:room])


def _is_wanted(article: Article, limits: PageSettings, now: datetime) -> bool:
    if article.baseline or article.reidentified or article.origin is not Origin.LIVE or article.url is None:
        return False
    if article.revision > LAST_REVISION or len(article.lead) + len(article.body) >= limits.below_chars:
        return False
    return article.published_at is None or now - article.published_at <= timedelta(seconds=limits.max_age_s)


def page_report(
    feed: Feed, state: FeedState, answers: Sequence[PageAnswer], stamp: PollStamp, limits: PageSettings
) -> tuple[FeedReport, Mapping[PageResult, int]]:
    """The report of the answers, and the number of pages by result.

    It has a revision for each text, one outcome, and a state in which these pages no longer wait. Answers for articles that were
    revised meanwhile are ignored.
    """
    now = stamp.first_seen_at
    by_revision = {answer.revision_id: answer for answer in answers}
    known = {entry.article_id: entry for entry in entries_of(state.known)}
    articles: list[Article] = []
    waiting: list[WaitingPage] = []
    counts: Counter[PageResult] = Counter()
    body_bytes = 0
    links = state.links
    for page in state.pages:
        answer = by_revision.get(page.article.revision_id)
        if answer is None:
            waiting.append(page)
            continue
        body_bytes += answer.body_bytes
        attempt_count = page.attempt_count + 1
        if not answer.is_final and attempt_count < limits.attempts:
            waiting.append(_later(page, attempt_count, answer, limits, now))
            continue
        revision = _revision_after(page.article, known) + 1
        result = answer.text.result
        if result is PageResult.EXTRACTED and revision > stamp.max_revisions:
            result = PageResult.TOO_MANY_REVISIONS
        counts[result] += 1
        links = with_host(links, page.article.url, answer.text.canonical)
        if result is PageResult.EXTRACTED:
            articles.append(_revised(page.article, answer.text, stamp, revision))
            if page.article.article_id in known:
                known[page.article.article_id] = msgspec.structs.replace(known[page.article.article_id], revision=revision)
    outcome = _outcome(feed, state, stamp, counts, body_bytes)
    following = msgspec.structs.replace(
        state, poll_seq=stamp.poll_seq, known=repacked(known.values(), state.known), pages=tuple(waiting), links=links
    )
    return FeedReport(tuple(articles), outcome, following), counts


def _later(page: WaitingPage, attempt_count: int, answer: PageAnswer, limits: PageSettings, now: datetime) -> WaitingPage:
    wait_s = max(limits.retry_s * RETRY_FACTOR ** (attempt_count - 1), float(answer.retry_after_s or 0))
    return WaitingPage(article=page.article, attempt_count=attempt_count, not_before=now + timedelta(seconds=wait_s))


def _revision_after(article: Article, known: Mapping[str, KnownEntry]) -> int:
    entry = known.get(article.article_id)
    return max(article.revision, entry.revision if entry else 0)


def _revised(article: Article, text: PageText, stamp: PollStamp, revision: int) -> Article:
    content = ids.content_hash(article.title, text.lead, text.body)
    return msgspec.structs.replace(
        article,
        revision=revision,
        revision_id=ids.revision_id(article.article_id, content),
        content_hash=content,
        lead=text.lead,
        body=text.body,
        language=text.language,
        poll_seq=stamp.poll_seq,
        poll_id=stamp.poll_id,
        first_seen_at=stamp.first_seen_at,
        text_source=TextSource.PAGE,
    )


def _outcome(feed: Feed, state: FeedState, stamp: PollStamp, counts: Counter[PageResult], body_bytes: int) -> FetchOutcome:
    """Pages count as entries: revised = a text, known = nothing gained, rejected = no text; `detail` gives the reasons."""
    failed = counts.total() - counts[PageResult.EXTRACTED] - counts[PageResult.NO_GAIN]
    reasons = ", ".join(f"{result.value} {count}" for result, count in sorted(counts.items()) if count)
    counted = replace(
        NO_ENTRIES,
        revised_count=counts[PageResult.EXTRACTED],
        known_count=counts[PageResult.NO_GAIN],
        rejected={EntryRejection.PAGE_FAILED: failed} if failed else {},
    )
    return outcome_of(
        feed, stamp, counted,
        finished_at=stamp.first_seen_at, result=FetchResult.OK, entry_count=counts.total(), body_bytes=body_bytes,
        next_due_at=state.next_due_at, detail=f"pages: {reasons or 'all to be tried again'}", kind=FetchKind.PAGES,
    )  # fmt: skip
