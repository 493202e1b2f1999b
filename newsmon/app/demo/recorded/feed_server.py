"""The demo's feed server: recorded feeds over real HTTP on loopback, with the habits and faults of real publishers.

In: the catalogue. Out: 200, 302, 304, 404, 429 with Retry-After, 500, and silence. I/O: one listening socket,
its own thread; `answers()` counts the responses.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from aiohttp import hdrs, web

from newsmon.app.demo.recorded.catalogue import Catalogue, RecordedFeed
from newsmon.app.demo.recorded.server_thread import ServerThread

HOST = "127.0.0.1"
RETRY_AFTER_S = 2


@dataclass(slots=True)
class _ServedFeed:
    """One feed at its address, and its responses so far."""

    feed: RecordedFeed
    bodies: tuple[bytes, bytes]
    changed_at: tuple[datetime, datetime]
    first_answers: list[str]
    revised: bool = False  # the publisher now serves the second version
    answers: Counter[str] = field(default_factory=Counter)

    @property
    def version(self) -> int:
        return 2 if self.revised else 1

    def etag(self, version: int) -> str:
        return f'"{hashlib.sha256(self.bodies[version - 1]).hexdigest()[:20]}"'


class FeedServer(ServerThread):
    """Serves the catalogue on one loopback port."""

    name = "demo feed server"

    def __init__(self, catalogue: Catalogue, *, now: datetime, hang_s: float) -> None:
        super().__init__()
        second = now.replace(microsecond=0)
        self._served = {
            feed.id: _ServedFeed(
                feed,
                (catalogue.body(feed, 1, now=now), catalogue.body(feed, 2, now=now)),
                (second - timedelta(minutes=10), second),
                list(feed.first_answers),
            )
            for feed in catalogue.feed
        }
        self._hang_s = hang_s
        self._lock = threading.Lock()
        self.port = 0

    def url(self, feed: RecordedFeed) -> str:
        """The address to configure for a feed."""
        return f"http://{HOST}:{self.port}{feed.configured_path}"

    def answers(self) -> dict[str, Counter[str]]:
        """The number of responses so far, by feed id and kind ("200", "304", ..., "hang")."""
        with self._lock:
            return {feed_id: served.answers.copy() for feed_id, served in self._served.items()}

    def revise(self, feed_ids: Iterable[str]) -> None:
        """Serve the second version of these feeds from now on. The caller waits until the first version was read."""
        with self._lock:
            for feed_id in feed_ids:
                self._served[feed_id].revised = True

    async def serve(self, stop: asyncio.Event) -> None:
        self._stopped = stop
        app = web.Application()
        app.router.add_get("/{feed_id}/old-address", self._moved)
        app.router.add_get("/{feed_id}/{name}", self._feed)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, 0).start()
            self.port = runner.addresses[0][1]
            self.ready()
            await stop.wait()
        finally:
            await runner.cleanup()

    def _feed_of(self, request: web.Request) -> _ServedFeed:
        served = self._served.get(request.match_info["feed_id"])
        if served is None:
            raise web.HTTPNotFound
        return served

    def _count(self, served: _ServedFeed, kind: str) -> None:
        with self._lock:
            served.answers[kind] += 1

    async def _moved(self, request: web.Request) -> web.StreamResponse:
        served = self._feed_of(request)
        if not served.feed.redirect:
            raise web.HTTPNotFound
        self._count(served, "302")
        return web.Response(status=302, headers={hdrs.LOCATION: served.feed.path})

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        served = self._feed_of(request)
        if served.feed.always is not None:
            self._count(served, served.feed.always)
            return web.Response(status=int(served.feed.always), text="gone fishing")
        if served.first_answers:
            return await self._fault(served, served.first_answers.pop(0))
        version = served.version
        headers = self._validators(served, version)
        if self._unchanged(served, version, request):
            self._count(served, "304")
            return web.Response(status=304, headers=headers)
        self._count(served, "200")
        response = web.Response(body=served.bodies[version - 1], headers={**headers, hdrs.CONTENT_TYPE: served.feed.content_type_header})
        if served.feed.gzip and "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
            response.enable_compression(web.ContentCoding.gzip)
        return response

    async def _fault(self, served: _ServedFeed, kind: str) -> web.StreamResponse:
        self._count(served, kind)
        if kind == "hang":
            with contextlib.suppress(TimeoutError):  # the client has given up by then
                await asyncio.wait_for(self._stopped.wait(), self._hang_s)
            return web.Response(status=504)
        headers = {hdrs.RETRY_AFTER: str(RETRY_AFTER_S)} if kind == "429" else {}
        return web.Response(status=int(kind), headers=headers, text="not now")

    def _validators(self, served: _ServedFeed, version: int) -> dict[str, str]:
        headers: dict[str, str] = {}
        if served.feed.validators in ("both", "etag"):
            headers[hdrs.ETAG] = served.etag(version)
        if served.feed.validators in ("both", "last_modified"):
            headers[hdrs.LAST_MODIFIED] = format_datetime(served.changed_at[version - 1], usegmt=True)
        return headers

    def _unchanged(self, served: _ServedFeed, version: int, request: web.Request) -> bool:
        """True if the client has this version. If-None-Match takes precedence (RFC 9110 section 13.2.2)."""
        known = request.headers.get(hdrs.IF_NONE_MATCH)
        if known is not None:
            return served.feed.validators in ("both", "etag") and served.etag(version) in known
        since = request.headers.get(hdrs.IF_MODIFIED_SINCE)
        if since is None or served.feed.validators not in ("both", "last_modified"):
            return False
        try:
            return parsedate_to_datetime(since) >= served.changed_at[version - 1]
        except ValueError:
            return False
