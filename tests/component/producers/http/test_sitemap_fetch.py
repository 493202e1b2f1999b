"""A news sitemap polled like a feed from a local site: an index and its sitemaps, unchanged, then with news in one of them."""

from __future__ import annotations

import asyncio
import gzip

import msgspec
from support.drafts import FEED
from support.site import Site, site

from newsmon.records import FeedState, FetchResult
from newsmon.settings import ProducerSettings
from producers.http.fetch import Fetcher
from producers.polling.poller import Poller
from producers.reports.poll_report import FeedReport
from producers.workers.worker_pool import WorkerPool

NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def urlset(*numbers: int) -> bytes:
    urls = "".join(
        f"<url><loc>https://blatt.example/{n}</loc><news:news><news:publication><news:language>de</news:language></news:publication>"
        f"<news:publication_date>2026-11-24T08:00:00+01:00</news:publication_date><news:title>Meldung {n} des Tages</news:title></news:news></url>"
        for n in numbers
    )
    return f'<?xml version="1.0"?><urlset {NS}>{urls}</urlset>'.encode()


async def polls(web: Site, path: str, *changes: dict[str, bytes]) -> list[FeedReport]:
    settings = ProducerSettings(allow_private=("127.0.0.0/8",), host_spacing_s=0.0, timeout_s=60.0, parse_timeout_s=60.0)
    feed = msgspec.structs.replace(FEED, url=web.url(path), language=None)
    parsing = WorkerPool(cpu_limit_s=60.0)
    found: list[FeedReport] = []
    before: FeedState | None = None
    try:
        async with asyncio.timeout(120), Fetcher(settings) as fetcher:
            poller = Poller(fetcher, parsing, settings, "test")
            for change in changes:
                web.pages |= change
                report = await poller.poll(feed, before)
                before = report.state
                found.append(report)
    finally:
        parsing.close()
    return found


async def test_an_index_and_its_sitemaps_are_one_feed() -> None:
    async with site() as web:
        rows = "".join(
            f"<sitemap><loc>{web.url(path)}</loc><lastmod>{day}</lastmod></sitemap>"
            for path, day in (("/1.xml", "2026-11-23"), ("/2.xml.gz", "2026-11-24"))
        )
        first = {
            "/news.xml": f"<sitemapindex {NS}>{rows}</sitemapindex>".encode(),
            "/1.xml": urlset(1, 2),
            "/2.xml.gz": gzip.compress(urlset(3), mtime=0),
        }
        web.types["/2.xml.gz"] = "application/gzip"
        one, same, more = await polls(web, "/news.xml", first, {}, {"/2.xml.gz": gzip.compress(urlset(4, 3), mtime=0)})
    assert (one.outcome.result, one.outcome.new_count, one.outcome.detail) == (FetchResult.OK, 3, "2 of 2 sitemaps read")
    assert {article.language for article in one.articles} == {"de"}
    assert (same.outcome.result, same.outcome.entry_count) == (FetchResult.SAME_BODY, 0)
    assert ([article.title for article in more.articles], more.outcome.known_count) == (["Meldung 4 des Tages"], 3)


async def test_a_single_packed_sitemap_and_one_that_is_no_news() -> None:
    async with site() as web:
        (packed,) = await polls(web, "/news.xml.gz", {"/news.xml.gz": gzip.compress(urlset(1))})
        (other,) = await polls(
            web, "/all.xml", {"/all.xml": f"<urlset {NS}><url><loc>https://blatt.example/</loc></url></urlset>".encode()}
        )
    assert (packed.outcome.result, packed.outcome.new_count) == (FetchResult.OK, 1)
    assert (other.outcome.result, other.outcome.detail) == (FetchResult.NOT_A_FEED, "a sitemap without news")


async def test_an_index_whose_sitemaps_fail_changes_nothing() -> None:
    async with site() as web:
        index = f"<sitemapindex {NS}><sitemap><loc>{web.url('/1.xml')}</loc></sitemap></sitemapindex>".encode()
        good, bad = await polls(web, "/news.xml", {"/news.xml": index, "/1.xml": urlset(1)}, {"/news.xml": index + b" ", "/1.xml": b""})
    assert good.outcome.new_count == 1
    assert bad.outcome.result is FetchResult.EMPTY_BODY
    assert bad.state.known == good.state.known
