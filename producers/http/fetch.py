"""One polite GET: conditional, limited in time and bytes, with the network guard at every redirect.

In: an address and validators. Out: Fetched in every case. I/O: HTTP.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from types import TracebackType
from urllib.parse import urlsplit

import aiohttp

from newsmon.net.guard import RefusedAddress, guarded_connector
from newsmon.records import FetchResult
from newsmon.settings import ProducerSettings
from newsmon.settings.feed_credentials import FeedCredentials
from producers.answers.decompress import BadEncodingError, decompressor_for
from producers.answers.heads import MAX_HEAD_BYTES
from producers.answers.locations import redirect_target
from producers.answers.outcome import Fetched, result_of_answer
from producers.http.chain_cookies import ChainCookies
from producers.http.failures import why_failed
from producers.http.lenient_connection import LenientConnector

REDIRECTS = frozenset({300, 301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
NOT_ACCEPTABLE = frozenset({406, 415})
PRECONDITION_FAILED = 412
CHUNK_BYTES = 64 * 1024
MAX_URL_CHARS = 8_000  # RFC 9110 section 4.1 asks for as much
ERROR_PAGE_S = 10.0  # the status is known already
ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
ANY = {"Accept": "*/*"}  # for servers that take our wish for a demand

MayFollow = Callable[[str], Awaitable[bool]]


class _TooLarge(Exception):
    """The body exceeds the limit."""


class Fetcher:
    """The HTTP client for all feeds; an async context manager."""

    def __init__(self, settings: ProducerSettings, *, accept: str = ACCEPT) -> None:
        self._settings = settings
        self._accept = accept
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Fetcher:
        self._session = aiohttp.ClientSession(
            connector=guarded_connector(
                self._settings.allow_private,
                setting="producer.allow_private",
                kind=LenientConnector,
                limit=self._settings.concurrency,
                limit_per_host=4,
            ),
            timeout=aiohttp.ClientTimeout(total=self._settings.timeout_s, sock_connect=self._settings.connect_timeout_s),
            headers={"User-Agent": self._settings.user_agent, "Accept": self._accept, "Accept-Encoding": "gzip, deflate, br, zstd"},
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            max_line_size=MAX_HEAD_BYTES,  # the whole head is limited already
            max_field_size=MAX_HEAD_BYTES,
            max_headers=MAX_HEAD_BYTES,
        )
        return self

    async def __aexit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self._session is not None:
            await self._session.close()

    async def fetch(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, credentials: FeedCredentials | None = None,
        may_follow: MayFollow | None = None,
    ) -> Fetched:  # fmt: skip
        """GET the address, with the validators verbatim. Every failure is a Fetched; only cancellation is raised.

        A redirect to another origin does not get the `credentials`.
        `may_follow` is asked before each redirect; if it answers no, the result is HTTP_ERROR with the redirect's status.
        """
        started = time.monotonic()
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in conditions.items() if value}

        def ended(result: FetchResult, detail: str) -> Fetched:
            return Fetched(result, detail=detail, duration_s=time.monotonic() - started)

        try:
            async with asyncio.timeout(self._settings.timeout_s):
                return await self._follow(url, headers, credentials, started, may_follow)
        except RefusedAddress as error:
            return ended(FetchResult.REFUSED_ADDRESS, str(error)[:300])
        except TimeoutError:
            return ended(FetchResult.TIMEOUT, f"no complete answer within {self._settings.timeout_s:g} s")
        except _TooLarge as error:
            return ended(FetchResult.TOO_LARGE, str(error))
        except (aiohttp.ClientPayloadError, BadEncodingError) as error:
            return ended(FetchResult.BAD_ENCODING, why_failed(error))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return ended(FetchResult.CONNECT_ERROR, why_failed(error))

    async def _follow(
        self, url: str, conditions: Mapping[str, str], credentials: FeedCredentials | None, started: float, may_follow: MayFollow | None
    ) -> Fetched:
        """GET the address, then follow redirects, each through the guard."""
        assert self._session is not None
        permanent: str | None = None
        all_permanent = True
        accept: Mapping[str, str] = {}
        cookies = ChainCookies()
        for _hop in range(self._settings.max_redirects + 1):
            headers = _headers(url, {**conditions, **accept}, credentials, cookies)
            async with self._session.get(url, headers=headers, allow_redirects=False) as response:
                location = response.headers.get("Location")
                if response.status in REDIRECTS and location:
                    cookies.keep(response.headers.getall("Set-Cookie", ()), str(response.url))
                    url = redirect_target(url, location)
                    if len(url) > MAX_URL_CHARS:
                        return Fetched(FetchResult.HTTP_ERROR, response.status, detail="redirected to an address that is too long")
                    if urlsplit(url).scheme not in ("http", "https"):
                        return Fetched(FetchResult.HTTP_ERROR, response.status, detail="redirected to an address that is not http(s)")
                    if may_follow is not None and not await may_follow(url):
                        return Fetched(FetchResult.HTTP_ERROR, response.status, detail="redirected to an address that robots.txt forbids")
                    all_permanent = all_permanent and response.status in PERMANENT
                    permanent = url if all_permanent else None
                    continue
                if response.status in NOT_ACCEPTABLE and not accept:
                    accept = ANY
                    continue
                if response.status == PRECONDITION_FAILED and conditions:
                    conditions = {}  # the server takes If-None-Match for a condition of changes to the feed
                    continue
                body = await self._read(response)
                answer_headers = {name.lower(): value for name, value in response.headers.items()}
                result, why = result_of_answer(response.status, answer_headers, body, was_conditional=bool(conditions))
                return Fetched(
                    result=result,
                    status=response.status,
                    body=body,
                    headers=answer_headers,
                    final_url=str(response.url),
                    moved_permanently_to=permanent,
                    detail=why or _detail(response.status, url, credentials),
                    duration_s=time.monotonic() - started,
                )
        return Fetched(
            FetchResult.TOO_MANY_REDIRECTS,
            detail=f"more than {self._settings.max_redirects} redirects",
            duration_s=time.monotonic() - started,
        )

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """The body, decompressed in pieces so that a bomb stops at the limit. Of an error page only the beginning."""
        if response.status == 304:
            return b""
        refused = response.status >= 400
        limit = CHUNK_BYTES if refused else self._settings.max_body_bytes
        body = bytearray()
        try:
            async with asyncio.timeout(ERROR_PAGE_S if refused else None):
                await _unpack(response, body, limit)
        except (_TooLarge, BadEncodingError, aiohttp.ClientPayloadError, TimeoutError):
            response.close()
            if not refused:
                raise
        return bytes(body[:limit])


async def _unpack(response: aiohttp.ClientResponse, body: bytearray, limit: int) -> None:
    """Append the decompressed body."""

    def keep(pieces: Iterator[bytes]) -> None:
        for piece in pieces:
            body.extend(piece)
            if len(body) > limit:
                raise _TooLarge(f"more than {limit} bytes")

    inflater = decompressor_for(", ".join(response.headers.getall("Content-Encoding", [])))
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        keep(inflater.feed(chunk))
    keep(inflater.finish())


def _headers(url: str, ours: Mapping[str, str], credentials: FeedCredentials | None, cookies: ChainCookies) -> dict[str, str]:
    """The headers of one hop: the feed's credentials only for their own origin, the chain's cookies only for their own hosts."""
    headers = {**ours, **(credentials.headers_for(url) if credentials is not None else {})}
    set_here = cookies.header_for(url)
    if set_here is not None:
        named = next((name for name in headers if name.lower() == "cookie"), None)
        headers[named or "Cookie"] = f"{headers[named]}; {set_here}" if named else set_here
    return headers


def _detail(status: int, url: str, credentials: FeedCredentials | None) -> str | None:
    """The status of a failure, and if the feed's credentials were not sent to this address, that too."""
    if 200 <= status < 300 or status == 304:
        return None
    if status in (401, 403) and credentials is not None and not credentials.headers_for(url):
        return f"HTTP {status}; newsmon sends the feed's credentials only to the server in its url, not to {urlsplit(url).hostname}"
    return f"HTTP {status}"
