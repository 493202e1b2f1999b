"""The demo's feed server: recorded feeds over real HTTP on loopback, with the manners and faults of real publishers.

In: the catalogue. Out: 200, 302, 304, 404, 429 with Retry-After, 500, and silence. I/O: one listening socket,
a thread of its own; `answers()` tells what was said to whom.
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
from types import TracebackType

from aiohttp import hdrs, web

from newsmon.app.demo.recorded.catalogue import Catalogue, RecordedFeed
from newsmon.errors import DependencyError

HOST = "127.0.0.1"
RETRY_AFTER_S = 2
START_TIMEOUT_S = 60.0


@dataclass(slots=True)
class _Place:
    """What one feed's address has said so far."""

    feed: RecordedFeed
    bodies: tuple[bytes, bytes]
    changed_at: tuple[datetime, datetime]
    first_answers: list[str]
    revised: bool = False  # the publisher has gone on to the second version
    answers: Counter[str] = field(default_factory=Counter)

    @property
    def version(self) -> int:
        return 2 if self.revised else 1

    def etag(self, version: int) -> str:
        return f'"{hashlib.sha256(self.bodies[version - 1]).hexdigest()[:20]}"'


class FeedServer:
    """Serves the catalogue on one loopback port between `__enter__` and `__exit__`."""

    def __init__(self, catalogue: Catalogue, *, now: datetime, hang_s: float) -> None:
        second = now.replace(microsecond=0)
        self._places = {
            feed.id: _Place(
                feed,
                (catalogue.body(feed, 1, now=now), catalogue.body(feed, 2, now=now)),
                (second - timedelta(minutes=10), second),
                list(feed.first_answers),
            )
            for feed in catalogue.feed
        }
        self._hang_s = hang_s
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._main, name="demo-feeds", daemon=True)
        self.port = 0

    def __enter__(self) -> FeedServer:
        self._thread.start()
        self._ready.wait(START_TIMEOUT_S)
        if self._failure is not None or self.port == 0:
            raise DependencyError("demo feed server", f"cannot listen on {HOST}: {self._failure or 'no answer'}")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(START_TIMEOUT_S)

    def url(self, feed: RecordedFeed) -> str:
        """The address to configure for a feed."""
        return f"http://{HOST}:{self.port}{feed.configured_path}"

    def answers(self) -> dict[str, Counter[str]]:
        """What was answered so far, by feed id and kind ("200", "304", ..., "hang")."""
        with self._lock:
            return {feed_id: place.answers.copy() for feed_id, place in self._places.items()}

    def revise(self, feed_ids: Iterable[str]) -> None:
        """Serve the second version of these feeds from now on. A first version nobody could read in time is not taken away."""
        with self._lock:
            for feed_id in feed_ids:
                self._places[feed_id].revised = True

    def _main(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application()
        app.router.add_get("/{feed_id}/old-address", self._moved)
        app.router.add_get("/{feed_id}/{name}", self._feed)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            site = web.TCPSite(runner, HOST, 0)
            await site.start()
            self.port = runner.addresses[0][1]
        except OSError as error:
            self._failure = error
            return
        finally:
            self._ready.set()
        await self._stop.wait()
        await runner.cleanup()

    def _place(self, request: web.Request) -> _Place:
        place = self._places.get(request.match_info["feed_id"])
        if place is None:
            raise web.HTTPNotFound
        return place

    def _count(self, place: _Place, kind: str) -> None:
        with self._lock:
            place.answers[kind] += 1

    async def _moved(self, request: web.Request) -> web.StreamResponse:
        place = self._place(request)
        if not place.feed.redirect:
            raise web.HTTPNotFound
        self._count(place, "302")
        return web.Response(status=302, headers={hdrs.LOCATION: place.feed.path})

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        place = self._place(request)
        if place.feed.always is not None:
            self._count(place, place.feed.always)
            return web.Response(status=int(place.feed.always), text="gone fishing")
        if place.first_answers:
            return await self._fault(place, place.first_answers.pop(0))
        version = place.version
        headers = self._validators(place, version)
        if self._unchanged(place, version, request):
            self._count(place, "304")
            return web.Response(status=304, headers=headers)
        self._count(place, "200")
        response = web.Response(body=place.bodies[version - 1], headers={**headers, hdrs.CONTENT_TYPE: place.feed.content_type_header})
        if place.feed.gzip and "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
            response.enable_compression(web.ContentCoding.gzip)
        return response

    async def _fault(self, place: _Place, kind: str) -> web.StreamResponse:
        self._count(place, kind)
        if kind == "hang":
            assert self._stop is not None
            with contextlib.suppress(TimeoutError):  # silent long enough: the client gave up long ago
                await asyncio.wait_for(self._stop.wait(), self._hang_s)
            return web.Response(status=504)
        headers = {hdrs.RETRY_AFTER: str(RETRY_AFTER_S)} if kind == "429" else {}
        return web.Response(status=int(kind), headers=headers, text="not now")

    def _validators(self, place: _Place, version: int) -> dict[str, str]:
        headers: dict[str, str] = {}
        if place.feed.validators in ("both", "etag"):
            headers[hdrs.ETAG] = place.etag(version)
        if place.feed.validators in ("both", "last_modified"):
            headers[hdrs.LAST_MODIFIED] = format_datetime(place.changed_at[version - 1], usegmt=True)
        return headers

    def _unchanged(self, place: _Place, version: int, request: web.Request) -> bool:
        """Whether the client has this version: If-None-Match counts alone when it is there (RFC 9110 section 13.2.2)."""
        known = request.headers.get(hdrs.IF_NONE_MATCH)
        if known is not None:
            return place.feed.validators in ("both", "etag") and place.etag(version) in known
        since = request.headers.get(hdrs.IF_MODIFIED_SINCE)
        if since is None or place.feed.validators not in ("both", "last_modified"):
            return False
        try:
            return parsedate_to_datetime(since) >= place.changed_at[version - 1]
        except ValueError:
            return False
