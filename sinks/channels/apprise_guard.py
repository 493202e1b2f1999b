"""Limits what Apprise's plug-ins do on the network, inside the child process and whatever library they use.

An audit hook of the interpreter asks the network guard about every connection and refuses programs and Unix sockets. HTTP answers are
bounded; redirects and proxies are off. In: the allowed ranges. Out: what happened to each message (`Seen`). I/O: none itself.
"""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from newsmon.net.guard import Network, RefusedAddress, refusal, worded
from newsmon.net.trust import why_untrusted
from sinks.policy.retry import RETRY_AFTER_CAP_S, retry_after_s

if TYPE_CHECKING:
    from requests import Response

MAX_ANSWER_BYTES = 256 * 1024
STARTS_PROGRAMS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"})
DIALS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


@dataclass
class Seen:
    """The network events of one message."""

    refused: str | None = None
    untrusted: str | None = None
    status: int | None = None
    retry_after_s: float | None = None

    @property
    def throttled(self) -> bool:
        return self.status == 429


class ProcessGuard:
    """The audit hook: refuses by raising, and records that it did. Once installed it stays for the life of the process."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        self._allowed = tuple(allowed)
        self.seen = Seen()

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in DIALS:
            self._check(arguments[0], arguments[1])
        elif event in STARTS_PROGRAMS:
            self._refuse("starting a program")

    def _check(self, dialling: socket.socket, address: Any) -> None:
        if dialling.family not in (socket.AF_INET, socket.AF_INET6):
            self._refuse("a socket that is not an internet socket")
        if address is None:
            return  # sendmsg on a connection that was checked
        why = refusal(str(address[0]), self._allowed)  # a name instead of an address is also refused: it may resolve to anything
        if why is not None:
            self._refuse(worded(why, "the receiver's allow_private"))

    def _refuse(self, why: str) -> None:
        self.seen.refused = why
        raise RefusedAddress(why)


def watch_http(guard: ProcessGuard) -> None:
    """Record every HTTP answer, bound its body, follow no redirect; after a 429 refuse further requests of the same message."""
    import requests

    send = requests.adapters.HTTPAdapter.send

    def watched(self: Any, request: Any, **options: Any) -> Response:
        if guard.seen.throttled:
            raise requests.ConnectionError("told to wait")
        try:
            response: Response = send(self, request, **options | {"stream": True, "proxies": None})
        except requests.exceptions.SSLError as error:
            guard.seen.untrusted = why_untrusted(error)
            raise
        body = io.BytesIO(response.raw.read(MAX_ANSWER_BYTES, decode_content=True) or b"")
        response._content, response._content_consumed = body.getvalue(), True  # noqa: SLF001
        response.raw.close()
        response.headers.pop("Location", None)
        if guard.seen.status is None or not response.ok:
            guard.seen.status = response.status_code
            guard.seen.retry_after_s = None if response.ok else asked_wait_s(response)
        return response

    requests.adapters.HTTPAdapter.send = watched  # type: ignore[method-assign,assignment]


def asked_wait_s(response: Response) -> float | None:
    """The seconds a service asks us to wait: by header (Discord has its own), or in its JSON (Telegram, Discord)."""
    asked = retry_after_s(response.headers.get("Retry-After"), now=datetime.now(UTC))
    if response.status_code != 429:
        return asked
    found = [asked, _seconds(response.headers.get("X-RateLimit-Reset-After"))]
    try:
        said = json.loads(response.content)
        found += [_seconds(said.get("retry_after")), _seconds((said.get("parameters") or {}).get("retry_after"))]
    except (ValueError, AttributeError, RecursionError):
        pass
    return max((one for one in found if one is not None), default=None)


def _seconds(value: Any) -> float | None:
    try:
        return min(max(0.0, float(value)), RETRY_AFTER_CAP_S)
    except (TypeError, ValueError):
        return None
