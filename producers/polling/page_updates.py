"""Publishes texts read from article pages as revisions of their articles.

In: reports of polls and pushes, and the page reader's answers. Out: reports. I/O: the page reader; Kafka, through the report writer.
"""

from __future__ import annotations

from datetime import datetime
from types import TracebackType

from newsmon import metrics
from newsmon.logs import get_logger
from newsmon.records import Feed, PageResult
from producers.pages.page_reader import PageReader
from producers.polling.feed_states import Lease
from producers.polling.replica import Replica
from producers.reports.page_report import page_report, with_waiting_pages
from producers.reports.poll_report import FeedReport

log = get_logger(__name__)


class PageUpdates:
    """An async context manager around the page reader."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._reader = PageReader(replica.settings, replica.feeds, replica.states.state_of)

    async def __aenter__(self) -> PageUpdates:
        await self._reader.__aenter__()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        await self._reader.__aexit__(kind, value, trace)

    def start_due(self, owned: tuple[str, ...], now: datetime) -> None:
        """Read the pages that are due, and publish the texts of those read."""
        self._reader.start_due(owned, now)
        for feed_id in self._reader.answered_feeds():
            lease = self._replica.states.lease(feed_id)
            if lease is not None and self._replica.slots.may_start(feed_id):
                self._replica.slots.start(feed_id, self._publish(self._replica.feeds[feed_id], lease))

    def with_waiting_pages(self, feed: Feed, report: FeedReport, now: datetime) -> FeedReport:
        """The report, its state naming the pages of its new articles that are to be read."""
        report, over_count = with_waiting_pages(report, feed, self._replica.settings.pages, now=now)
        metrics.PAGES.labels(PageResult.OVER_LIMIT.value).inc(over_count)
        return report

    async def _publish(self, feed: Feed, lease: Lease) -> None:
        replica = self._replica
        answers, state = self._reader.answers(feed.feed_id), replica.states.state_of(feed.feed_id)
        if state is not None:
            stamp = replica.stamp(feed, state)
            report, counts = page_report(feed, state, answers, stamp, replica.settings.pages)
            if not await replica.reports.write(report, lease):
                return
            article_of = {page.article.revision_id: page.article.article_id for page in state.pages}
            for answer in answers:
                replica.across.same_page(answer.text.canonical, article_of.get(answer.revision_id))
            for result, count in counts.items():
                metrics.PAGES.labels(result.value).inc(count)
            metrics.ARTICLES_INGESTED.labels(feed.feed_id).inc(len(report.articles))
            log.info("pages.done", feed_id=feed.feed_id, reason=report.outcome.detail, revised_count=report.outcome.revised_count)
        self._reader.settle(feed.feed_id, answers)
