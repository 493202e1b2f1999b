"""One signed POST to one receiver, and how it ended: never a loop, never a redirect, never an address the guard refuses.

In: webhook-id and body. Out: an Outcome with its reason. I/O: HTTP; the clock is read for the signature's timestamp.
The receiver's address may hold a secret: it appears in no outcome, log line or error of ours.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType

import aiohttp

from newsmon import __version__
from newsmon.errors import Problem, SettingsError
from newsmon.netguard import RefusedAddress, guarded_connector, parse_networks
from newsmon.settings import ReceiverSettings
from sinks.delivery_reasons import DeliveryReason
from sinks.retry import retry_after_s
from sinks.routing import NO_RECEIVER
from sinks.signature import Secret, signed_headers

CONNECT_TIMEOUT_S = 5.0
# The answer's body is of no use; reading a little of it lets the connection be used again.
MAX_ANSWER_BYTES = 4_096
MAX_ANSWER_WAIT_S = 1.0
# Common servers close idle connections after 2 to 5 s. A POST on one that is just being closed would fail for nothing.
KEEPALIVE_S = 1.5


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt ended; `detail` is the name of an error, never text of the receiver or its address."""

    reason: DeliveryReason
    duration_s: float
    status: int | None = None
    retry_after_s: float | None = None
    detail: str | None = None

    @property
    def accepted(self) -> bool:
        return self.reason is DeliveryReason.ACCEPTED


class Webhook:
    """One receiver's connections; an async context manager."""

    def __init__(self, receiver: ReceiverSettings, secrets: tuple[Secret, ...]) -> None:
        self._receiver = receiver
        self._secrets = secrets
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Webhook:
        self._session = aiohttp.ClientSession(
            connector=guarded_connector(self._receiver.allow_private, limit=self._receiver.concurrency, keepalive_timeout=KEEPALIVE_S),
            timeout=aiohttp.ClientTimeout(total=self._receiver.timeout_s, sock_connect=CONNECT_TIMEOUT_S),
            headers={"User-Agent": f"newsmon/{__version__}", "Content-Type": "application/json", "Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            read_bufsize=MAX_ANSWER_BYTES,
        )
        return self

    async def __aexit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self._session is not None:
            await self._session.close()

    async def post(self, *, webhook_id: str, body: bytes) -> Outcome:
        """Send the body once, signed now. Every ending is an Outcome; nothing is raised but cancellation."""
        assert self._session is not None
        headers = signed_headers(self._secrets, webhook_id=webhook_id, timestamp_s=int(time.time()), body=body)
        started = time.monotonic()

        def ended(reason: DeliveryReason, error: BaseException | None = None) -> Outcome:
            detail = None if error is None else _named(error)
            return Outcome(reason, time.monotonic() - started, detail=detail)

        try:
            async with self._session.post(self._receiver.url, data=body, headers=headers, allow_redirects=False) as response:
                outcome = Outcome(
                    reason=reason_of_status(response.status),
                    duration_s=time.monotonic() - started,
                    status=response.status,
                    retry_after_s=_asked_wait_s(response),
                )
                await _read_a_little(response)
                return outcome
        except RefusedAddress as error:
            return ended(DeliveryReason.BLOCKED_ADDRESS, error)
        except TimeoutError as error:  # aiohttp's time-outs are this, too
            return ended(DeliveryReason.TIMED_OUT, error)
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, OSError) as error:
            return ended(DeliveryReason.CONNECT_FAILED, error)
        except (aiohttp.ClientError, ValueError) as error:
            return ended(DeliveryReason.BAD_ANSWER, error)


def check_addresses(receivers: Sequence[ReceiverSettings]) -> None:
    """SettingsError for every receiver whose name or allowed ranges cannot be used."""
    problems = []
    for receiver in receivers:
        if receiver.id == NO_RECEIVER:
            problems.append(Problem(f"settings:receivers.{receiver.id}.id", f"{NO_RECEIVER} is what newsmon calls having no receiver"))
        try:
            parse_networks(receiver.allow_private)
        except ValueError as error:
            problems.append(Problem(f"settings:receivers.{receiver.id}.allow_private", f"not a CIDR range: {error}"))
    if problems:
        raise SettingsError(problems)


def reason_of_status(status: int) -> DeliveryReason:
    """What a status means to us (Standard Webhooks, section on responses): only 2xx is acceptance."""
    if 200 <= status < 300:
        return DeliveryReason.ACCEPTED
    if 300 <= status < 400:
        return DeliveryReason.REDIRECTED
    if status in (410, 429):
        return DeliveryReason.GONE if status == 410 else DeliveryReason.THROTTLED
    if 400 <= status < 500:
        return DeliveryReason.CLIENT_ERROR
    return DeliveryReason.SERVER_ERROR if 500 <= status < 600 else DeliveryReason.BAD_ANSWER


def _asked_wait_s(response: aiohttp.ClientResponse) -> float | None:
    return None if response.ok else retry_after_s(response.headers.get("Retry-After"), now=datetime.now(UTC))


async def _read_a_little(response: aiohttp.ClientResponse) -> None:
    """Read the body's end if it is near; else close: the status has been said, and a drip feed shall not hold a slot."""
    left = MAX_ANSWER_BYTES
    try:
        async with asyncio.timeout(MAX_ANSWER_WAIT_S):
            while left > 0 and (chunk := await response.content.read(left)):
                left -= len(chunk)
    except (TimeoutError, aiohttp.ClientError, OSError):
        left = 0
    if left <= 0:
        response.close()


def _named(error: BaseException) -> str:
    """The kind of an error and the system's word for it: str(error) would tell the address."""
    cause = getattr(error, "os_error", error)
    said = cause.strerror if isinstance(cause, OSError) and cause.strerror else ""
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
