"""A feed server on loopback: tests set the answer for each path and read the requests it received."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Asked:
    """One request: when (monotonic), by whom (User-Agent), with which validator."""

    path: str
    at_s: float
    agent: str
    if_none_match: str | None


@dataclass
class FeedServer:
    """`bodies[path]` is what a path serves, with an ETag made of its version; a missing path is 404."""

    port: int
    bodies: dict[str, bytes] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str) -> str:
        return f"http://{HOST}:{self.port}{path}"

    def counts(self) -> Counter[str]:
        with self.lock:
            return Counter(one.path for one in self.asked)

    def owners(self) -> dict[str, set[str]]:
        """By path asked for at least twice: the User-Agents of its last two requests. One of them only: it has settled there."""
        found: dict[str, list[str]] = defaultdict(list)
        with self.lock:
            for one in self.asked:
                found[one.path].append(one.agent)
        return {path: set(agents[-2:]) for path, agents in found.items() if len(agents) > 1}

    def since(self, at_s: float) -> dict[str, set[str]]:
        """By path: the User-Agents that asked for it since then."""
        found: dict[str, set[str]] = defaultdict(set)
        with self.lock:
            for one in self.asked:
                if one.at_s >= at_s:
                    found[one.path].add(one.agent)
        return found


@contextmanager
def feed_server() -> Iterator[FeedServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with server_state.lock:
                etag = self.headers.get("If-None-Match")
                server_state.asked.append(Asked(self.path, time.monotonic(), self.headers.get("User-Agent", ""), etag))
                body = server_state.bodies.get(self.path)
            if body is None:
                self.send_error(404)
                return
            current = f'"{hash(body)}"'
            self.send_response(304 if etag == current else 200)
            self.send_header("ETag", current)
            self.send_header("Content-Type", "text/html" if self.path.endswith(".html") else "application/rss+xml")
            content = b"" if etag == current else body
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Requests are kept, not printed."""

    http = ThreadingHTTPServer((HOST, 0), Handler)
    http.daemon_threads = True
    server_state = FeedServer(http.server_address[1])
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield server_state
    finally:
        http.shutdown()
        http.server_close()


def rss(items: Sequence[Mapping[str, str]], *, title: str = "A feed") -> bytes:
    """RSS 2.0 of items with title, link, guid, description, pubDate as far as given."""
    entries = "".join("<item>" + "".join(f"<{name}>{value}</{name}>" for name, value in item.items()) + "</item>" for item in items)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{entries}</channel></rss>'.encode()


def item(number: int, *, text: str = "What happened.", site: str = "https://news.example") -> dict[str, str]:
    return {
        "title": f"Report {number}",
        "link": f"{site}/{number}?utm_source=rss",
        "guid": f"guid-{number}",
        "description": f"{text} ({number})",
        "pubDate": "Mon, 23 Nov 2026 08:00:00 GMT",
    }
