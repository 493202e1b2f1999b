"""The campaign's receivers: they verify each POST with the `standardwebhooks` library, not with ours, and can misbehave.

In: POSTs, and a mode. Out: Arrival for each POST. I/O: one listening socket on loopback per desk.
"""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from support.campaign.arrival import ALERT, Arrival
from support.campaign.items import number_of
from support.campaign.outlet import HOST

HANGS_S = 60.0


class DeskMode(StrEnum):
    """How a receiver answers."""

    WELL = "well"
    ERROR = "error"
    THROTTLED = "throttled"
    HANG = "hang"
    CLOSES_EARLY = "closes_early"
    REFUSED = "refused"  # nothing listens


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A sender that is killed in the middle hangs up; that is the campaign's doing."""


class Desk:
    """`with Desk("one") as desk:` listens on `desk.url` and fills `desk.arrivals`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.secret = "whsec_" + base64.b64encode(os.urandom(32)).decode()
        self.mode = DeskMode.WELL
        self.arrivals: list[Arrival] = []
        self._verifier = Webhook(self.secret)
        self._changed = threading.Condition()
        self._server: _Server | None = None
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._port}/{self.name}"

    def behave(self, mode: DeskMode) -> None:
        with self._changed:
            self.mode = mode
            self._changed.notify_all()
        if mode is DeskMode.REFUSED:
            self._close()
        elif self._server is None:
            self._open()

    def seen(self) -> list[Arrival]:
        """Every POST so far."""
        with self._changed:
            return list(self.arrivals)

    def __enter__(self) -> Desk:
        self._open()
        return self

    def __exit__(self, *_: object) -> None:
        self.behave(DeskMode.WELL)
        self._close()

    def _open(self) -> None:
        desk = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                desk._take(self)

            def log_message(self, *_: object) -> None: ...

        deadline = time.monotonic() + 30
        while self._server is None:
            try:
                self._server = _Server((HOST, self._port), Handler)
            except OSError:  # a stranger took the port for a moment
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        self._port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def _close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    def _take(self, request: BaseHTTPRequestHandler) -> None:
        promised = int(request.headers.get("Content-Length", "0"))
        body = request.rfile.read(promised)
        if len(body) < promised:  # its sender was killed in the middle: no message
            return
        with self._changed:
            mode = self.mode
            if mode is DeskMode.HANG:
                self._changed.wait_for(lambda: self.mode is not DeskMode.HANG, HANGS_S)
        status = {DeskMode.ERROR: 500, DeskMode.THROTTLED: 429}.get(mode, 204)
        answers = mode not in (DeskMode.HANG, DeskMode.CLOSES_EARLY)
        self._remember(request, body, accepted=answers and status == 204)
        if not answers:
            request.close_connection = True
            return
        request.send_response(status)
        if mode is DeskMode.THROTTLED:
            request.send_header("Retry-After", "3")
        request.send_header("Content-Length", "0")
        request.end_headers()

    def _remember(self, request: BaseHTTPRequestHandler, body: bytes, *, accepted: bool) -> None:
        try:
            self._verifier.verify(body, {name.lower(): value for name, value in request.headers.items()})
            verified = True
        except WebhookVerificationError:
            verified = False
        payload = _payload(body)
        arrival = Arrival(
            desk=self.name, at_s=time.monotonic(), webhook_id=request.headers.get("webhook-id", ""), kind=str(payload.get("type", "")),
            verified=verified, accepted=accepted and verified, numbers=_numbers(payload), body_hash=hash(body),
        )  # fmt: skip
        with self._changed:
            self.arrivals.append(arrival)


def _payload(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _numbers(payload: dict[str, Any]) -> tuple[int | None, ...]:
    """The item an alert is about: its first article; the others are what the same running story held before."""
    if not str(payload.get("type", "")).startswith(ALERT):
        return ()
    return tuple(number_of(article.get("url")) for article in payload["data"]["articles"][:1])
