"""Article pages are read politely from a local site: robots.txt, redirects, spacing, limits and the guard; every result has a name."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from aiohttp import web
from support.drafts import FEED, draft, stamp, state
from support.site import Site, site

from newsmon.records import FeedState, PageResult, WaitingPage
from newsmon.settings import PageSettings, ProducerSettings, Settings
from producers.articles.comparison import compare
from producers.http.robots import product_token
from producers.pages.page_reader import PageReader
from producers.reports.page_report import PageAnswer

READS = msgspec.structs.replace(FEED, full_text=True)
TITLE = "Report number 1 of the day"
PAGE = (
    f"<html><body><article><h1>{TITLE}</h1>"
    + "".join(f"<p>Paragraph {n}: the report of the day counts number {n} among many things that happened.</p>" for n in range(10))
    + "</article></body></html>"
)
PAST = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def web_site() -> AsyncIterator[Site]:
    async with site() as running:
        running.pages["/robots.txt"] = ""
        yield running


def waiting(*urls: str) -> FeedState:
    pages = []
    for number, url in enumerate(urls, start=1):
        (article,) = compare([draft(number, title=TITLE)], None, FEED, stamp()).articles
        pages.append(WaitingPage(article=msgspec.structs.replace(article, url=url), not_before=PAST))
    return msgspec.structs.replace(state(), pages=tuple(pages))


async def read(
    *urls: str, allow: tuple[str, ...] = ("127.0.0.0/8",), agent: str = "newsmon/0.1 (+test)", **limits: object
) -> list[PageAnswer]:
    """The answers for these addresses, in their order."""
    state_ = waiting(*urls)
    base: dict[str, object] = {"host_spacing_s": 0.0, "timeout_s": 60.0, "extract_timeout_s": 60.0}
    settings = Settings(producer=ProducerSettings(allow_private=allow, user_agent=agent), pages=PageSettings(**(base | limits)))  # type: ignore[arg-type]
    async with asyncio.timeout(240), PageReader(settings, {"a": READS}, lambda _feed_id: state_) as pages:
        while len(pages.answers("a")) < len(urls):
            pages.start_due(("a",), datetime.now(UTC))
            await asyncio.sleep(0.02)
        found = {answer.revision_id: answer for answer in pages.answers("a")}
    return [found[page.article.revision_id] for page in state_.pages]


async def test_a_page_is_read_once_and_its_text_found(web_site: Site) -> None:
    web_site.pages["/1"] = PAGE
    (answer,) = await read(web_site.url("/1"))
    assert answer.text.result is PageResult.EXTRACTED
    assert "counts number 9" in answer.text.body
    assert answer.body_bytes == len(PAGE)
    assert web_site.paths() == ["/robots.txt", "/1"]
    assert {one.headers["User-Agent"] for one in web_site.asked} == {"newsmon/0.1 (+test)"}
    assert not any("Cookie" in one.headers or "Referer" in one.headers for one in web_site.asked)


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: newsmon\nDisallow: /1", False),
        ("User-agent: NewsMon\nDisallow: /1\n\nUser-agent: *\nAllow: /", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: newsmon\nDisallow:", True),
        ("User-agent: *\nDisallow: /private", True),
        ("User-agent: *\nDisallow: /\nAllow: /1", True),
        ("<html>not a robots file</html>", True),
        ("\x00\ufffd" * 1000, True),
    ],
)
async def test_robots_txt_decides(web_site: Site, robots: str, allowed: bool) -> None:
    web_site.pages["/robots.txt"] = robots  # the page itself is not there: no text needs finding
    (answer,) = await read(web_site.url("/1"))
    assert answer.text.result is (PageResult.HTTP_ERROR if allowed else PageResult.ROBOTS_DENIED)
    assert ("/1" in web_site.paths()) is allowed


async def test_robots_txt_is_asked_for_once_for_a_host(web_site: Site) -> None:
    await read(*(web_site.url(f"/{n}") for n in (1, 2, 3)), concurrency=1)
    assert web_site.paths().count("/robots.txt") == 1


async def test_without_robots_txt_everything_may_be_read_and_with_a_failing_one_nothing(web_site: Site) -> None:
    web_site.pages = {"/1": PAGE}
    assert (await read(web_site.url("/1")))[0].text.result is PageResult.EXTRACTED

    async def failing(_request: web.Request) -> web.Response:
        return web.Response(status=503)

    web_site.pages["/robots.txt"] = failing
    (answer,) = await read(web_site.url("/1"))
    assert (answer.text.result, answer.is_final) == (PageResult.ROBOTS_UNREACHABLE, False)


def answers(status: int, **headers: str):
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return answer


@pytest.mark.parametrize(
    ("answer", "result", "final"),
    [
        (answers(404), PageResult.HTTP_ERROR, True),
        (answers(403), PageResult.HTTP_ERROR, True),
        (answers(410), PageResult.GONE, True),
        (answers(500), PageResult.HTTP_ERROR, False),
        (answers(503, Retry_After="120"), PageResult.UNAVAILABLE, False),
        (answers(429), PageResult.RATE_LIMITED, False),
        (answers(403, cf_mitigated="challenge"), PageResult.BLOCKED_BY_SITE, True),
        (answers(200, Content_Type="text/html"), PageResult.EMPTY_BODY, True),
        ("x" * 20_000, PageResult.TOO_LARGE, True),
        ("<html><body><p>Short.</p></body></html>", PageResult.NO_TEXT, True),
    ],
)
async def test_every_ending_has_a_name(web_site: Site, answer: object, result: PageResult, final: bool) -> None:
    web_site.pages["/1"] = answer  # type: ignore[assignment]
    (found,) = await read(web_site.url("/1"), max_body_bytes=10_000)
    assert (found.text.result, found.is_final) == (result, final)
    if result is PageResult.UNAVAILABLE:
        assert found.retry_after_s == 120


async def test_a_page_that_drips_ends_in_time(web_site: Site) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/html"})
        await response.prepare(request)
        for _piece in range(600):
            await response.write(b"<p>")
            await asyncio.sleep(0.1)
        return response

    web_site.pages["/1"] = drip
    (found,) = await read(web_site.url("/1"), timeout_s=5.0)
    assert found.text.result is PageResult.TIMEOUT


async def test_a_redirect_is_followed_only_where_robots_allow_it(web_site: Site) -> None:
    web_site.pages |= {
        "/robots.txt": "User-agent: *\nDisallow: /closed",
        "/1": answers(302, Location="/open"), "/open": PAGE, "/2": answers(301, Location="/closed"), "/closed": PAGE,
    }  # fmt: skip
    first, second = await read(web_site.url("/1"), web_site.url("/2"), concurrency=1)
    assert (first.text.result, second.text.result) == (PageResult.EXTRACTED, PageResult.ROBOTS_DENIED)
    assert "/closed" not in web_site.paths()


async def test_the_private_network_is_out_of_reach_also_by_redirect(web_site: Site) -> None:
    web_site.pages["/1"] = answers(302, Location="http://10.0.0.1/")
    (found,) = await read(web_site.url("/1"))
    assert found.text.result in (PageResult.REFUSED_ADDRESS, PageResult.ROBOTS_UNREACHABLE)
    (refused,) = await read(web_site.url("/1"), allow=())
    assert refused.text.result is not PageResult.EXTRACTED
    assert web_site.paths().count("/1") == 1


async def test_one_host_is_asked_no_faster_than_its_spacing_or_its_crawl_delay(web_site: Site) -> None:
    at_s: dict[str, float] = {}

    async def timed(request: web.Request) -> web.Response:
        at_s[request.path] = asyncio.get_running_loop().time()
        return web.Response(status=404)

    web_site.pages |= {"/1": timed, "/2": timed, "/3": timed, "/robots.txt": "User-agent: *\nCrawl-delay: 1"}
    await read(*(web_site.url(f"/{n}") for n in (1, 2, 3)), host_spacing_s=0.2)
    times = sorted(at_s.values())
    assert len(times) == 3
    assert all(later - earlier >= 0.6 for earlier, later in itertools.pairwise(times))


async def test_pages_of_feeds_that_went_to_another_replica_are_forgotten(web_site: Site) -> None:
    web_site.pages["/1"] = PAGE
    state_ = waiting(web_site.url("/1"))
    settings = Settings(producer=ProducerSettings(allow_private=("127.0.0.0/8",)), pages=PageSettings(host_spacing_s=0.0))
    async with asyncio.timeout(240), PageReader(settings, {"a": READS}, lambda _feed_id: state_) as pages:
        while not pages.answers("a"):
            pages.start_due(("a",), datetime.now(UTC))
            await asyncio.sleep(0.02)
        pages.start_due((), datetime.now(UTC))
        assert pages.answers("a") == ()


async def test_what_is_not_due_is_not_asked_for(web_site: Site) -> None:
    state_ = waiting(web_site.url("/1"))
    later = msgspec.structs.replace(state_.pages[0], not_before=datetime.now(UTC) + timedelta(hours=1))
    state_ = msgspec.structs.replace(state_, pages=(later,))
    settings = Settings(producer=ProducerSettings(allow_private=("127.0.0.0/8",)))
    async with PageReader(settings, {"a": READS}, lambda _feed_id: state_) as pages:
        pages.start_due(("a",), datetime.now(UTC))
        await asyncio.sleep(0.1)
    assert web_site.asked == []


@pytest.mark.parametrize(("agent", "token"), [("newsmon/0.1 (+x)", "newsmon"), ("Desk Watch/2", "Desk"), ("", "newsmon")])
def test_robots_files_know_us_by_the_product_token(agent: str, token: str) -> None:
    assert product_token(agent) == token
