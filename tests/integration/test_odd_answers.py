"""Answers that browsers and curl take, over real connections: read whole or refused, and no connection is used again after an odd one."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from support.feed_follower import Follow
from support.fetching import fetched, settings
from support.hostile import FEED, Server, hostile_server
from support.odd_answers import CHUNKED, LENGTH, READ, REFUSED, answer, chunks

from newsmon.records import FetchResult, PageResult
from producers.http.fetch import Fetcher
from producers.http.robots import Robots
from producers.http.sitemap_fetch import whole_sitemap


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with hostile_server() as running:
        yield running


@pytest.mark.parametrize("name", READ)
async def test_what_curl_and_browsers_read_is_read(server: Server, name: str) -> None:
    server.raw(READ[name])
    found = await fetched(server.url())
    assert (found.result, found.body, found.detail) == (FetchResult.OK, FEED, None)


@pytest.mark.parametrize("name", REFUSED)
async def test_what_has_no_certain_end_is_refused_in_plain_words(server: Server, name: str) -> None:
    server.raw(REFUSED[name])
    found = await fetched(server.url())
    assert found.result in (FetchResult.CONNECT_ERROR, FetchResult.BAD_ENCODING)
    assert found.detail
    assert "127.0.0.1" not in found.detail  # an address may hold a secret


async def test_the_good_headers_beside_a_broken_one_are_read(server: Server) -> None:
    server.raw(answer(b'ETag: "1"', b'"X: 0"', b"Content-Type : text/xml", b"Last-Modified: Mon, 23 Nov 2026 08:00:00 GMT", LENGTH))
    headers = (await fetched(server.url())).headers
    assert (headers["etag"], headers["content-type"], headers["last-modified"]) == ('"1"', "text/xml", "Mon, 23 Nov 2026 08:00:00 GMT")


async def test_a_redirect_with_a_broken_header_is_followed(server: Server) -> None:
    server.raw(answer(b"no colon", b"Location: /new", b"Content-Length: 0", status=b"HTTP/1.1 301 Moved", body=b""))
    server.says(200, body=FEED, path="/new")
    found = await fetched(server.url())
    assert (found.result, found.moved_permanently_to) == (FetchResult.OK, server.url("/new"))


@contextlib.asynccontextmanager
async def keeping(*answers: bytes, pause_s: float = 0.0) -> AsyncIterator[tuple[str, list[int]]]:
    """A server that keeps its connections open: the n-th request to it gets the n-th answer. Counts the requests on each connection."""
    waiting, served = list(answers), []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mine = len(served)
        served.append(0)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while waiting:
                await reader.readuntil(b"\r\n\r\n")
                served[mine] += 1
                for piece in waiting.pop(0).split(b"|pause|"):
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(pause_s)
            await reader.read()
        writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/feed", served
    finally:
        listening.close()


SECOND = answer(b"Content-Length: 3", body=b"EVE")
HONEST = answer(LENGTH)


async def test_a_clean_connection_is_used_again() -> None:
    async with keeping(HONEST, answer(CHUNKED, body=chunks(FEED)), HONEST) as (url, served), Fetcher(settings()) as fetcher:
        assert [(await fetcher.fetch(url)).body for _ in range(3)] == [FEED] * 3
        assert served == [3]


@pytest.mark.parametrize(
    "odd",
    [
        answer(b"no colon", LENGTH),
        answer(b'"X: 0"', LENGTH),
        answer(b"Content-Length : " + LENGTH[16:]),
        answer(LENGTH, LENGTH),
        answer(CHUNKED, LENGTH, body=chunks(FEED)),
        answer(LENGTH, end=b"\n"),
        answer(CHUNKED, body=chunks(FEED, more=b" odd")),
        answer(CHUNKED, body=chunks(FEED, last=b"0\r\nno colon\r\n\r\n")),
        answer(b"Transfer-Encoding: identity", LENGTH),
    ],
)
@pytest.mark.parametrize("surplus", [b"", SECOND, b"|pause|" + SECOND])
async def test_after_an_odd_answer_the_connection_is_closed_and_what_follows_is_nobodys_answer(odd: bytes, surplus: bytes) -> None:
    async with keeping(odd + surplus, HONEST, HONEST, pause_s=0.02) as (url, served), Fetcher(settings()) as fetcher:
        assert [(await fetcher.fetch(url)).body for _ in range(3)] == [FEED] * 3
        assert served[0] == 1


@pytest.mark.parametrize("first", [HONEST, answer(CHUNKED, body=chunks(FEED)), answer(status=b"HTTP/1.1 204 No", body=b"")])
@pytest.mark.parametrize("surplus", [SECOND, b"|pause|" + SECOND, b"x", b"|pause|\r\n"])
async def test_bytes_after_an_answer_are_never_the_next_one(first: bytes, surplus: bytes) -> None:
    async with keeping(first + surplus, HONEST, HONEST, pause_s=0.02) as (url, served), Fetcher(settings()) as fetcher:
        await fetcher.fetch(url)
        await asyncio.sleep(0.2)
        assert [(await fetcher.fetch(url)).body for _ in range(2)] == [FEED] * 2
        assert served[0] == 1


async def test_an_answer_split_by_a_header_is_one_answer() -> None:
    """What a site echoes into a header, line breaks included, is the beginning of the body at most."""
    split = b"HTTP/1.1 200 OK\r\nX-Echo: a\r\nContent-Length: 0\r\n\r\n" + SECOND
    async with keeping(split, HONEST, HONEST) as (url, served), Fetcher(settings()) as fetcher:
        assert (await fetcher.fetch(url)).result is FetchResult.EMPTY_BODY
        assert [(await fetcher.fetch(url)).body for _ in range(2)] == [FEED] * 2
        assert served[0] == 1


async def test_robots_and_sitemaps_are_read_as_leniently(server: Server) -> None:
    rules = b"User-agent: *\nDisallow: /secret\n"
    server.raw(answer(b"no colon", b"Content-Encoding: gzip, gzip", body=gzip.compress(rules)), path="/robots.txt")
    index = f"<sitemapindex><sitemap><loc>{server.url('/1.xml.gz')}</loc></sitemap></sitemapindex>".encode()
    one = b"<urlset><url><loc>https://quay.example/1</loc></url></urlset>"
    server.raw(answer(b'"X: 0"', b"Content-Type: application/gzip", body=index), path="/index.xml")
    server.raw(answer(b"X Y: 0", b"Content-Type: application/gzip", body=gzip.compress(one)), path="/1.xml.gz")
    async with Fetcher(settings()) as fetcher:
        robots = Robots("newsmon/1", fetcher.fetch, lambda: datetime(2026, 11, 24, tzinfo=UTC))
        assert await robots.refusal(server.url("/secret/page")) is PageResult.ROBOTS_DENIED
        assert await robots.refusal(server.url("/page")) is None
        found = await whole_sitemap(await fetcher.fetch(server.url("/index.xml")), fetcher.fetch, max_bytes=100_000, spacing_s=0.0)
    assert (found.result, one in found.body, found.detail) == (FetchResult.OK, True, "1 of 1 sitemaps read")


@pytest.mark.parametrize("kind", ["application/gzip", "application/x-gzip", "application/octet-stream", "application/rss+xml"])
async def test_a_packed_file_without_a_label_is_a_feed_like_any_other(follow: Follow, kind: str) -> None:
    follow.server.says(200, f"Content-Type: {kind}", body=gzip.compress(FEED))
    found = await follow.poll()
    assert (found.outcome.result, found.outcome.new_count) == (FetchResult.OK, 1)
