"""Texts read from article pages are published as revisions of their articles.

In: reports of polls and pushes, and the page reader's answers. Out: reports. I/O: the page reader; Kafka, through the publisher.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType

from newsmon import metrics
from newsmon.logs import get_logger
from newsmon.records import Feed, PageResult
from newsmon.settings import Settings
from producers.pages.page_reader import PageReader
from producers.polling.feed_states import FeedStates, Lease
from producers.polling.poller import stamp_of
from producers.polling.report_publisher import ReportPublisher
from producers.polling.slots import FeedSlots
from producers.reports.page_report import page_report, with_waiting_pages
from producers.reports.poll_report import FeedReport

log = get_logger(__name__)


class PageUpdates:
    """An async context manager around the page reader."""

    def __init__(
        self, settings: Settings, feeds: Mapping[str, Feed], states: FeedStates, slots: FeedSlots, publisher: ReportPublisher, worker: str
    ) -> None:
        self._settings = settings
        self._feeds = feeds
        self._states = states
        self._slots = slots
        self._publisher = publisher
        self._worker = worker
        self._reader = PageReader(settings, feeds, states.state_of)

    async def __aenter__(self) -> PageUpdates:
        await self._reader.__aenter__()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        await self._reader.__aexit__(kind, value, trace)

    def start_due(self, owned: tuple[str, ...], now: datetime) -> None:
        """Read the pages that are due, and publish the texts of those read."""
        self._reader.start_due(owned, now)
        for feed_id in self._reader.answered_feeds():
            lease = self._states.lease(feed_id)
            if lease is not None and self._slots.may_start(feed_id):
                self._slots.start(feed_id, self._publish(self._feeds[feed_id], lease))

    def with_waiting_pages(self, feed: Feed, report: FeedReport, now: datetime) -> FeedReport:
        """The report, its state naming the pages of its new articles that are to be read."""
        report, over_count = with_waiting_pages(report, feed, self._settings.pages, now=now)
        metrics.PAGES.labels(PageResult.OVER_LIMIT.value).inc(over_count)
        return report

    async def _publish(self, feed: Feed, lease: Lease) -> None:
        answers, state = self._reader.answers(feed.feed_id), self._states.state_of(feed.feed_id)
        if state is not None:
            stamp = stamp_of(
                feed, state, now=datetime.now(UTC), worker=self._worker, max_revisions=self._settings.producer.max_revisions
            )  # fmt: skip
            report, counts = page_report(feed, state, answers, stamp, self._settings.pages)
            if not await self._publisher.publish(report, lease):
                return
            for result, count in counts.items():
                metrics.PAGES.labels(result.value).inc(count)
            metrics.ARTICLES_INGESTED.labels(feed.feed_id).inc(len(report.articles))
            log.info("pages.done", feed_id=feed.feed_id, reason=report.outcome.detail, revised_count=report.outcome.revised_count)
        self._reader.settle(feed.feed_id, answers)
