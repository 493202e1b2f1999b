"""Servers with every known kind of misbehaviour: each fetch ends with its named result, in time and within limits."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from support.fetching import LIMIT_BYTES, TIMEOUT_S, fetched, settings
from support.hostile import FEED, Asked, Server, hostile_server
from support.nobody import nobodys_port

from newsmon.records import FetchResult
from newsmon.settings.feed_credentials import FeedCredentials, origin_of
from producers.answers.outcome import retry_after_s
from producers.http.fetch import Fetcher


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with hostile_server() as running:
        yield running


async def test_a_full_answer_is_ok_with_its_headers(server: Server) -> None:
    server.says(200, 'ETag: W/"a b"', "Content-Type: application/rss+xml", body=FEED)
    found = await fetched(server.url())
    assert (found.result, found.status, found.body, found.headers["etag"]) == (FetchResult.OK, 200, FEED, 'W/"a b"')
    asked = server.asked[0].headers
    assert "if-none-match" not in asked
    assert "if-modified-since" not in asked
    assert "cookie" not in asked
    assert "referer" not in asked


async def test_validators_go_back_verbatim_and_304_is_not_modified(server: Server) -> None:
    server.says(304)
    found = await fetched(server.url(), etag='W/"o\'dd value"', last_modified="Tue, 24 Nov 2026 1:02:03 GMT")
    assert (found.result, found.body) == (FetchResult.NOT_MODIFIED, b"")
    assert server.asked[0].headers["if-none-match"] == 'W/"o\'dd value"'
    assert server.asked[0].headers["if-modified-since"] == "Tue, 24 Nov 2026 1:02:03 GMT"


async def test_last_modified_alone_is_sent_alone(server: Server) -> None:
    server.says(304)
    await fetched(server.url(), last_modified="Tue, 24 Nov 2026 01:02:03 GMT")
    assert "if-none-match" not in server.asked[0].headers


async def test_cookies_are_not_kept(server: Server) -> None:
    server.says(200, "Set-Cookie: spy=1; Path=/", body=FEED)
    async with Fetcher(settings()) as fetcher:
        await fetcher.fetch(server.url())
        await fetcher.fetch(server.url())
    assert "cookie" not in server.asked[1].headers


async def test_credentials_go_to_the_feeds_own_origin_and_no_further(server: Server) -> None:
    async with hostile_server() as elsewhere:
        credentials = FeedCredentials(origin_of(server.url()), {"Authorization": "Basic c2VjcmV0"})
        server.says(302, "Location: /other")
        server.says(301, f"Location: {elsewhere.url()}", path="/other")
        elsewhere.says(302, f"Location: {server.url('/back')}")
        server.says(200, body=FEED, path="/back")
        async with Fetcher(settings()) as fetcher:
            found = await fetcher.fetch(server.url(), credentials=credentials)
        assert found.result is FetchResult.OK
        assert [one.headers.get("authorization") for one in server.asked] == ["Basic c2VjcmV0"] * 3
        assert "authorization" not in elsewhere.asked[0].headers


async def test_a_server_that_refuses_a_redirected_request_without_the_credentials_is_no_riddle(server: Server) -> None:
    async with hostile_server() as elsewhere:
        credentials = FeedCredentials(origin_of(server.url()), {"Authorization": "Basic c2VjcmV0"})
        server.says(302, f"Location: {elsewhere.url()}")
        elsewhere.says(401)
        async with Fetcher(settings()) as fetcher:
            found = await fetcher.fetch(server.url(), credentials=credentials)
        assert str(found.detail).startswith("HTTP 401; newsmon sends the feed's credentials only to the server in its url")
        elsewhere.says(401)
        async with Fetcher(settings()) as fetcher:
            assert (await fetcher.fetch(elsewhere.url())).detail == "HTTP 401"


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_a_temporary_redirect_is_followed_and_not_learned(server: Server, status: int) -> None:
    server.says(status, "Location: /new")
    server.says(200, body=FEED, path="/new")
    found = await fetched(server.url(), etag='"1"')
    assert (found.result, found.moved_permanently_to, found.final_url) == (FetchResult.OK, None, server.url("/new"))


async def test_a_chain_of_permanent_redirects_names_its_end(server: Server) -> None:
    server.says(301, "Location: /b", path="/a")
    server.says(308, "Location: c", path="/b")
    server.says(200, body=FEED, path="/c")
    found = await fetched(server.url("/a"))
    assert (found.result, found.moved_permanently_to) == (FetchResult.OK, server.url("/c"))


async def test_one_temporary_hop_makes_the_move_temporary(server: Server) -> None:
    server.says(301, "Location: /b", path="/a")
    server.says(302, "Location: /c", path="/b")
    server.says(200, body=FEED, path="/c")
    assert (await fetched(server.url("/a"))).moved_permanently_to is None


async def test_a_redirect_loop_ends(server: Server) -> None:
    server.says(302, "Location: /feed")
    found = await fetched(server.url(), max_redirects=3)
    assert found.result is FetchResult.TOO_MANY_REDIRECTS
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    "target", ["http://127.0.0.2:1/feed", "http://10.0.0.1/", "http://[::1]:1/", "http://169.254.169.254/latest/meta-data"]
)
async def test_a_redirect_to_an_address_inside_is_refused_at_the_hop(server: Server, target: str) -> None:
    server.says(302, f"Location: {target}")
    found = await fetched(server.url(), allow_private=("127.0.0.1/32",))
    assert found.result is FetchResult.REFUSED_ADDRESS


async def test_without_permission_loopback_is_not_even_asked(server: Server) -> None:
    server.says(200, body=FEED)
    for host in ("127.0.0.1", "localhost", "0x7f000001", "0"):
        found = await fetched(f"http://{host}:{server.port}/feed", allow_private=())
        assert found.result in (FetchResult.REFUSED_ADDRESS, FetchResult.CONNECT_ERROR), host
    assert server.asked == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/feed", "javascript:alert(1)", "data:text/xml,<rss/>"])
async def test_a_redirect_out_of_http_ends(server: Server, target: str) -> None:
    server.says(302, f"Location: {target}")
    assert (await fetched(server.url())).result is FetchResult.HTTP_ERROR


async def test_a_redirect_to_nonsense_ends(server: Server) -> None:
    for location in ("http://[::bad/", "http://", "//", "http://a b/", "http://x:99999/"):
        server.says(302, f"Location: {location}")
        found = await fetched(server.url())
        assert found.result in (FetchResult.CONNECT_ERROR, FetchResult.HTTP_ERROR, FetchResult.TOO_MANY_REDIRECTS), location


@pytest.mark.parametrize(
    ("status", "headers", "result"),
    [
        (410, (), FetchResult.GONE),
        (404, (), FetchResult.HTTP_ERROR),
        (401, (), FetchResult.HTTP_ERROR),
        (500, (), FetchResult.HTTP_ERROR),
        (300, (), FetchResult.HTTP_ERROR),
        (302, (), FetchResult.HTTP_ERROR),  # without a Location
        (429, (), FetchResult.RATE_LIMITED),
        (503, (), FetchResult.UNAVAILABLE),
        (403, (), FetchResult.HTTP_ERROR),
        (403, ("cf-mitigated: challenge",), FetchResult.BLOCKED_BY_SITE),
        (429, ("cf-mitigated: challenge",), FetchResult.BLOCKED_BY_SITE),
        (403, ("X-DataDome: protected",), FetchResult.BLOCKED_BY_SITE),
        (403, ("X-Sucuri-Block: yes",), FetchResult.BLOCKED_BY_SITE),
        (403, ("Server: AkamaiGHost",), FetchResult.BLOCKED_BY_SITE),
        (503, ("Server: AkamaiGHost",), FetchResult.UNAVAILABLE),
        (405, ("x-amzn-waf-action: captcha",), FetchResult.BLOCKED_BY_SITE),
        (202, ("x-amzn-waf-action: challenge",), FetchResult.BLOCKED_BY_SITE),
    ],
)
async def test_a_refusal_has_its_name(server: Server, status: int, headers: tuple[str, ...], result: FetchResult) -> None:
    server.says(status, *headers, body=b"<html>no</html>")
    found = await fetched(server.url())
    assert (found.result, found.status) == (result, status)


@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_read_in_seconds_and_as_a_date(server: Server, status: int) -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    server.says(status, "Retry-After: 120")
    assert retry_after_s((await fetched(server.url())).headers, now=now) == 120
    server.says(status, f"Retry-After: {format_datetime(now + timedelta(minutes=7), usegmt=True)}")
    assert retry_after_s((await fetched(server.url())).headers, now=now) == 420


async def test_a_304_nobody_asked_for_is_an_error_and_one_that_was_asked_for_is_not(server: Server) -> None:
    server.says(304, 'ETag: "1"')
    found = await fetched(server.url())
    assert (found.result, found.status) == (FetchResult.HTTP_ERROR, 304)
    assert found.detail == "HTTP 304 not modified, but nothing was asked that it answers: the server sends no feed"
    assert (await fetched(server.url(), etag='"1"')).result is FetchResult.NOT_MODIFIED


@pytest.mark.parametrize(
    ("content_range", "result"),
    [
        (None, FetchResult.OK),
        (f"Content-Range: bytes 0-{len(FEED) - 1}/{len(FEED)}", FetchResult.OK),
        (f"Content-Range: bytes 0-{len(FEED) - 1}/{len(FEED) + 1}", FetchResult.HTTP_ERROR),
        (f"Content-Range: bytes 5-{len(FEED)}/{len(FEED) + 1}", FetchResult.HTTP_ERROR),
        (f"Content-Range: bytes 0-{len(FEED) - 1}/*", FetchResult.HTTP_ERROR),
        ("Content-Range: nonsense", FetchResult.OK),
    ],
)
async def test_a_part_nobody_asked_for_is_taken_only_when_it_is_the_whole(
    server: Server, content_range: str | None, result: FetchResult
) -> None:
    server.says(206, *([content_range] if content_range else []), body=FEED)
    assert (await fetched(server.url())).result is result


@pytest.mark.parametrize("status", [406, 415])
async def test_a_server_that_takes_our_wish_for_a_demand_is_asked_once_more_without_it(server: Server, status: int) -> None:
    async def picky(asked: Asked, writer: asyncio.StreamWriter) -> None:
        fine = asked.headers["accept"] == "*/*"
        body = FEED if fine else b"no"
        writer.write(f"HTTP/1.1 {200 if fine else status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        await writer.drain()

    server.answers["/feed"] = picky
    assert (await fetched(server.url())).result is FetchResult.OK
    server.says(status)
    found = await fetched(server.url())
    assert (found.result, found.status, len(server.asked)) == (FetchResult.HTTP_ERROR, status, 4)


@pytest.mark.parametrize("status", [201, 202, 203, 205, 207, 226, 299])
async def test_any_success_with_a_body_is_one(server: Server, status: int) -> None:
    server.says(status, body=FEED)
    assert (await fetched(server.url())).result is FetchResult.OK


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
async def test_every_redirect_is_followed_and_its_body_is_not_waited_for(server: Server, status: int) -> None:
    async def endless(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status} Moved\r\nLocation: /new feed\r\nContent-Length: 900\r\n\r\n<html>".encode())
        await writer.drain()
        await asyncio.sleep(600)

    server.answers["/feed"] = endless
    server.says(200, body=FEED, path="/new%20feed")
    assert (await fetched(server.url())).result is FetchResult.OK


@pytest.mark.parametrize("status", [410, 429, 503])
@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 900\r\n\r\ncut",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"Transfer-Encoding: chunked\r\n\r\nnone",
        b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08",
    ],
)
async def test_a_refusal_with_a_broken_page_is_still_that_refusal(server: Server, status: int, rest: bytes) -> None:
    server.raw(b"HTTP/1.1 %d No\r\nRetry-After: 60\r\n" % status + rest)
    found = await fetched(server.url())
    assert (found.status, found.headers["retry-after"], found.detail) == (status, "60", f"HTTP {status}")


async def test_a_refusal_whose_page_never_ends_is_still_that_refusal(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stall(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 410 Gone\r\nContent-Length: 900\r\n\r\nGo")
        await writer.drain()
        await asyncio.sleep(600)

    monkeypatch.setattr("producers.http.fetch.ERROR_PAGE_S", 0.2)
    server.answers["/feed"] = stall
    found = await fetched(server.url())
    assert (found.result, found.status) == (FetchResult.GONE, 410)


async def test_a_redirect_to_an_address_without_end_is_not_followed(server: Server) -> None:
    server.says(301, "Location: /" + "a" * 20_000)
    found = await fetched(server.url())
    assert (found.result, found.detail) == (FetchResult.HTTP_ERROR, "redirected to an address that is too long")


async def test_failures_are_told_in_plain_words_without_the_address(server: Server) -> None:
    server.raw(b"")
    assert (await fetched(server.url())).detail == "the server closed the connection without an answer"
    server.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + FEED)
    assert (await fetched(server.url())).detail == "the body is not complete: the server closed the connection before its end"
    server.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")
    assert (await fetched(server.url())).detail == "the server's answer cannot be read: it states several lengths: '1, 2'"
    assert (await fetched("http://127.0.0.1:1/secret")).detail == "no server accepts connections at this host and port"


async def test_delta_encoded_answers_count_as_answers(server: Server) -> None:
    server.says(226, "IM: feed", body=FEED)
    assert (await fetched(server.url())).result is FetchResult.OK


async def test_a_slow_drip_ends_by_the_total_time(server: Server) -> None:
    async def drip(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    server.answers["/feed"] = drip
    assert (await fetched(server.url(), timeout_s=TIMEOUT_S)).result is FetchResult.TIMEOUT


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + FEED])
async def test_silence_at_any_point_ends_by_the_total_time(server: Server, said: bytes) -> None:
    async def stall(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()
        await asyncio.sleep(600)

    server.answers["/feed"] = stall
    assert (await fetched(server.url(), timeout_s=TIMEOUT_S)).result is FetchResult.TIMEOUT


async def test_a_redirect_chain_shares_one_total_time(server: Server) -> None:
    async def slow_redirect(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(TIMEOUT_S * 0.6)
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /feed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()

    server.answers["/feed"] = slow_redirect
    assert (await fetched(server.url(), max_redirects=20, timeout_s=TIMEOUT_S)).result is FetchResult.TIMEOUT
    assert len(server.asked) <= 3


async def test_a_hang_in_the_tls_handshake_ends_by_time(server: Server) -> None:
    async def hold(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(600)
        writer.close()

    listening = await asyncio.start_server(hold, "127.0.0.1", 0)
    found = await fetched(f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/feed", timeout_s=TIMEOUT_S)
    listening.close()
    assert found.result is FetchResult.TIMEOUT


async def test_a_server_without_tls_on_a_tls_address_is_a_connect_error() -> None:
    async def refuse(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(refuse, "127.0.0.1", 0)
    found = await fetched(f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/feed")
    listening.close()
    assert found.result is FetchResult.CONNECT_ERROR


async def test_nobody_listening_is_a_connect_error() -> None:
    with nobodys_port() as port:
        assert (await fetched(f"http://127.0.0.1:{port}/feed")).result is FetchResult.CONNECT_ERROR


async def test_a_name_nobody_has_is_a_connect_error() -> None:
    found = await fetched("http://no-such-host.invalid/feed")
    assert found.result in (FetchResult.CONNECT_ERROR, FetchResult.TIMEOUT)


@pytest.mark.parametrize(
    "said",
    [
        b"",  # hangs up at once
        b"\x16\x03\x01\x02garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 60_000 + b"\r\n",
        b"HTTP/1.1 999999 What\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: minus\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    ],
)
async def test_what_is_no_http_ends_with_a_name(server: Server, said: bytes) -> None:
    server.raw(said)
    found = await fetched(server.url())
    assert found.result in (FetchResult.CONNECT_ERROR, FetchResult.BAD_ENCODING)
    assert found.detail
    assert len(found.detail) <= 300


@pytest.mark.parametrize(
    "url", ["http://", "http://[::bad/", "http://a b/", "gopher://x.example/", "", "http://2130706433/", "http://127.1/"]
)
async def test_an_address_that_is_none_ends_with_a_name(url: str) -> None:
    assert (await fetched(url, allow_private=())).result in (FetchResult.CONNECT_ERROR, FetchResult.REFUSED_ADDRESS)


async def test_after_all_of_that_the_same_session_still_fetches(server: Server) -> None:
    server.raw(b"garbage", path="/bad")
    server.says(200, body=b"x" * (LIMIT_BYTES + 1), path="/large")
    server.says(200, body=FEED)
    async with Fetcher(settings()) as fetcher:
        for _ in range(10):
            await fetcher.fetch(server.url("/bad"))
            await fetcher.fetch(server.url("/large"))
        assert (await fetcher.fetch(server.url())).result is FetchResult.OK
