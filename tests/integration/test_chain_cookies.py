"""Cookies that a redirect sets: back to where they belong within the same chain, and nowhere and never else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from support.fetching import fetched, settings
from support.hostile import FEED, Asked, Server, hostile_server

from newsmon.records import FetchResult
from newsmon.settings.feed_credentials import FeedCredentials, origin_of
from producers.http.chain_cookies import MAX_COOKIE_BYTES, MAX_COOKIES_PER_ANSWER, MAX_SENT_BYTES, ChainCookies
from producers.http.fetch import Fetcher


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with hostile_server() as running:
        yield running


def wall(server: Server, *set_cookies: str, wanted: str, to: str = "/feed") -> None:
    """Redirects to itself until the cookie comes back."""

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if wanted in asked.headers.get("cookie", ""):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(FEED) + FEED)
        else:
            lines = "".join(f"Set-Cookie: {one}\r\n" for one in set_cookies)
            writer.write(f"HTTP/1.1 302 Found\r\nLocation: {to}\r\n{lines}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()

    server.answers["/feed"] = answer


@pytest.mark.parametrize(
    "set_cookie",
    [
        "seen=1", "seen=1; Path=/; HttpOnly", "seen=1; Max-Age=3600", "seen=1; Expires=Wed, 01 Jan 2120 00:00:00 GMT", "seen=1; SameSite=Lax",
        "seen=1; Domain=127.0.0.1", "seen=1;;; ; Path", " seen = 1 ", "seen=1; Path=/feed",
    ],
)  # fmt: skip
async def test_a_wall_that_wants_its_cookie_back_is_passed(server: Server, set_cookie: str) -> None:
    wall(server, set_cookie, wanted="seen=1")
    assert (await fetched(server.url())).result is FetchResult.OK
    assert [one.headers.get("cookie") for one in server.asked] == [None, "seen=1"]


async def test_the_next_fetch_starts_without_cookies_and_none_is_logged(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wall(server, "seen=secret-1", "bad name=secret-2", "big=" + "secret-3" * 1_000, wanted="seen=secret-1")
    async with Fetcher(settings()) as fetcher:
        for _time in range(2):
            assert (await fetcher.fetch(server.url())).result is FetchResult.OK
    assert [one.headers.get("cookie") for one in server.asked] == [None, "seen=secret-1"] * 2
    assert "secret" not in caplog.text


async def test_a_wall_that_no_cookie_opens_is_too_many_redirects(server: Server) -> None:
    wall(server, "seen=1", wanted="something else")
    found = await fetched(server.url(), max_redirects=3)
    assert found.result is FetchResult.TOO_MANY_REDIRECTS
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    "set_cookie", ["seen=1; Max-Age=0", "seen=1; Secure", "seen=1; Path=/elsewhere", "seen=1; Domain=quay.example", "seen=1; Domain=.0.0.1"]
)
async def test_a_cookie_that_does_not_belong_here_is_not_sent(server: Server, set_cookie: str) -> None:
    wall(server, set_cookie, wanted="seen=1")
    assert (await fetched(server.url(), max_redirects=3)).result is FetchResult.TOO_MANY_REDIRECTS
    assert all("cookie" not in one.headers for one in server.asked)


async def test_a_cookie_is_taken_back_by_its_own_site(server: Server) -> None:
    server.says(302, "Location: /two", "Set-Cookie: seen=1; Path=/")
    server.says(302, "Location: /three", "Set-Cookie: seen=; Max-Age=0; Path=/", path="/two")
    server.says(200, body=FEED, path="/three")
    await fetched(server.url())
    assert [one.headers.get("cookie") for one in server.asked] == [None, "seen=1", None]


async def test_over_two_hosts_each_gets_its_own_cookies_and_only_one_the_credentials(server: Server) -> None:
    async with hostile_server() as other:
        there, back = other.url().replace("127.0.0.1", "localhost"), server.url("/back")
        server.says(302, f"Location: {there}", "Set-Cookie: mine=1; Path=/")
        other.says(302, f"Location: {back}", "Set-Cookie: theirs=1; Path=/", "Set-Cookie: steal=1; Domain=127.0.0.1")
        server.says(200, body=FEED, path="/back")
        credentials = FeedCredentials(origin_of(server.url()), {"Authorization": "Basic c2VjcmV0", "Cookie": "own=1"})
        async with Fetcher(settings(allow_private=("127.0.0.0/8", "::1/128"))) as fetcher:
            assert (await fetcher.fetch(server.url(), credentials=credentials)).result is FetchResult.OK
        assert [one.headers.get("cookie") for one in server.asked] == ["own=1", "own=1; mine=1"]
        assert [other.asked[0].headers.get(name) for name in ("cookie", "authorization")] == [None, None]


@pytest.mark.parametrize(
    ("domain", "url", "goes_to", "not_to"),
    [
        ("quay.example", "https://www.quay.example/a", "https://news.quay.example/", "https://quay.example.org/"),
        (".quay.example", "https://www.quay.example/a", "https://quay.example/", "https://notquay.example/"),
        ("co.uk", "https://quay.co.uk/", None, "https://other.co.uk/"),
        ("github.io", "https://quay.github.io/", None, "https://other.github.io/"),
        ("com", "https://quay.com/", None, "https://other.com/"),
        ("other.example", "https://quay.example/", None, "https://other.example/"),
        ("www.quay.example", "https://quay.example/", None, "https://www.quay.example/"),
        ("QUAY.example", "https://quay.example/", "https://QUAY.EXAMPLE/x", "https://x.example/"),
        ("1.2.3.4", "https://1.2.3.4/", "https://1.2.3.4/", "https://5.1.2.3.4/"),
    ],
)
async def test_a_domain_covers_its_own_hosts_and_no_public_suffix(domain: str, url: str, goes_to: str | None, not_to: str) -> None:
    cookies = ChainCookies()
    cookies.keep([f"a=1; Path=/; Domain={domain}"], url)
    assert cookies.header_for(not_to) is None
    if goes_to is not None:
        assert cookies.header_for(goes_to) == "a=1"


async def test_their_number_and_size_are_bounded() -> None:
    cookies = ChainCookies()
    for answer in range(20):
        cookies.keep([f"c{answer}-{number}={'x' * 3_000}" for number in range(1_000)], "https://quay.example/")
        cookies.keep(["big=" + "x" * MAX_COOKIE_BYTES], "https://quay.example/")
    sent = cookies.header_for("https://quay.example/") or ""
    assert 0 < len(sent) <= MAX_SENT_BYTES
    assert "big=" not in sent
    few = ChainCookies()
    few.keep([f"c{number}=1" for number in range(1_000)], "https://quay.example/")
    assert (few.header_for("https://quay.example/") or "").count("=") == MAX_COOKIES_PER_ANSWER


@pytest.mark.parametrize("junk", ["", "=", ";", "a", "a=1\x00", "=1", "a b=1", '"a"=1', "a\x7f=1", "a=1\r\nX: y", "é=1"])
async def test_what_is_no_cookie_is_left_out(junk: str) -> None:
    cookies = ChainCookies()
    cookies.keep([junk], "https://quay.example/")
    assert cookies.header_for("https://quay.example/") is None
