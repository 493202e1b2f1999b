"""Publishes subscription changes and pushed content from WebSub hubs for their feeds.

In: polls that name a hub, and what hubs say and push. Out: reports and states. I/O: the hubs; Kafka, through the report writer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from types import TracebackType

from newsmon import metrics
from newsmon.errors import PublishError
from newsmon.logs import get_logger
from newsmon.metrics import PushAnswer
from newsmon.net.http_server import Conditions
from newsmon.records import Feed, FetchResult
from producers.answers.outcome import Fetched
from producers.articles.parse_job import ParseJob
from producers.formats.hub_links import hub_link
from producers.polling.feed_states import Lease
from producers.polling.replica import Replica
from producers.polling.report_metrics import count_articles
from producers.reports.poll_report import FeedReport
from producers.reports.push_report import after_safety_poll, push_report
from producers.reports.subscription import callback_of, with_hub
from producers.websub.hubs import Hubs
from producers.workers.worker_pool import WorkerPool

SLOT_WITHIN_S = 20.0  # the longest a hub waits for a poll to end
LOOK_AGAIN_S = 0.05

AddPages = Callable[[Feed, FeedReport, datetime], FeedReport]

log = get_logger(__name__)


class HubUpdates:
    """An async context manager around the callback server. SettingsError when the server can never listen."""

    def __init__(self, replica: Replica, workers: WorkerPool, add_pages: AddPages, health: Conditions | None = None) -> None:
        self._replica = replica
        self._workers = workers
        self._add_pages = add_pages
        self._hubs = Hubs(replica.settings, replica.feeds, replica.states.state_of, self._pushed, health)

    async def __aenter__(self) -> HubUpdates:
        await self._hubs.__aenter__()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        await self._hubs.__aexit__(kind, value, trace)

    def start_due(self, owned: tuple[str, ...], now: datetime) -> None:
        """Ask hubs for subscriptions that are due, and publish what has changed."""
        self._hubs.ask_due(owned, now)
        for feed_id in self._hubs.changed_feeds():
            lease = self._replica.states.lease(feed_id)
            if lease is not None and self._replica.slots.may_start(feed_id):
                self._replica.slots.start(feed_id, self._publish_subscription(feed_id, lease))

    def after_poll(self, feed: Feed, report: FeedReport, fetched: Fetched, now: datetime) -> FeedReport:
        """The report with the feed's subscription: to the hub this poll named, or counted as a safety poll."""
        if not feed.websub:
            return report
        if fetched.result is FetchResult.OK and report.outcome.result in (FetchResult.OK, FetchResult.SAME_BODY):
            callback = callback_of(self._replica.settings.websub.callback_url or "", feed.feed_id, self._hubs.keys)
            report = replace(report, state=with_hub(report.state, hub_link(fetched, feed.url), callback, now=now))
        report, missed_count = after_safety_poll(report, safety_s=self._replica.settings.websub.safety_poll_s, now=now)
        metrics.WEBSUB_MISSED.labels(feed.feed_id).inc(missed_count)
        return report

    async def _publish_subscription(self, feed_id: str, lease: Lease) -> None:
        state = self._replica.states.state_of(feed_id)
        changed = self._hubs.changed(feed_id, state) if state is not None else None
        if changed is None:
            self._hubs.forget_changes(feed_id)
            return
        following, count = changed
        try:
            if self._replica.states.holds(lease):
                await self._replica.reports.save_state(following, lease)
                self._hubs.settle(feed_id, count)
        except PublishError as error:
            log.warning("websub.not_published", feed_id=feed_id, reason=str(error)[:300])

    async def _pushed(self, feed_id: str, body: bytes, content_type: str) -> PushAnswer:
        """Publish pushed content. Returns when Kafka has it, or when it cannot be published now and the hub must try again."""
        deadline = asyncio.get_running_loop().time() + SLOT_WITHIN_S
        while not self._replica.slots.may_start(feed_id):
            if asyncio.get_running_loop().time() >= deadline:
                return PushAnswer.NOT_PUBLISHED
            await asyncio.sleep(LOOK_AGAIN_S)
        lease = self._replica.states.lease(feed_id)
        if lease is None:
            return PushAnswer.NOT_PUBLISHED
        answers: list[PushAnswer] = []
        task = self._replica.slots.start(feed_id, self._publish_push(self._replica.feeds[feed_id], lease, body, content_type, answers))
        await asyncio.wait((task,))
        return answers[0] if answers else PushAnswer.NOT_PUBLISHED

    async def _publish_push(self, feed: Feed, lease: Lease, body: bytes, content_type: str, answers: list[PushAnswer]) -> None:
        state = self._replica.states.state_of(feed.feed_id)
        if state is None:
            return
        stamp = self._replica.stamp(feed, state)
        job = ParseJob(
            feed, body, content_type, feed.url, self._replica.settings.producer.max_entries, stamp.first_seen_at,
            guids_repeat=state.guids_repeat, charset=state.charset, links=state.links,
        )  # fmt: skip
        parsed = await self._workers.parse(job)
        report = push_report(
            feed, state, stamp, parsed, len(body),
            safety_s=self._replica.settings.websub.safety_poll_s, elsewhere=self._replica.across.id_for,
            publishers=self._replica.publishers,
        )  # fmt: skip
        report = self._add_pages(feed, report, stamp.first_seen_at)
        if not await self._replica.reports.write(report, lease):
            return
        answers.append(PushAnswer.ACCEPTED if parsed.result is FetchResult.OK else PushAnswer.NO_FEED)
        count_articles(report)
        log.info("push.done", feed_id=feed.feed_id, reason=parsed.result.value, new_count=report.outcome.new_count, detail=parsed.detail)
