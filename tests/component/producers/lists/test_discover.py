"""Feeds of a local site are discovered: declared, linked and usual addresses, each fetched before it is named."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.feedserver import item, rss
from support.site import Site, site

from newsmon.app.cli.feeds.feeds import command
from newsmon.records import FetchResult
from newsmon.settings import ProducerSettings
from producers.formats.feed_links import declared_feeds, news_sitemaps
from producers.lists.discover import MOST_DECLARED, Search, discover

FEED = rss([item(1), item(2)])
ATOM = (
    b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>x</id><title>One</title><updated>2026-11-24T08:00:00Z</updated></entry></feed>'
)
SITEMAP = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url>
<loc>https://a.example/1</loc><news:news><news:title>N</news:title><news:publication_date>2026-11-24</news:publication_date></news:news></url></urlset>"""


@pytest.fixture
async def web() -> AsyncIterator[Site]:
    async with site() as running:
        yield running


async def search(url: str, **changes: object) -> Search:
    base: dict[str, object] = {"allow_private": ("127.0.0.0/8",), "host_spacing_s": 0.0, "timeout_s": 10.0}
    return await discover(url, ProducerSettings(**(base | changes)))  # type: ignore[arg-type]


def page(head: str = "", body: str = "") -> str:
    return f"<!doctype html><html><head><title>T</title>{head}</head><body>{body}</body></html>"


async def test_declared_feeds_are_fetched_and_described(web: Site) -> None:
    web.pages |= {
        "/": page(
            '<LINK REL="alternate" TYPE="application/rss+xml" href="/rss?a=1&amp;b=2"><link rel=alternate type=application/atom+xml href=atom>'
            '<link rel="alternate" hreflang="fr" href="/fr"><link rel="alternate" type="application/rss+xml" href="/dead">'
        ),
        "/rss": FEED, "/atom": ATOM, "/fr": page(),
    }  # fmt: skip
    result = await search(web.url("/"))
    assert [(one.url, one.kind, one.entry_count) for one in result.found] == [
        (web.url("/rss?a=1&b=2"), "feed", 2), (web.url("/atom"), "feed", 1),
    ]  # fmt: skip
    assert result.found[0].newest_at is not None
    assert result.tried == ((web.url("/dead"), "http_error"),)
    assert "/fr" not in web.paths()


async def test_an_address_that_is_a_feed_is_its_own_answer(web: Site) -> None:
    web.pages["/feed"] = FEED
    result = await search(web.url("/feed"))
    assert [one.url for one in result.found] == [web.url("/feed")]
    assert web.paths() == ["/feed"]


async def test_without_a_link_tag_links_that_look_like_feeds_are_tried_then_robots_and_the_usual_places(web: Site) -> None:
    web.pages |= {"/": page(body='<a href="/about">About</a><a href="/world/rss/">RSS</a>'), "/world/rss/": FEED}
    assert [one.url for one in (await search(web.url("/"))).found] == [web.url("/world/rss/")]
    assert "/about" not in web.paths()
    web.pages = {
        "/": page(),
        "/robots.txt": f"User-agent: *\nSitemap: {web.url('/s/news.xml')}\nSitemap: /all.xml",
        "/s/news.xml": SITEMAP,
        "/feed": ATOM,
    }
    result = await search(web.url("/"))
    assert [(one.url, one.kind) for one in result.found] == [(web.url("/s/news.xml"), "sitemap"), (web.url("/feed"), "feed")]
    assert "/all.xml" not in web.paths()


async def test_html_at_the_usual_places_is_no_feed(web: Site) -> None:
    web.pages = {"/": page(), "/feed": page(), "/rss": page()}
    result = await search(web.url("/"))
    assert result.found == ()
    assert (web.url("/feed"), "not_a_feed") in result.tried


async def test_a_page_of_a_thousand_feeds_costs_a_bounded_number_of_requests(web: Site) -> None:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="/f{n}">' for n in range(1_000))
    web.pages = {"/": page(links), **{f"/f{n}": FEED for n in range(1_000)}}
    result = await search(web.url("/"))
    assert (len(result.found), result.left_out_count, len(web.asked)) == (MOST_DECLARED, 1_000 - MOST_DECLARED, MOST_DECLARED + 1)


async def test_a_page_cannot_lead_into_the_private_network(web: Site) -> None:
    web.pages["/"] = page('<link rel="alternate" type="application/rss+xml" href="http://10.0.0.1/feed"><base href="http://192.168.1.1/">')
    result = await search(web.url("/"))
    assert ("http://10.0.0.1/feed", "refused_address") in result.tried
    refused = await search(web.url("/"), allow_private=())
    assert refused.page is FetchResult.REFUSED_ADDRESS


def test_links_are_relative_to_the_base_and_broken_pages_are_read() -> None:
    html = b'<base href="https://b.example/x/"><p><link rel="alternate feed" type="application/rss+xml; charset=utf-8" href="rss"><a href="feed.json">'
    assert declared_feeds(html, "https://a.example/") == ("https://b.example/x/rss", "https://b.example/x/feed.json")
    for broken in (b"", b"\x00\xff" * 500, b"<" * 10_000, "<a href='\ud800'>".encode("utf-8", "surrogatepass")):
        assert declared_feeds(broken, "https://a.example/") == ()


def test_robots_names_the_news_sitemaps() -> None:
    assert news_sitemaps("Sitemap: https://a.example/NEWS.xml\r\nsitemap:/x-news\nSitemap: https://a.example/all.xml\n", "https://a.example/") == (
        "https://a.example/NEWS.xml", "https://a.example/x-news",
    )  # fmt: skip


async def test_the_command_prints_what_it_found_and_says_no_when_there_is_nothing(web: Site, tmp_path: Path) -> None:
    config = tmp_path / "newsmon.toml"
    config.write_text('[producer]\nallow_private = ["127.0.0.1/32"]\nhost_spacing_s = 0.0\n', "utf-8")
    web.pages = {"/": page('<link rel="alternate" type="application/rss+xml" href="/rss">'), "/rss": FEED, "/empty": page()}

    def run(*arguments: str) -> tuple[int, str]:
        answer = CliRunner().invoke(command, ["discover", "--config", str(config), *arguments])
        return answer.exit_code, answer.stdout

    code, shown = await asyncio.to_thread(run, web.url("/"))
    assert code == 0
    assert shown.split() == ["feed", "2", "entries", "newest", "2026-11-23T08:00+00:00", web.url("/rss")]
    code, shown = await asyncio.to_thread(run, "--json", web.url("/"))
    assert json.loads(shown)["url"] == web.url("/rss")
    del web.pages["/rss"]
    assert await asyncio.to_thread(run, web.url("/empty")) == (1, "")
