"""The small HTTP server that every process runs: /metrics, /healthz and /readyz, by default on loopback.

It has its own thread, so that a process with a stalled event loop still answers (with 503). `/metrics` picks the exposition
format from the Accept header, as Prometheus expects.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from prometheus_client.exposition import choose_encoder

from newsmon.metrics import Process, registry_of
from newsmon.net.http_server import BackgroundServer, QuietHandler

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


class MonitoringServer(BackgroundServer):
    """Serves while used as a context manager. `port` is the actual port."""

    def __init__(self, health: Health, *, bind: str, port: int, setting: str) -> None:
        super().__init__(type("Handler", (_Handler,), {"health": health}), bind=bind, port=port, key=setting, name="monitoring")


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
            self._answer_health("ready", self.health.unready_because() | self.health.unhealthy_because())
        else:
            self._answer(404, "text/plain; charset=utf-8", b"/metrics /healthz /readyz\n")

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def _answer_health(self, word: str, reasons: dict[str, str]) -> None:
        body = {"stage": self.health.stage, "status": word if not reasons else f"not {word}", "because": reasons}
        self._answer(503 if reasons else 200, "application/json", json.dumps(body).encode() + b"\n")

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
