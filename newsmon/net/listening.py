"""What the small HTTP servers have in common: one socket, a thread of its own, an end that waits for it."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from newsmon.errors import Problem, SettingsError


def family_of(bind: str) -> socket.AddressFamily:
    """What a socket must be to listen on that address."""
    return socket.AF_INET6 if ":" in bind else socket.AF_INET


def authority(bind: str, port: int) -> str:
    """Address and port as they stand in a URL."""
    return f"[{bind}]:{port}" if ":" in bind else f"{bind}:{port}"


class QuietHandler(BaseHTTPRequestHandler):
    """Says who it is and no more, and logs no request."""

    server_version = "newsmon"
    sys_version = ""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Those who poll are not news, and an address may be a key."""


class ListeningServer:
    """Listens from the start, serves as a context manager. `port` is the one really bound.

    Raises SettingsError naming `key` when the address cannot be had.
    """

    def __init__(self, handler: type[BaseHTTPRequestHandler], *, bind: str, port: int, key: str, name: str) -> None:
        family = family_of(bind)
        server = type("Server", (ThreadingHTTPServer,), {"address_family": family})
        try:
            self._server: ThreadingHTTPServer = server((bind, port), handler)
        except OSError as error:
            raise SettingsError([Problem(f"settings:{key}", f"cannot listen on {authority(bind, port)}: {error.strerror}")]) from error
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
