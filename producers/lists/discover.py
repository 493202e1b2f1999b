"""Finds the feeds of a website; each is fetched and parsed before it is named. I/O: HTTP, within the limits per site."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from newsmon.records import Feed, FetchResult
from newsmon.settings import ProducerSettings
from newsmon.settings.feeds import same_address
from producers.answers.outcome import Fetched
from producers.articles.draft import Draft
from producers.articles.parse_job import ParsedBody, ParseJob
from producers.formats.feed_links import declared_feeds, news_sitemaps, well_known_feeds
from producers.formats.sitemap import root_of
from producers.http.fetch import Fetcher
from producers.http.sitemap_fetch import whole_sitemap
from producers.workers.worker_pool import WorkerPool

MOST_DECLARED = 15  # candidates from the page itself
ENOUGH = 1  # with this many found, the usual addresses are not tried


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that works; `kind` is `feed` or `sitemap`."""

    url: str
    kind: str
    entry_count: int
    newest_at: datetime | None
    example: str


@dataclass(frozen=True, slots=True)
class Search:
    """The result of a search. `page` is the result for the page itself; `left_out_count` counts candidates beyond the limit."""

    found: tuple[Found, ...]
    tried: tuple[tuple[str, str], ...]  # address and result of candidates that are not feeds
    page: FetchResult
    left_out_count: int


async def discover(url: str, settings: ProducerSettings) -> Search:
    """The feeds at `url`, or those it names, or else those at the usual addresses. Every request passes the network guard."""
    workers = WorkerPool(cpu_limit_s=settings.parse_timeout_s)
    try:
        async with Fetcher(settings) as fetcher:
            return await _Discovery(settings, fetcher, workers).run(url)
    finally:
        workers.close()


class _Discovery:
    def __init__(self, settings: ProducerSettings, fetcher: Fetcher, workers: WorkerPool) -> None:
        self._settings = settings
        self._fetcher = fetcher
        self._workers = workers
        self._seen: set[str] = set()
        self._found: list[Found] = []
        self._tried: list[tuple[str, str]] = []

    async def run(self, url: str) -> Search:
        page = await self._fetcher.fetch(url)
        if page.result is not FetchResult.OK:
            return Search((), ((url, page.result.value),), page.result, 0)
        base = page.final_url or url
        self._seen.add(same_address(base))
        if await self._take(base, page):
            return Search(tuple(self._found), (), page.result, 0)
        declared = declared_feeds(page.body, base)
        await self._try(declared[:MOST_DECLARED])
        if len(self._found) < ENOUGH:
            robots = await self._spaced("/".join(base.split("/")[:3]) + "/robots.txt")
            sitemaps = news_sitemaps(robots.body.decode("utf-8", "replace"), base) if robots.result is FetchResult.OK else ()
            await self._try([*sitemaps[:3], *well_known_feeds(base)])
        return Search(tuple(self._found), tuple(self._tried), page.result, max(0, len(declared) - MOST_DECLARED))

    async def _try(self, candidates: Iterable[str]) -> None:
        for candidate in candidates:
            if same_address(candidate) in self._seen:
                continue
            self._seen.add(same_address(candidate))
            fetched = await self._spaced(candidate)
            if fetched.result is not FetchResult.OK:
                self._tried.append((candidate, fetched.result.value))
            elif not await self._take(candidate, fetched):
                self._tried.append((candidate, FetchResult.NOT_A_FEED.value))

    async def _spaced(self, url: str) -> Fetched:
        await asyncio.sleep(self._settings.host_spacing_s)
        return await self._fetcher.fetch(url)

    async def _take(self, url: str, fetched: Fetched) -> bool:
        """True if it is a feed, which is then kept."""
        settings = self._settings
        whole = await whole_sitemap(fetched, self._fetcher.fetch, max_bytes=settings.max_body_bytes, spacing_s=settings.host_spacing_s)
        now = datetime.now(UTC)
        feed = Feed(feed_id="discover", url=url, source="discover")
        parsed: ParsedBody | None = None
        if whole.result is FetchResult.OK:
            job = ParseJob(feed, whole.body, whole.headers.get("content-type", ""), whole.final_url or url, settings.max_entries, now)
            parsed = await self._workers.parse(job)
        if parsed is None or parsed.result is not FetchResult.OK:
            return False
        drafts = [draft for draft in parsed.drafts if isinstance(draft, Draft)]
        newest = max((draft.published.at for draft in drafts if draft.published.at), default=None)
        kind = "sitemap" if root_of(whole.body) else "feed"
        self._found.append(Found(url, kind, len(parsed.drafts), newest, drafts[0].title if drafts else ""))
        return True
