"""What else the producer does with a feed beside polling it: its articles' pages, its hub's subscription, what the hub brings.

Everything that is published of a feed goes through its one slot (`Slots`), so that poll numbers and states follow one another.
I/O: what `Pages` and `Hubs` do.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Protocol

from newsmon import metrics
from newsmon.errors import PublishError
from newsmon.logs import get_logger
from newsmon.metrics import PushAnswer
from newsmon.records import Feed, FeedState, FetchResult, PageResult
from newsmon.settings import Settings
from producers.answers.outcome import Fetched
from producers.articles.known import PollStamp
from producers.articles.parsed import Job
from producers.pages.reader import Pages
from producers.polling.poller import stamp_of
from producers.polling.publisher import Publisher
from producers.polling.save import save_state
from producers.polling.state_log import FeedStates, Lease
from producers.rounds.pages import round_report, with_waiting_pages
from producers.rounds.poll import PollReport
from producers.rounds.push import after_poll, callback_of, hub_link, push_report, with_hub
from producers.websub.hubs import Hubs
from producers.workers.parse_pool import Parsing

SLOT_WITHIN_S = 20.0  # how long a hub is kept waiting for a poll that is under way
LOOK_AGAIN_S = 0.05

log = get_logger(__name__)


class Slots(Protocol):
    """One piece of work on a feed at a time, and the way its results go to Kafka."""

    def may_start(self, feed_id: str) -> bool:
        """Whether nothing is under way for the feed, and Kafka is not known to be away."""

    def start(self, feed_id: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Take the feed's slot until `work` ends."""

    async def is_published(self, feed: Feed, found: PollReport, lease: Lease) -> bool:
        """Whether everything of the report is on Kafka and its state remembered."""


class Rounds:
    """An async context manager around what it runs. SettingsError when the callback server cannot be had."""

    def __init__(
        self,
        settings: Settings,
        feeds: Mapping[str, Feed],
        states: FeedStates,
        slots: Slots,
        publisher: Publisher,
        parsing: Parsing,
        worker: str,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._feeds = feeds
        self._states = states
        self._slots = slots
        self._publisher = publisher
        self._parsing = parsing
        self._worker = worker
        self._pages = Pages(settings, feeds, states.state_of)
        self._hubs = Hubs(settings, feeds, states.state_of, self._pushed) if settings.websub.callback_url else None
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Rounds:
        await self._stack.enter_async_context(self._pages)
        if self._hubs is not None:
            await self._stack.enter_async_context(self._hubs)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        await self._stack.aclose()

    def turn(self, owned: tuple[str, ...], now: datetime) -> None:
        """Start reading pages and asking hubs, and publish what came of it."""
        self._pages.turn(owned, now)
        if self._hubs is not None:
            self._hubs.turn(owned, now)
        changed = self._hubs.changed_feeds() if self._hubs is not None else frozenset[str]()
        for feed_id in {*changed, *self._pages.answered_feeds()}:
            has_changes = feed_id in changed
            lease = self._states.lease(feed_id)
            if lease is not None and self._slots.may_start(feed_id):
                work = self._subscription_round(feed_id, lease) if has_changes else self._page_round(self._feeds[feed_id], lease)
                self._slots.start(feed_id, work)

    def after_fetch(self, feed: Feed, found: PollReport, fetched: Fetched) -> PollReport:
        """The report of a poll with what it means for the feed's hub and its articles' pages."""
        now = datetime.now(UTC)
        if self._hubs is not None and feed.websub:
            if fetched.result is FetchResult.OK and found.outcome.result in (FetchResult.OK, FetchResult.SAME_BODY):
                callback = callback_of(self._settings.websub.callback_url or "", feed.feed_id, self._hubs.keys)
                found = replace(found, state=with_hub(found.state, hub_link(fetched, feed.url), callback, now=now))
            found, missed_count = after_poll(found, safety_s=self._settings.websub.safety_poll_s, now=now)
            metrics.WEBSUB_MISSED.labels(feed.feed_id).inc(missed_count)
        return self._waiting(feed, found, now)

    def _waiting(self, feed: Feed, found: PollReport, now: datetime) -> PollReport:
        found, over_count = with_waiting_pages(found, feed, self._settings.pages, now=now)
        metrics.PAGES.labels(PageResult.OVER_LIMIT.value).inc(over_count)
        return found

    async def _page_round(self, feed: Feed, lease: Lease) -> None:
        """Publish what was read of a feed's article pages, as revisions."""
        answers, state = self._pages.answers(feed.feed_id), self._states.state_of(feed.feed_id)
        if state is not None:
            found, counts = round_report(feed, state, answers, self._stamp(feed, state), self._settings.pages)
            if not await self._slots.is_published(feed, found, lease):
                return
            for result, count in counts.items():
                metrics.PAGES.labels(result.value).inc(count)
            metrics.ARTICLES_INGESTED.labels(feed.feed_id).inc(len(found.articles))
            log.info("pages.done", feed_id=feed.feed_id, reason=found.outcome.detail, revised_count=found.outcome.revised_count)
        self._pages.settle(feed.feed_id, answers)

    async def _subscription_round(self, feed_id: str, lease: Lease) -> None:
        """Publish what the hub said, as part of the feed's state."""
        state = self._states.state_of(feed_id)
        changed = self._hubs.changed(feed_id, state) if self._hubs is not None and state is not None else None
        if self._hubs is None:
            return
        if changed is None:
            self._hubs.settle(feed_id, 1_000)
            return
        following, count = changed
        try:
            if self._states.holds(lease):
                await save_state(following, lease, self._states, self._publisher)
                self._hubs.settle(feed_id, count)
        except PublishError as error:
            log.warning("websub.not_published", feed_id=feed_id, reason=str(error)[:300])

    async def _pushed(self, feed_id: str, body: bytes, content_type: str) -> PushAnswer:
        """Publish what a hub brought; the answer is ready when Kafka has it, or will not have it now."""
        deadline = asyncio.get_running_loop().time() + SLOT_WITHIN_S
        while not self._slots.may_start(feed_id):
            if asyncio.get_running_loop().time() >= deadline:
                return PushAnswer.NOT_PUBLISHED
            await asyncio.sleep(LOOK_AGAIN_S)
        lease = self._states.lease(feed_id)
        if lease is None:
            return PushAnswer.NOT_PUBLISHED
        answers: list[PushAnswer] = []
        task = self._slots.start(feed_id, self._push_round(self._feeds[feed_id], lease, body, content_type, answers))
        await asyncio.wait((task,))
        return answers[0] if answers else PushAnswer.NOT_PUBLISHED

    async def _push_round(self, feed: Feed, lease: Lease, body: bytes, content_type: str, answers: list[PushAnswer]) -> None:
        state = self._states.state_of(feed.feed_id)
        if state is None:
            return
        stamp = self._stamp(feed, state)
        job = Job(feed, body, content_type, feed.url, self._settings.producer.max_entries, stamp.first_seen_at)
        parsed = await self._parsing.parse(job)
        found = push_report(feed, state, stamp, parsed, len(body), safety_s=self._settings.websub.safety_poll_s)
        found = self._waiting(feed, found, stamp.first_seen_at)
        if not await self._slots.is_published(feed, found, lease):
            return
        answers.append(PushAnswer.ACCEPTED if parsed.result is FetchResult.OK else PushAnswer.NO_FEED)
        metrics.ARTICLES_INGESTED.labels(feed.feed_id).inc(len(found.articles))
        if found.articles:
            metrics.FEED_LAST_NEW_ARTICLE.labels(feed.feed_id).set(stamp.first_seen_at.timestamp())
        for reason, count in found.outcome.rejected.items():
            metrics.ENTRIES_REJECTED.labels(reason.value).inc(count)
        for article in found.articles:
            if article.published_at is not None:
                metrics.ARTICLE_PUBLISH_TO_FETCH.observe((article.first_seen_at - article.published_at).total_seconds())
        log.info("push.done", feed_id=feed.feed_id, reason=parsed.result.value, new_count=found.outcome.new_count, detail=parsed.detail)

    def _stamp(self, feed: Feed, state: FeedState) -> PollStamp:
        return stamp_of(feed, state, now=datetime.now(UTC), worker=self._worker, max_revisions=self._settings.producer.max_revisions)
