"""Servers whose HTTP is odd: headers that browsers take, validators that lie, cookies within a redirect."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from newsmon.records import FetchResult, NoticeKind, NoticeState
from support.feed_polls.script import Script, feed, http, rss, stories, story, told_of

OK = FetchResult.OK
NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"


def server_scripts(now: datetime) -> Iterator[Script]:
    yield from _headers(now)
    yield from _validators(now)
    yield from _lengths(now)
    yield from _pages(now)
    yield from _redirects(now)


def _headers(now: datetime) -> Iterator[Script]:
    odd = {
        "a-quoted-header": ['"X-XSS-Protection: 0"'],
        "a-line-without-colon": ["no colon here"],
        "a-space-in-a-name": ["X Frame Options: DENY"],
        "a-space-before-the-colon": ["X-Frame-Options : DENY"],
        "an-empty-name": [": nothing"],
        "latin-1-in-a-value": ["X-Served-By: caf\xe9"],
    }
    for name, headers in odd.items():
        yield Script(name=name, polls=[feed(stories(range(1, count), now), *headers) for count in (2, 3, 4)], article_count=3)
    bodies = [rss(stories(range(1, count), now)) for count in (2, 3, 4)]
    yield Script(name="the-same-length-twice", polls=[http(one, f"Content-Length: {len(one)}") for one in bodies], article_count=3)
    yield Script(name="no-length-at-all", polls=[http(one, length=False) for one in bodies], article_count=3)


def _validators(now: datetime) -> Iterator[Script]:
    bodies = [rss(stories(range(1, count + 2), now)) for count in range(8)]

    def if_asked(header: str, value: str, *said: str) -> Callable[[bytes], Callable[[str, Mapping[str, str]], bytes]]:
        """A server that answers 304 whenever it gets its validator back, whatever it has by now."""

        def answer_with(body: bytes) -> Callable[[str, Mapping[str, str]], bytes]:
            return lambda _path, asked: NOT_MODIFIED if asked.get(header) == value else http(body, *said)

        return answer_with

    future = "Tue, 01 Jan 2041 00:00:00 GMT"
    answer = if_asked("if-modified-since", future, f"Last-Modified: {future}")
    yield Script(name="last-modified-2041", polls=[answer(one) for one in bodies], article_count=8, results=[OK] * 8)
    yield Script(
        name="one-etag-for-every-body", polls=[http(one, 'ETag: "1"') for one in bodies], article_count=8, results=[OK] * 8,
        told=told_of(NoticeKind.FEED_LIES),
    )  # fmt: skip
    answer = if_asked("if-none-match", '"1"', 'ETag: "1"')
    yield Script(
        name="one-etag-and-304-to-it", polls=[answer(one) for one in (*bodies, bodies[-1])], article_count=8, results=(),
        told=told_of(NoticeKind.FEED_LIES),
    )  # fmt: skip
    yield Script(
        name="304-that-nobody-asked-for", polls=[http(bodies[0]), *[NOT_MODIFIED] * 4], article_count=1,
        results=(), told=told_of(NoticeKind.FEED_FAILING),
    )  # fmt: skip
    yield Script(
        name="304-for-ever", polls=[http(bodies[0], 'ETag: "1"'), *[NOT_MODIFIED] * 5], article_count=1, results=(),
        told=told_of(NoticeKind.FEED_FAILING), later=timedelta(hours=13), poll_bound=False,
    )  # fmt: skip
    yield Script(
        name="304-from-the-first-poll-on", polls=[*[NOT_MODIFIED] * 4, *[http(bodies[2])] * 2], article_count=3, results=(),
        told=[*told_of(NoticeKind.FEED_FAILING, NoticeState.RAISED, NoticeState.RESOLVED)],
    )  # fmt: skip
    yield Script(
        name="another-etag-each-poll-for-one-body", polls=[http(bodies[1], f'ETag: "{poll}"') for poll in range(8)], article_count=2,
    )  # fmt: skip

    def honest(count: int) -> Callable[[str, Mapping[str, str]], bytes]:
        def answer(_path: str, asked: Mapping[str, str]) -> bytes:
            etag = f'"v{count}"'
            return NOT_MODIFIED if asked.get("if-none-match") == etag else http(bodies[count], f"ETag: {etag}")

        return answer

    yield Script(name="an-honest-server", polls=[honest(n // 2) for n in range(14)], article_count=7)


def _lengths(now: datetime) -> Iterator[Script]:
    bodies = [rss(stories(range(1, count), now)) for count in (3, 4, 5)]
    whole = bodies[2]
    short = http(whole[: len(whole) - 300], f"Content-Length: {len(whole)}", 'ETag: "1"', length=False)
    yield Script(
        name="shorter-than-its-length-three-times", polls=[short, short, short, http(whole), http(whole)], article_count=4,
        results=(), told=told_of(NoticeKind.FEED_FAILING, NoticeState.RAISED, NoticeState.RESOLVED),
    )  # fmt: skip
    packed = gzip.compress(whole)
    yield Script(
        name="gzip-that-ends-early", polls=[http(bodies[0]), http(packed[:-60], "Content-Encoding: gzip", length=False), http(whole)],
        article_count=4, results=[OK, FetchResult.BAD_ENCODING, OK],
    )  # fmt: skip
    forged = rss([story(666, now, title="Forged")])
    smuggled = http(bodies[0], "no colon here").replace(b"Connection: close\r\n", b"Connection: keep-alive\r\n") + http(forged)
    yield Script(
        name="a-second-answer-behind-the-first", polls=[smuggled, http(bodies[1]), smuggled, http(bodies[2])], article_count=4,
    )  # fmt: skip
    twice = http(bodies[0], f"Content-Length: {len(bodies[0])}")
    differ = http(bodies[1], f"Content-Length: {len(bodies[1]) - 7}")
    yield Script(
        name="two-lengths-that-differ", polls=[twice, differ, http(bodies[1])], article_count=3, results=[OK, FetchResult.CONNECT_ERROR, OK]
    )


def _pages(now: datetime) -> Iterator[Script]:
    some, more = stories(range(1, 4), now), stories(range(1, 6), now)
    page = http(b"<!DOCTYPE html><html><head><title>Back soon</title></head><body><p>We are mending it.</p></body></html>", 'ETag: "page"')
    yield Script(
        name="a-page-for-people-in-the-middle", polls=[feed(some, 'ETag: "1"'), page, feed(more), feed(more)], article_count=5,
        results=[OK, FetchResult.NOT_A_FEED, OK, FetchResult.SAME_BODY],
    )  # fmt: skip
    broken = [replace(one, text=f"{one.text} BAD") for one in stories(range(1, 6), now)]
    references = [rss(broken[:count]).replace(b"BAD", b"&#1114112;") for count in range(1, 6)]
    yield Script(name="one-bad-reference-in-each-new-item", polls=[http(one) for one in references], article_count=5)


def _redirects(now: datetime) -> Iterator[Script]:
    bodies = [rss(stories(range(1, count), now)) for count in (2, 3, 4)]

    def wall(body: bytes) -> Callable[[str, Mapping[str, str]], bytes]:
        def answer(path: str, asked: Mapping[str, str]) -> bytes:
            if "seen=1" in asked.get("cookie", ""):
                return http(body)
            return http(b"", "Set-Cookie: seen=1; Path=/", f"Location: {path}", status=302)

        return answer

    yield Script(name="a-cookie-wall", polls=[wall(one) for one in bodies], article_count=3)

    def chain(body: bytes, *steps: str) -> Callable[[str, Mapping[str, str]], bytes]:
        def answer(path: str, _asked: Mapping[str, str]) -> bytes:
            at = path.rsplit("/", 1)[-1]
            after = steps[steps.index(at) + 1 :] if at in steps else steps
            start = path.rsplit("/", 1)[0] if at in steps else path
            return http(b"", f"Location: {start}/{after[0]}", status=302) if after else http(body)

        return answer

    chains = [("one",), ("one", "two"), (), ("two", "one", "three")]
    yield Script(
        name="another-chain-of-redirects-each-poll",
        polls=[chain(body, *steps) for body, steps in zip((*bodies, bodies[-1]), chains, strict=True)], article_count=3,
    )  # fmt: skip
