"""The base of our small HTTP servers: one socket, one thread, and a shutdown that waits for it.

A port that another program holds is tried again until it is free, loudly: `health` is not ready and the log says so, and everything
else works meanwhile.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Protocol, Self

from newsmon.logs import get_logger
from newsmon.net.listening import RETRY_S, Taken, listen_on, port_of

SAY_EVERY_S = 60.0

log = get_logger(__name__)


class Conditions(Protocol):
    """The part of Health that a server tells about its port."""

    def waiting_for(self, what: str, detail: str) -> None: ...
    def has(self, what: str) -> None: ...


class QuietHandler(BaseHTTPRequestHandler):
    """A handler that names no version and logs no requests."""

    server_version = "newsmon"
    sys_version = ""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Do nothing: regular requests are not worth a line, and a path may contain a key."""


class PortWait:
    """Says that a port is taken, in the log once a minute and in /readyz as long as it lasts."""

    def __init__(self, key: str, port: int, health: Conditions | None) -> None:
        self._key = key
        self._port = port
        self._health = health
        self._say_s = 0.0

    def is_taken(self, taken: Taken) -> None:
        if self._health is not None:
            self._health.waiting_for(self._key, f"{taken.reason}; tried again every {RETRY_S:.0f} s")
        if time.monotonic() >= self._say_s:
            self._say_s = time.monotonic() + SAY_EVERY_S
            log.warning("port.taken", setting=self._key, port=self._port, reason=taken.reason, retry_in_s=RETRY_S)

    def is_over(self) -> None:
        if self._health is not None:
            self._health.has(self._key)
        if self._say_s:
            log.info("port.free_again", setting=self._key, port=self._port)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """One line for a bug of ours; nothing for a client that has gone before its answer came."""
        error = sys.exception()
        if not isinstance(error, OSError):
            log.error("http.failed", exc_info=error)


class BackgroundServer:
    """Listens as soon as it is created if the port is free, else as soon as it is; serves as a context manager.

    `listening` is a socket that listens already. SettingsError names `key` if it can never listen on the address.
    """

    def __init__(
        self,
        handler: type[BaseHTTPRequestHandler],
        *,
        bind: str,
        port: int,
        key: str,
        name: str,
        health: Conditions | None = None,
        listening: socket.socket | None = None,
    ) -> None:
        self._handler = handler
        self._where = bind, port
        self._key = key
        self._wait = PortWait(key, port, health)
        self._server: ThreadingHTTPServer | None = None
        self._lock = threading.Lock()
        self._is_serving = False
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self.port: int = port
        if listening is not None:
            self._use(listening)
        else:
            self._try_to_listen()

    @property
    def is_listening(self) -> bool:
        """False while another program holds the port."""
        return self._server is not None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        with self._lock:
            self._stopped.set()
            is_serving = self._is_serving
        if self._server is not None and is_serving:
            self._server.shutdown()
        self._thread.join()
        if self._server is not None:  # perhaps only since a moment ago
            self._server.server_close()

    def _serve(self) -> None:
        while self._server is None:
            if self._stopped.wait(RETRY_S):
                return
            self._try_to_listen()
        with self._lock:
            if self._stopped.is_set():
                return
            self._is_serving = True
        self._server.serve_forever()

    def _try_to_listen(self) -> None:
        found = listen_on(*self._where, key=self._key)
        if isinstance(found, Taken):
            self._wait.is_taken(found)
        else:
            self._use(found)
            self._wait.is_over()

    def _use(self, listening: socket.socket) -> None:
        server = _Server(("", 0), self._handler, bind_and_activate=False)
        server.socket.close()
        server.socket = listening
        server.server_address = listening.getsockname()
        self.port = port_of(listening)
        self._server = server
