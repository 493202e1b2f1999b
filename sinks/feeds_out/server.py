"""Serves the alerts as feeds: `/feeds/alerts.atom`, `/feeds/THEME.rss`, `/feeds/THEME.json`, and a list of them all at `/feeds`.

In: GET and HEAD. Out: feeds with validators, 304 for readers that have the newest. I/O: one listening socket, the database.
A feed is built at most once in FRESH_S however many readers ask, and at most AT_ONCE requests are served at a time.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Self

from sqlalchemy import Engine

from newsmon.logs import get_logger
from newsmon.net.http_server import BackgroundServer, Conditions, QuietHandler
from newsmon.net.listening import authority
from newsmon.settings import FeedsOutSettings
from sinks.database.engine import reading
from sinks.database.faults import DATABASE_ERRORS, fault_of
from sinks.feeds_out.rows import newest
from sinks.message.syndication import FORMATS, Channel

ALL = "alerts"  # the feed of every theme; a theme of this name gets no feed
FRESH_S = 2.0
AT_ONCE = 16
IDLE_S = 10.0
TEXT = "text/plain; charset=utf-8"

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Made:
    """A feed's bytes and validators, kept `until` a moment of the monotonic clock."""

    body: bytes
    media_type: str
    etag: str
    modified_at: datetime
    until: float


class AlertFeedServer(BackgroundServer):
    """Serves until closed; use as a context manager. `port` is the one actually bound."""

    def __init__(self, settings: FeedsOutSettings, engine: Engine, theme_ids: Collection[str], health: Conditions | None = None) -> None:
        assert settings.port is not None, "without a port no feed is served"
        handler = type("Handler", (_Handler,), {"feeds": self})
        super().__init__(handler, bind=settings.bind, port=settings.port, key="feeds_out.port", name="feeds", health=health)
        self._settings = settings
        self._engine = engine
        self._names = (ALL, *sorted(set(theme_ids) - {ALL}))
        self._started_at = datetime.now(UTC).replace(microsecond=0)
        self._made: dict[tuple[str, str], Made] = {}
        self._making = threading.Lock()
        self.slots = threading.BoundedSemaphore(AT_ONCE)

    def __enter__(self) -> Self:
        super().__enter__()
        log.info("feeds_out.started", port=self.port)
        return self

    @property
    def url(self) -> str:
        return (self._settings.public_url or f"http://{authority(self._settings.bind, self.port)}").rstrip("/")

    def feed(self, name: str, form: str) -> Made | None:
        """The feed, built now or within FRESH_S; None when there is no such feed. Database errors propagate."""
        if name not in self._names or form not in FORMATS:
            return None
        with self._making:
            made = self._made.get((name, form))
            if made is None or time.monotonic() >= made.until:
                made = self._made[name, form] = self._make(name, form)
        return made

    def listing(self) -> bytes:
        return "".join(f"{self.url}/feeds/{name}.{form}\n" for name in self._names for form in FORMATS).encode()

    def _make(self, name: str, form: str) -> Made:
        with reading(self._engine) as connection:
            entries = newest(connection, None if name == ALL else name, limit=self._settings.entries)
        modified_at = max((entry.updated_at for entry in entries), default=self._started_at)
        title = "newsmon: all alerts" if name == ALL else f"newsmon: {name}"
        media_type, render = FORMATS[form]
        body = render(Channel(f"urn:newsmon:feed:{name}", title, f"{self.url}/feeds/{name}.{form}", modified_at, entries))
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        return Made(body, media_type, etag, modified_at.astimezone(UTC).replace(microsecond=0), time.monotonic() + FRESH_S)


class _Handler(QuietHandler):
    feeds: AlertFeedServer
    timeout = IDLE_S

    def do_GET(self) -> None:  # noqa: N802 - http.server's name
        if not self.feeds.slots.acquire(blocking=False):
            self._answer(503, TEXT, b"too many requests at once\n", {"Retry-After": "5"})
            return
        try:
            self._serve(self.path.partition("?")[0])
        except DATABASE_ERRORS as error:
            log.warning("feeds_out.failed", reason=fault_of(error).value)
            self._answer(503, TEXT, b"newsmon cannot reach its database\n", {"Retry-After": "30"})
        finally:
            self.feeds.slots.release()

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def _serve(self, path: str) -> None:
        if path.rstrip("/") in ("", "/feeds"):
            self._answer(200, TEXT, self.feeds.listing())
            return
        name, _, form = path.removeprefix("/feeds/").rpartition(".")
        made = self.feeds.feed(name, form) if path.startswith("/feeds/") else None
        if made is None:
            self._answer(404, TEXT, b"no such feed; the list is at /feeds\n")
            return
        validators = {
            "ETag": made.etag, "Last-Modified": format_datetime(made.modified_at, usegmt=True), "Cache-Control": "max-age=30",
        }  # fmt: skip
        if self._has(made):
            self._answer(304, None, b"", validators)
        else:
            self._answer(200, made.media_type, made.body, validators)

    def _has(self, made: Made) -> bool:
        """True when the reader has this version of the feed: by tag, or without one by date (RFC 9110, section 13.2.2)."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            return tags.strip() == "*" or made.etag in (tag.strip().removeprefix("W/") for tag in tags.split(","))
        try:
            since = parsedate_to_datetime(self.headers.get("If-Modified-Since") or "")
        except (ValueError, TypeError, OverflowError):
            return False
        return made.modified_at <= (since if since.tzinfo else since.replace(tzinfo=UTC))

    def _answer(self, status: int, media_type: str | None, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        if media_type is not None:
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
