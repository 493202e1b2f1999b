"""The campaign's news outlet: feeds of numbered items over HTTP, well or ill behaved, and what it has served to whom.

In: items, one after the other, and a mode per feed. Out: RSS, and for each item when it was first part of an answer that was sent whole.
I/O: one listening socket on loopback.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

from support.campaign.items import Item

HOST = "127.0.0.1"
WINDOW = 60  # items that a feed shows, as most real ones do
HANGS_S = 60.0
GARBAGE = bytes(range(256)) * 40


class FeedMode(StrEnum):
    """How a feed answers."""

    WELL = "well"
    ERROR = "error"
    HANG = "hang"
    GARBAGE = "garbage"
    TRUNCATED = "truncated"
    THROTTLED = "throttled"


@dataclass
class Feed:
    """One feed: its newest items with the time they were added, newest first."""

    shown: deque[tuple[Item, datetime]] = field(default_factory=lambda: deque(maxlen=WINDOW))
    mode: FeedMode = FeedMode.WELL
    asked_count: int = 0

    def body(self) -> bytes:
        entries = "".join(
            f"<item><title>{escape(one.title)}</title><link>{one.link}</link><guid>{one.link}</guid>"
            f"<pubDate>{format_datetime(at)}</pubDate><description>{escape(one.text)}</description></item>"
            for one, at in self.shown
        )
        head = '<?xml version="1.0"?><rss version="2.0"><channel><title>outlet</title><link>https://outlet.example</link>'
        return f"{head}{entries}</channel></rss>".encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A poll that is killed in the middle hangs up; that is the campaign's doing."""


class Outlet:
    """`with Outlet(["one", "two"]) as outlet:` serves `/one` and `/two`; `add` puts an item on top of one of them."""

    def __init__(self, names: list[str]) -> None:
        self.feeds = {name: Feed() for name in names}
        self.added_at_s: dict[int, float] = {}
        self.served_at_s: dict[int, float] = {}
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._changed = threading.Condition(self._lock)

    def url(self, name: str) -> str:
        assert self._server is not None
        return f"http://{HOST}:{self._server.server_address[1]}/{name}"

    def add(self, one: Item) -> None:
        """Publish the item in the feed that its number belongs to."""
        names = list(self.feeds)
        with self._lock:
            self.feeds[names[one.number % len(names)]].shown.appendleft((one, datetime.now(UTC)))
            self.added_at_s[one.number] = time.monotonic()

    def behave(self, name: str, mode: FeedMode) -> None:
        with self._changed:
            self.feeds[name].mode = mode
            self._changed.notify_all()

    def asked_count(self) -> int:
        with self._lock:
            return sum(feed.asked_count for feed in self.feeds.values())

    def served(self) -> dict[int, float]:
        """By item: when it was first part of an answer that was sent whole (monotonic)."""
        with self._lock:
            return dict(self.served_at_s)

    def __enter__(self) -> Outlet:
        outlet = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outlet._answer(self)

            def log_message(self, *_: object) -> None: ...

        self._server = _Server((HOST, 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        for name in self.feeds:
            self.behave(name, FeedMode.WELL)
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        name = request.path.lstrip("/")
        with self._changed:
            feed = self.feeds.get(name)
            if feed is None:
                request.send_error(404)
                return
            feed.asked_count += 1
            mode = feed.mode
            if mode is FeedMode.HANG:
                self._changed.wait_for(lambda: feed.mode is not FeedMode.HANG, HANGS_S)
                request.close_connection = True
                return
            body, numbers = feed.body(), [one.number for one, _at in feed.shown]
        if mode is FeedMode.ERROR:
            request.send_error(500)
        elif mode is FeedMode.THROTTLED:
            _send(request, 429, b"", retry_after="2")
        elif mode is FeedMode.GARBAGE:
            _send(request, 200, GARBAGE)
        elif mode is FeedMode.TRUNCATED:
            _send(request, 200, body[: len(body) // 2], promised=len(body))
        else:
            _send_if_changed(request, body)
            now_s = time.monotonic()
            with self._lock:
                for number in numbers:
                    self.served_at_s.setdefault(number, now_s)


def _send_if_changed(request: BaseHTTPRequestHandler, body: bytes) -> None:
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    if request.headers.get("If-None-Match") == etag:
        request.send_response(304)
        request.send_header("ETag", etag)
        request.end_headers()
    else:
        _send(request, 200, body, etag=etag)


def _send(
    request: BaseHTTPRequestHandler,
    status: int,
    body: bytes,
    *,
    promised: int | None = None,
    retry_after: str | None = None,
    etag: str | None = None,
) -> None:
    request.send_response(status)
    request.send_header("Content-Type", "application/rss+xml; charset=utf-8")
    request.send_header("Content-Length", str(len(body) if promised is None else promised))
    for name, value in (("Retry-After", retry_after), ("ETag", etag)):
        if value is not None:
            request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)
