"""Serves the acknowledgement links: GET shows the alerts, only POST acknowledges them.

In: GET, HEAD and POST of `/ack/TOKEN`. Out: small pages; acknowledgement rows. I/O: one listening socket, the database.
Link scanners, chat previews and prefetching browsers send no POST. The address is the key: it is never logged, and the pages tell
browsers neither to cache it nor to pass it on.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Self

from sqlalchemy import Engine

from newsmon.logs import get_logger
from newsmon.metrics import ACK_REQUESTS, AckAnswer
from newsmon.net.http_server import BackgroundServer, Conditions, QuietHandler
from newsmon.settings import AckSettings
from sinks.acks.rows import acknowledge_message, message_of
from sinks.database.engine import reading, writing
from sinks.database.faults import DATABASE_ERRORS, fault_of
from sinks.message.ack_links import PATH, AckLinks, TokenFault
from sinks.message.ack_page import asking_page, done_page, refusal_page

AT_ONCE = 16
IDLE_S = 10.0
MOST_BODY_BYTES = 1_024  # the form sends no body; whatever comes is read and dropped
REFUSED: dict[AckAnswer, tuple[int, str, str]] = {
    AckAnswer.FORGED: (403, "This link is not valid", "It is incomplete, or another newsmon made it."),
    AckAnswer.EXPIRED: (410, "This link has expired", "You can still acknowledge with: newsmon alerts ack ALERT-ID"),
    AckAnswer.UNKNOWN: (410, "This message is no longer stored", "Try: newsmon alerts ack ALERT-ID"),
    AckAnswer.NO_SUCH_PAGE: (404, "There is nothing here", "The acknowledgement link is in the message."),
    AckAnswer.TOO_LARGE: (413, "The request is too large", "Use the button on the page."),
    AckAnswer.FAILED: (503, "Please try again", "newsmon cannot reach its database. Try again in half a minute."),
    AckAnswer.BUSY: (503, "Please try again", "Too many requests at once. Try again in half a minute."),
}
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
}  # fmt: skip

log = get_logger(__name__)


class AckServer(BackgroundServer):
    """Serves until closed; use as a context manager. `port` is the one actually bound."""

    def __init__(self, settings: AckSettings, links: AckLinks, engine: Engine, health: Conditions | None = None) -> None:
        assert settings.port is not None, "without a port nothing is served"
        handler = type("Handler", (_Handler,), {"acks": self})
        super().__init__(handler, bind=settings.bind, port=settings.port, key="ack.port", name="acks", health=health)
        self._links = links
        self._engine = engine
        self.slots = threading.BoundedSemaphore(AT_ONCE)

    def __enter__(self) -> Self:
        for answer in AckAnswer:
            ACK_REQUESTS.labels(answer.value)
        super().__enter__()
        log.info("ack.started", port=self.port)
        return self

    def answer(self, token: str, *, is_post: bool) -> tuple[AckAnswer, str]:
        """The answer to a token, and its page. Database errors propagate."""
        now = datetime.now(UTC)
        delivery_id = self._links.delivery_of(token, now=now)
        if isinstance(delivery_id, TokenFault):
            return refusal(AckAnswer(delivery_id.value))
        if not is_post:
            with reading(self._engine) as connection:
                message = message_of(connection, delivery_id)
            return (
                refusal(AckAnswer.UNKNOWN) if message is None else (AckAnswer.SHOWN, asking_page(message.alerts, receiver=message.receiver))
            )
        with writing(self._engine) as connection:
            message = acknowledge_message(connection, delivery_id, now=now)
        if message is None:
            return refusal(AckAnswer.UNKNOWN)
        log.info(
            "alert.acknowledged", receiver=message.receiver, alerts=[one.alert_id for one in message.alerts], was_known=not message.is_new
        )
        return AckAnswer.ACKNOWLEDGED if message.is_new else AckAnswer.REPEATED, done_page(message.alerts)


def refusal(answer: AckAnswer) -> tuple[AckAnswer, str]:
    """The answer and its page."""
    _status, heading, text = REFUSED[answer]
    return answer, refusal_page(heading, text)


class _Handler(QuietHandler):
    acks: AckServer
    timeout = IDLE_S

    def do_GET(self) -> None:  # noqa: N802 - http.server's name
        self._serve(is_post=False)

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def do_POST(self) -> None:  # noqa: N802 - http.server's name
        if not self._body_is_small():
            self._say(*refusal(AckAnswer.TOO_LARGE))
            return
        self._serve(is_post=True)

    def _serve(self, *, is_post: bool) -> None:
        path = self.path.partition("?")[0]
        if not path.startswith(PATH):
            self._say(*refusal(AckAnswer.NO_SUCH_PAGE))
        elif not self.acks.slots.acquire(blocking=False):
            self._say(*refusal(AckAnswer.BUSY))
        else:
            try:
                said = self.acks.answer(path.removeprefix(PATH), is_post=is_post)
            except DATABASE_ERRORS as error:
                log.warning("ack.failed", reason=fault_of(error).value)
                said = refusal(AckAnswer.FAILED)
            finally:
                self.acks.slots.release()
            self._say(*said)

    def _body_is_small(self) -> bool:
        """Read the body and drop it; False when it is larger than our form could send, or gives no size."""
        length = self.headers.get("Content-Length", "0").strip()
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit() and len(length) < 8):
            return False
        if int(length) > MOST_BODY_BYTES:
            return False
        self.rfile.read(int(length))
        return True

    def _say(self, answer: AckAnswer, page: str) -> None:
        ACK_REQUESTS.labels(answer.value).inc()
        body = page.encode()
        status = REFUSED[answer][0] if answer in REFUSED else 200
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        if status == 503:
            self.send_header("Retry-After", "30")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
