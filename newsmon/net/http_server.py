"""The base of our small HTTP servers: one socket, one thread, and a shutdown that waits for it."""

from __future__ import annotations

import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from newsmon.errors import Problem, SettingsError
from newsmon.logs import get_logger

log = get_logger(__name__)


def family_of(bind: str) -> socket.AddressFamily:
    """The address family of a socket that listens on that address."""
    return socket.AF_INET6 if ":" in bind else socket.AF_INET


def authority(bind: str, port: int) -> str:
    """Address and port as written in a URL."""
    return f"[{bind}]:{port}" if ":" in bind else f"{bind}:{port}"


class QuietHandler(BaseHTTPRequestHandler):
    """A handler that names no version and logs no requests."""

    server_version = "newsmon"
    sys_version = ""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Do nothing: regular requests are not worth a line, and a path may contain a key."""


class _Server(ThreadingHTTPServer):
    """Says nothing of clients that hang up, which the base class prints a traceback of."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            log.error("http.failed", reason=f"{type(error).__name__}: {error}"[:300], exc_info=sys.exc_info())


class BackgroundServer:
    """Listens as soon as it is created, serves as a context manager. `port` is the actual port.

    SettingsError names `key` if it cannot listen on the address.
    """

    def __init__(self, handler: type[BaseHTTPRequestHandler], *, bind: str, port: int, key: str, name: str) -> None:
        family = family_of(bind)
        server = type("Server", (_Server,), {"address_family": family})
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
