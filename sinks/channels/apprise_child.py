"""The process that speaks to one receiver's Apprise services: `python -Im sinks.channels.apprise_child`.

A process of its own, because Apprise's plug-ins block, know no deadline for a whole message and connect as they like. Here every
connection they make, by whatever library, passes an audit hook of the interpreter that asks the network guard; programs, Unix
sockets, redirects, proxies and answers without end are refused; and the parent ends the process when a message takes too long.

In (stdin) and out (stdout): one JSON object per line. First {addresses, allow_private, timeout_s} -> {services: [...]} or
{problem}; then {service, title, body, severity, key, text, closes} -> {ok, status, retry_after_s, error, blocked}.
"""

from __future__ import annotations

import io
import json
import os
import resource
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from newsmon.net.guard import Network, RefusedAddress, parse_networks, refusal
from sinks.policy.retry import RETRY_AFTER_CAP_S, retry_after_s

if TYPE_CHECKING:
    from apprise import NotifyBase
    from requests import Response

MAX_ANSWER_BYTES = 256 * 1024
MAX_MEMORY_BYTES = 1024 * 1024 * 1024
NAME = "newsmon"
NTFY_JSON_BYTES = 100_000
LONGEST_FALLBACK = 300
LONGEST_KEY = 255  # PagerDuty's limit
INCIDENT_KEEPERS = frozenset({"pagerduty"})
RESOLVES_AT_THE_END = "map"  # Apprise's word; its own choice is to trigger an incident by whatever is said, also that it is over
TYPES = {"flash": "failure", "urgent": "warning", "notice": "info"}
STARTS_PROGRAMS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"})
DIALS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


@dataclass
class Seen:
    """What one message met on the network."""

    refused: str | None = None
    status: int | None = None
    retry_after_s: float | None = None

    @property
    def throttled(self) -> bool:
        return self.status == 429


class Guard:
    """The audit hook: says no by raising, and remembers that it did. Once installed it stays for the life of the process."""

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
            self._refuse("a socket that is not of the internet")
        if address is None:
            return  # sendmsg on a connection that was checked
        why = refusal(str(address[0]), self._allowed)  # a name instead of an address is refused, too: who knows what it becomes
        if why is not None:
            self._refuse(why)

    def _refuse(self, why: str) -> None:
        self.seen.refused = why
        raise RefusedAddress(why)


def watch_http(guard: Guard) -> None:
    """Every answer over HTTP: noted, its body bounded, its redirect not followed; after a 429 no further request in this message."""
    import requests

    send = requests.adapters.HTTPAdapter.send

    def watched(self: Any, request: Any, **options: Any) -> Response:
        if guard.seen.throttled:
            raise requests.ConnectionError("told to wait")
        response: Response = send(self, request, **options | {"stream": True, "proxies": None})
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
    """How long the service wants to be left alone: by header (Discord has one of its own), or in its JSON (Telegram, Discord)."""
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


def open_services(addresses: Sequence[str], timeout_s: float) -> list[NotifyBase]:
    """Apprise's plug-ins for the addresses, made to neither cut, nor retry, nor follow; ValueError names the first that is none."""
    from apprise import Apprise, AppriseAsset, NotifyBase, OverflowMode

    asset = AppriseAsset(app_id=NAME, app_desc=NAME, app_url="", image_url_logo="", image_url_mask="")
    services: list[NotifyBase] = []
    for number, address in enumerate(addresses, start=1):
        service = Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
        if not isinstance(service, NotifyBase):
            raise ValueError(f"address {number} is none that Apprise knows, or lacks a part")
        service.overflow_mode = OverflowMode.UPSTREAM
        service.retry, service.optional, service.redirects, service.persistent_storage = 0, False, False, False
        service.socket_connect_timeout = service.socket_read_timeout = timeout_s
        service.notify_format = _plain(service)
        vars(service)["include_image"] = False  # nobody's client shall fetch pictures from elsewhere for us
        if describe(service)["schema"] in INCIDENT_KEEPERS and "action" not in parse_qs(address.partition("?")[2]):
            vars(service)["action"] = RESOLVES_AT_THE_END
        services.append(service)
    return services


def _plain(service: NotifyBase) -> Any:
    """Text stays text where the service can show text: nothing in a headline is taken for markup."""
    from apprise import NotifyFormat

    formats = service.notify_format if isinstance(service.notify_format, tuple) else (service.notify_format,)
    return NotifyFormat.TEXT if NotifyFormat.TEXT in formats else service.notify_format


def describe(service: NotifyBase) -> dict[str, Any]:
    schemas = service.secure_protocol or service.protocol
    schema = schemas if isinstance(schemas, str) else next(iter(schemas or ("unknown",)))
    return {
        "schema": schema, "incidents": schema in INCIDENT_KEEPERS and vars(service).get("action") == RESOLVES_AT_THE_END,
        "body": service.body_maxlen, "title": service.title_maxlen, "lines": service.body_max_line_count,
        "pause_s": max(0.0, float(service.request_rate_per_sec)),
    }  # fmt: skip


def notify(service: NotifyBase, order: dict[str, Any], guard: Guard) -> dict[str, Any]:
    """Send one message; how it went."""
    from apprise import NotifyFormat

    guard.seen = Seen()
    error: str | None = None
    _adapt(service, order)
    try:
        ok = service.notify(
            title=order["title"], body=order["body"], notify_type="success" if order["closes"] else TYPES.get(order["severity"], "info"),
            body_format=NotifyFormat.TEXT,
        )  # fmt: skip
    except Exception as raised:  # noqa: BLE001 - a plug-in's mistake is this message's failure
        ok, error = False, type(raised).__name__
    seen = guard.seen
    accepted = bool(ok) and seen.refused is None
    return {"ok": accepted, "status": seen.status, "retry_after_s": seen.retry_after_s, "error": error, "blocked": seen.refused is not None}


def _adapt(service: NotifyBase, order: dict[str, Any]) -> None:
    """What a plug-in offers no address for.

    PagerDuty shows a summary and keeps the text beside it; one incident per alert, whichever revision opened it. ntfy takes
    4,096 bytes of text, which are more as JSON: the plug-in shall not turn them into an attached file. Slack shows the fallback of an
    attachment where it shows no message: on a locked screen, in a list.
    """
    schema = describe(service)["schema"]
    if schema in ("ntfy", "ntfys"):
        vars(service)["ntfy_json_upstream_size_limit"] = NTFY_JSON_BYTES
    if schema == "pagerduty":
        vars(service)["details"] = {"text": order["text"]}
        vars(service)["dedup"] = order["key"][:LONGEST_KEY]
    if schema == "slack":
        vars(service)["_send"] = with_fallback(vars(type(service))["_send"].__get__(service), order["title"] or order["body"])


def with_fallback(send: Callable[..., Any], text: str) -> Callable[..., Any]:
    """Slack's plug-in's sending, with the text's first line as fallback of every attachment that has none."""
    line = text.split("\n", 1)[0][:LONGEST_FALLBACK]
    fallback = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    def sending(url: str, payload: dict[str, Any], *arguments: Any, **options: Any) -> Any:
        for attachment in payload.get("attachments") or ():
            attachment.setdefault("fallback", fallback)
        return send(url, payload, *arguments, **options)

    return sending


def main() -> int:
    """Serve the parent until it closes our stdin."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    sys.stdout = sys.stderr  # what plug-ins print is not for the parent

    def say(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    opening = json.loads(sys.stdin.readline())
    socket.setdefaulttimeout(opening["timeout_s"])
    try:
        services = open_services(opening["addresses"], opening["timeout_s"])
    except ValueError as error:
        say({"problem": str(error)})
        return 2
    guard = Guard(parse_networks(opening["allow_private"]))
    watch_http(guard)
    sys.addaudithook(guard)
    say({"services": [describe(service) for service in services]})
    for line in sys.stdin:
        order = json.loads(line)
        say(notify(services[order["service"]], order, guard))
    return 0


if __name__ == "__main__":
    sys.exit(main())
