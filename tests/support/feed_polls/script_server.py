"""A server on loopback that plays scripts: the path `/NAME` is the feed of a script, and each request for it is its next poll."""

from __future__ import annotations

import socketserver
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from support.feed_polls.script import Script


@dataclass
class ScriptServer:
    """`poll_counts` are the polls so far, by name of the script; the last answer is repeated."""

    scripts: Mapping[str, Script]
    port: int = 0
    poll_counts: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    def answer(self, path: str, headers: Mapping[str, str]) -> bytes:
        """The answer to a request. One below the feed's path, or with a cookie, belongs to the poll that is under way."""
        name, _, below = path.removeprefix("/").partition("/")
        script = self.scripts.get(name)
        if script is None:
            return b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        with self.lock:
            if not below and "cookie" not in headers:
                self.poll_counts[name] += 1
            number = min(max(self.poll_counts[name], 1), len(script.polls))
        found = script.polls[number - 1]
        return found if isinstance(found, bytes) else found(path, headers)

    def has_played(self, *, more: int) -> bool:
        """Whether every script has been played to its end and its last answer given so many times more."""
        with self.lock:
            return all(self.poll_counts[name] >= len(script.polls) + more for name, script in self.scripts.items())


@contextmanager
def script_server(scripts: Mapping[str, Script]) -> Iterator[ScriptServer]:
    class Handler(socketserver.StreamRequestHandler):
        timeout = 60.0

        def handle(self) -> None:
            try:
                request = self.rfile.readline(65_536).decode("latin-1").split(" ")
                headers = {}
                while (line := self.rfile.readline(65_536).decode("latin-1").strip()) != "":
                    name, _, value = line.partition(":")
                    headers[name.lower()] = value.strip()
                if len(request) > 1:
                    self.wfile.write(playing.answer(request[1], headers))
            except OSError:
                pass  # the other side has gone

    class Listening(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True
        request_queue_size = 128

    with Listening(("127.0.0.1", 0), Handler) as listening:
        playing = ScriptServer(scripts, port=listening.server_address[1])
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        try:
            yield playing
        finally:
            listening.shutdown()
