"""A feed behind a password or a key is read, and its secrets reach no other server and no record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from support.fetching import settings

from newsmon.records import FetchResult
from newsmon.settings.feed_credentials import Credentials
from producers.http.fetch import Fetcher


@asynccontextmanager
async def server(answer: web.Response | None = None) -> AsyncIterator[tuple[str, list[web.BaseRequest]]]:
    """Answers 401 without the key, or `answer`; the requests it got."""
    seen: list[web.BaseRequest] = []

    async def serve(request: web.Request) -> web.Response:
        seen.append(request)
        if answer is not None:
            return web.Response(status=answer.status, headers={"Location": answer.headers["Location"]})
        allowed = request.headers.get("Authorization") == "Basic bWU6czNjcjN0" and request.headers.get("X-Key") == "s3cr3t"
        return web.Response(body=b"<rss/>", status=200 if allowed else 401)

    application = web.Application()
    application.router.add_get("/{path:.*}", serve)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", seen
    finally:
        await runner.cleanup()


SECRET = {"Authorization": "Basic bWU6czNjcjN0", "X-Key": "s3cr3t"}


async def test_the_feed_is_read_with_its_secrets() -> None:
    async with asyncio.timeout(120), server() as (url, _seen), Fetcher(settings()) as fetcher:
        assert (await fetcher.fetch(f"{url}/feed")).status == 401
        fetched = await fetcher.fetch(f"{url}/feed", credentials=Credentials(f"{url}/feed", SECRET))
    assert (fetched.result, fetched.body) == (FetchResult.OK, b"<rss/>")
    assert "s3cr3t" not in repr(fetched)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_another_server_gets_none(status: int) -> None:
    async with asyncio.timeout(120), server() as (other, got):
        moved = web.Response(status=status, headers={"Location": f"{other}/feed"})
        async with server(moved) as (url, asked), Fetcher(settings()) as fetcher:
            fetched = await fetcher.fetch(f"{url}/feed", credentials=Credentials(f"{url}/feed", SECRET))
    assert fetched.status == 401
    assert asked[0].headers["X-Key"] == "s3cr3t"
    assert not {"Authorization", "X-Key"} & set(got[0].headers)


async def test_an_address_that_moved_for_good_to_another_server_gets_none() -> None:
    async with asyncio.timeout(120), server() as (other, got), Fetcher(settings()) as fetcher:
        await fetcher.fetch(f"{other}/feed", credentials=Credentials("http://127.0.0.1:1/feed", SECRET))
    assert not {"Authorization", "X-Key"} & set(got[0].headers)


async def test_a_refused_address_names_the_setting_that_allows_it() -> None:
    async with asyncio.timeout(120), Fetcher(settings(allow_private=())) as fetcher:
        inside, metadata = [await fetcher.fetch(url) for url in ("http://127.0.0.1:9/feed", "http://169.254.169.254/feed")]
    assert (inside.result, metadata.result) == (FetchResult.REFUSED_ADDRESS, FetchResult.REFUSED_ADDRESS)
    assert "127.0.0.1 is not a public address; if you trust it, add its range to producer.allow_private" in (inside.detail or "")
    assert "producer.allow_private" not in (metadata.detail or "")
