"""One signed POST to one receiver: no retry, no redirect, no address that the network guard refuses.

In: webhook-id and body. Out: an Outcome with its reason. I/O: HTTP; the clock is read for the signature's timestamp.
The receiver's address may contain a secret, so it appears in no outcome, log line or error.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType

import aiohttp

from newsmon import __version__
from newsmon.errors import Problem, SettingsError
from newsmon.net.guard import RefusedAddress, guarded_connector, parse_networks
from newsmon.net.trust import why_untrusted
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.settings import ReceiverSettings
from sinks.message.signature import Signer, newest_of_each, signed_headers
from sinks.message.webhook_formats import JSON, in_format
from sinks.policy.attempt import Outcome, reason_of_status
from sinks.policy.retry import retry_after_s
from sinks.policy.routing import NO_RECEIVER

CONNECT_TIMEOUT_S = 5.0
# The answer's body is not used, but reading a little of it lets the connection be reused.
MAX_ANSWER_BYTES = 4_096
MAX_ANSWER_WAIT_S = 1.0
# Common servers close idle connections after 2 to 5 s, and a POST on a connection that is just closing would fail.
KEEPALIVE_S = 1.5
ASKS_HEADER = "webhook-delivery"
ASKED = {"disable": DeliveryReason.GONE, "abort-message": DeliveryReason.ABORTED}


class Webhook:
    """One receiver's connections; an async context manager."""

    def __init__(self, receiver: ReceiverSettings, secrets: tuple[Signer, ...]) -> None:
        assert receiver.url is not None, "a webhook without an address is refused when settings are read"
        self._receiver = receiver
        self._url = receiver.url
        self._secrets = secrets
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Webhook:
        self._session = aiohttp.ClientSession(
            connector=guarded_connector(
                self._receiver.allow_private,
                setting=f"receivers.{self._receiver.id}.allow_private",
                limit=self._receiver.concurrency,
                keepalive_timeout=KEEPALIVE_S,
            ),
            timeout=aiohttp.ClientTimeout(total=self._receiver.timeout_s, sock_connect=CONNECT_TIMEOUT_S),
            headers={"User-Agent": f"newsmon/{__version__}", "Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            read_bufsize=MAX_ANSWER_BYTES,
        )
        return self

    async def __aexit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def concurrency(self) -> int:
        return self._receiver.concurrency

    @property
    def attempt_s(self) -> float:
        return self._receiver.timeout_s

    def _active(self, now: datetime) -> tuple[Signer, ...]:
        """The keys that sign at `now`: the newest of each scheme, and older ones until they expire."""
        expire_at = self._receiver.old_secrets_expire_at
        return self._secrets if expire_at is None or now < expire_at else newest_of_each(self._secrets)

    async def post(self, *, webhook_id: str, body: bytes) -> Outcome:
        """Send the body once, signed now. Every ending is an Outcome; nothing is raised but cancellation."""
        assert self._session is not None
        started = time.monotonic()
        now = datetime.now(UTC)
        if self._receiver.format != "standard":
            body, media_type = in_format(self._receiver.format, body, webhook_id=webhook_id, receiver=self._receiver.id)
        else:
            media_type = JSON
        headers = signed_headers(self._active(now), webhook_id=webhook_id, timestamp_s=int(now.timestamp()), body=body)
        headers["Content-Type"] = media_type

        def ended(reason: DeliveryReason, error: BaseException | None = None) -> Outcome:
            detail = None if error is None else _named(error)
            return Outcome(reason, time.monotonic() - started, detail=detail)

        try:
            async with self._session.post(self._url, data=body, headers=headers, allow_redirects=False) as response:
                outcome = Outcome(
                    reason=reason_of(response),
                    duration_s=time.monotonic() - started,
                    status=response.status,
                    retry_after_s=_asked_wait_s(response),
                )
                await _read_a_little(response)
                return outcome
        except RefusedAddress as error:
            return ended(DeliveryReason.BLOCKED_ADDRESS, error)
        except TimeoutError as error:  # this includes aiohttp's time-outs
            return ended(DeliveryReason.TIMED_OUT, error)
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, OSError) as error:
            return ended(DeliveryReason.CONNECT_FAILED, error)
        except (aiohttp.ClientError, ValueError) as error:
            return ended(DeliveryReason.BAD_ANSWER, error)


def check_addresses(receivers: Sequence[ReceiverSettings]) -> None:
    """Raise SettingsError for every receiver whose name or allowed ranges are invalid."""
    problems = []
    for receiver in receivers:
        if receiver.id == NO_RECEIVER:
            problems.append(Problem(f"settings:receivers.{receiver.id}.id", f"{NO_RECEIVER} is reserved for having no receiver"))
        try:
            parse_networks(receiver.allow_private)
        except ValueError as error:
            problems.append(Problem(f"settings:receivers.{receiver.id}.allow_private", f"not a CIDR range: {error}"))
    if problems:
        raise SettingsError(problems)


def reason_of(response: aiohttp.ClientResponse) -> DeliveryReason:
    """The meaning of an answer; a refusal may ask, in the header `webhook-delivery`, for no more of this message or of all messages."""
    reason = reason_of_status(response.status)
    if reason is DeliveryReason.ACCEPTED:
        return reason
    asked = response.headers.get(ASKS_HEADER, "").strip().lower()
    return ASKED.get(asked, reason)


def _asked_wait_s(response: aiohttp.ClientResponse) -> float | None:
    return None if response.ok else retry_after_s(response.headers.get("Retry-After"), now=datetime.now(UTC))


async def _read_a_little(response: aiohttp.ClientResponse) -> None:
    """Read a short body to its end; close on a long or slow one, so that it does not hold the slot. The status is known already."""
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
    """The type of an error and the system's message: the text of most errors shows the URL."""
    if isinstance(error, RefusedAddress):
        return str(error)  # the IP address and the setting, never the URL
    if (untrusted := why_untrusted(error)) is not None:
        return untrusted
    cause = getattr(error, "os_error", error)
    said = cause.strerror if isinstance(cause, OSError) and cause.strerror else ""
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
