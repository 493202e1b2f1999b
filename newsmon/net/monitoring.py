"""The small HTTP server that every process runs: /metrics, /healthz and /readyz, by default on loopback.

It has its own thread, so that a process with a stalled event loop still answers (with 503). `/metrics` picks the exposition
format from the Accept header, as Prometheus expects. A stage that the supervisor starts serves on the socket it was handed, and
besides on the port in the settings if that is another one.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from prometheus_client.exposition import choose_encoder

from newsmon.metrics import Process, registry_of
from newsmon.net.http_server import BackgroundServer, QuietHandler
from newsmon.net.listening import USUAL_PORTS, Taken, handed_over, listen_on_usual, port_of

ALIVE_WITHIN_S = 10.0


@dataclass
class Health:
    """The health of a process. Its main loop calls `beat`; any part of it sets and clears conditions."""

    stage: str
    alive_within_s: float = ALIVE_WITHIN_S
    monotonic: Callable[[], float] = time.monotonic
    _beat_at: float | None = None
    _not_ready: dict[str, str] = field(default_factory=dict)
    _unhealthy: dict[str, str] = field(default_factory=dict)

    def beat(self) -> None:
        """Record one turn of the main loop."""
        self._beat_at = self.monotonic()

    def waiting_for(self, what: str, detail: str) -> None:
        """Not ready until `has(what)`."""
        self._not_ready[what] = detail

    def has(self, what: str) -> None:
        self._not_ready.pop(what, None)

    def sick(self, what: str, detail: str) -> None:
        """Unhealthy until `well(what)`."""
        self._unhealthy[what] = detail

    def well(self, what: str) -> None:
        self._unhealthy.pop(what, None)

    def unhealthy_because(self) -> dict[str, str]:
        """Conditions and details; empty if healthy."""
        reasons = dict(self._unhealthy)
        if self._beat_at is not None and (silent_s := self.monotonic() - self._beat_at) > self.alive_within_s:
            reasons["main_loop"] = f"stalled for {silent_s:.0f} s"
        return reasons

    def unready_because(self) -> dict[str, str]:
        """Conditions and details; empty if ready. A process whose main loop has not started is not ready."""
        reasons = dict(self._not_ready)
        if self._beat_at is None:
            reasons["start"] = "the main loop has not started yet"
        return reasons


class MonitoringServer:
    """Serves while used as a context manager.

    `port` None: the usual port of the process if it is free, else any; 0: any free port. A port that is set and taken is tried again
    until it is free. `handed` is a socket that listens already; a stage finds its own in the environment.
    """

    def __init__(self, health: Health, *, bind: str, port: int | None, setting: str, handed: socket.socket | None = None) -> None:
        handler = type("Handler", (_Handler,), {"health": health})
        handed = handed or handed_over()
        if handed is None and port is None and health.stage in USUAL_PORTS:
            found = listen_on_usual(bind, health.stage, key=setting)
            first = None if isinstance(found, Taken) else found
        else:
            first = handed
        self._servers: list[BackgroundServer] = []
        if first is not None:
            self._servers.append(BackgroundServer(handler, bind=bind, port=0, key=setting, name="monitoring", listening=first))
        if not self._servers or (handed is not None and port and port != port_of(handed)):
            self._servers.append(BackgroundServer(handler, bind=bind, port=port or 0, key=setting, name="monitoring", health=health))
        is_steady = handed is not None or bool(port)
        self.steady_port: int | None = self.port if is_steady and self._servers[0].is_listening else None
        """A port that only this process has, the same after a restart; None if there is none."""
        self._stack = ExitStack()

    @property
    def port(self) -> int:
        """The port it serves on, or waits for."""
        return self._servers[0].port

    def __enter__(self) -> Self:
        for server in self._servers:
            self._stack.enter_context(server)
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()


class _Handler(QuietHandler):
    health: Health
    timeout = 10

    def do_GET(self) -> None:  # noqa: N802 - http.server's name
        path = self.path.partition("?")[0]
        if path == "/metrics":
            encoder, content_type = choose_encoder(self.headers.get("Accept") or "")
            self._answer(200, content_type, encoder(registry_of(Process(self.health.stage))))
        elif path == "/healthz":
            self._answer_health("healthy", self.health.unhealthy_because())
        elif path == "/readyz":
            unhealthy = self.health.unhealthy_because()
            self._answer_health("ready", self.health.unready_because() | unhealthy, unhealthy=unhealthy)
        else:
            self._answer(404, "text/plain; charset=utf-8", b"/metrics /healthz /readyz\n")

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def _answer_health(self, word: str, reasons: dict[str, str], **parts: dict[str, str]) -> None:
        body = {"stage": self.health.stage, "status": word if not reasons else f"not {word}", "because": reasons, **parts}
        self._answer(503 if reasons else 200, "application/json", json.dumps(body).encode() + b"\n")

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
