"""Reads article pages, within the limits of robots.txt, the site and the settings, and through the network guard.

In: pages waiting in feeds' states. Out: answers, which the producer publishes. I/O: HTTP, a worker process.
A page that has no answer when the process ends still waits in the state, and the feed's next producer reads it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType

from newsmon import metrics
from newsmon.logs import get_logger
from newsmon.records import Feed, FeedState, FetchResult, PageResult, WaitingPage
from newsmon.settings import Settings
from producers.addresses.sites import host_of
from producers.answers.outcome import Fetched, retry_after_s
from producers.articles.page_text import PageJob, PageText, extract_page
from producers.http.fetch import Fetcher
from producers.http.robots import Robots
from producers.http.site_limits import SiteLimits
from producers.reports.page_report import PageAnswer
from producers.workers.worker_pool import WorkerError, WorkerPool

ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
PERMANENT_STATUSES = range(400, 500)

log = get_logger(__name__)


class PageReader:
    """An async context manager. `start_due` starts reading; `answers` keeps the results until they are settled."""

    def __init__(self, settings: Settings, feeds: Mapping[str, Feed], state_of: Callable[[str], FeedState | None]) -> None:
        self._limits = settings.pages
        self._feeds = {feed_id: feed for feed_id, feed in feeds.items() if feed.full_text}
        self._state_of = state_of
        limits = settings.pages
        http = settings.producer.model_copy(
            update={"timeout_s": limits.timeout_s, "max_body_bytes": limits.max_body_bytes, "concurrency": limits.concurrency}
        )
        self._fetcher = Fetcher(http, accept=ACCEPT)
        self._extracting = WorkerPool(cpu_limit_s=limits.extract_timeout_s)
        self._site_limits = SiteLimits(timedelta(seconds=limits.host_spacing_s))
        self._delayed_until: dict[str, datetime] = {}  # by host, where Crawl-delay is longer than our spacing
        self._robots = Robots(http.user_agent, self._robots_txt, _now)
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._answers: dict[str, dict[str, PageAnswer]] = {}

    async def __aenter__(self) -> PageReader:
        await self._fetcher.__aenter__()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._extracting.close()
        await self._fetcher.__aexit__(kind, value, trace)

    def start_due(self, owned: tuple[str, ...], now: datetime) -> None:
        """Start reading pages that are due, within the limits; drop answers for feeds that went to another replica."""
        if not self._feeds:
            return
        mine = [feed_id for feed_id in owned if feed_id in self._feeds]
        for feed_id in set(self._answers) - set(mine):
            del self._answers[feed_id]
        waiting_count = 0
        for feed_id in mine:
            state = self._state_of(feed_id)
            for page in state.pages if state is not None else ():
                waiting_count += 1
                self._start(feed_id, page, now)
        metrics.PAGES_WAITING.set(waiting_count)

    def answered_feeds(self) -> frozenset[str]:
        """Feeds with answers to be published."""
        return frozenset(feed_id for feed_id, answers in self._answers.items() if answers)

    def answers(self, feed_id: str) -> tuple[PageAnswer, ...]:
        return tuple(self._answers.get(feed_id, {}).values())

    def settle(self, feed_id: str, answers: tuple[PageAnswer, ...]) -> None:
        """Drop these answers: they are on Kafka."""
        for answer in answers:
            self._answers.get(feed_id, {}).pop(answer.revision_id, None)

    def _start(self, feed_id: str, page: WaitingPage, now: datetime) -> None:
        key = (feed_id, page.article.revision_id)
        url = page.article.url or ""
        if len(self._tasks) >= self._limits.concurrency or key in self._tasks or page.not_before > now:
            return
        if page.article.revision_id in self._answers.get(feed_id, {}) or not self._is_free(url, now):
            return
        self._take(url, now)
        task = asyncio.create_task(self._read(feed_id, page, url), name=f"page of {feed_id}")
        self._tasks[key] = task
        task.add_done_callback(lambda _done: self._tasks.pop(key, None))

    def _is_free(self, url: str, now: datetime) -> bool:
        return self._site_limits.is_free(url, now=now) and self._delayed_until.get(host_of(url), now) <= now

    def _take(self, url: str, now: datetime) -> None:
        self._site_limits.take(url, now=now)
        delay_s = self._robots.crawl_delay_s(url)
        if delay_s > self._limits.host_spacing_s:
            self._delayed_until[host_of(url)] = now + timedelta(seconds=delay_s)

    async def _read(self, feed_id: str, page: WaitingPage, url: str) -> None:
        started_s = time.monotonic()
        try:
            answer = await self._answer(page, url)
        except Exception as error:  # a bug on one page must not stop the others
            log.exception("page.failed", feed_id=feed_id, reason=type(error).__name__)
            answer = PageAnswer(page.article.revision_id, PageText(PageResult.EXTRACT_ERROR), final=True)
        metrics.PAGE_DURATION.observe(time.monotonic() - started_s)
        self._answers.setdefault(feed_id, {})[answer.revision_id] = answer

    async def _answer(self, page: WaitingPage, url: str) -> PageAnswer:
        revision_id = page.article.revision_id
        refusal = await self._robots.refusal(url)
        refused_hop: list[PageResult] = []

        async def may_follow(target: str) -> bool:
            why_not = await self._robots.refusal(target)
            refused_hop.extend([why_not] if why_not else [])
            return why_not is None

        if refusal is not None:
            return PageAnswer(revision_id, PageText(refusal))
        self._take(url, _now())  # again, because the Crawl-delay is known only now
        fetched = await self._fetcher.fetch(url, may_follow=may_follow)
        if refused_hop:
            return PageAnswer(revision_id, PageText(refused_hop[0]))
        if fetched.result is not FetchResult.OK:
            return self._failed(revision_id, url, fetched)
        job = PageJob(page.article, fetched.body, fetched.headers.get("content-type", ""), fetched.final_url or url)
        try:
            text = await self._extracting.run(extract_page, job)
        except WorkerError as error:
            log.warning("page.not_extracted", reason=str(error))
            text = PageText(PageResult.EXTRACT_ERROR)
        return PageAnswer(revision_id, text, len(fetched.body))

    def _failed(self, revision_id: str, url: str, fetched: Fetched) -> PageAnswer:
        now = _now()
        wait_s = retry_after_s(fetched.headers, now=now)
        if fetched.result is FetchResult.RATE_LIMITED:
            self._site_limits.hold_domain(url, now + timedelta(seconds=wait_s or self._limits.retry_s))
        final = fetched.result is FetchResult.HTTP_ERROR and fetched.status in PERMANENT_STATUSES and fetched.status not in (408, 425)
        return PageAnswer(revision_id, PageText(PageResult(fetched.result.value)), len(fetched.body), final, wait_s)

    async def _robots_txt(self, url: str) -> Fetched:
        return await self._fetcher.fetch(url)


def _now() -> datetime:
    return datetime.now(UTC)
