"""The process that sends to one receiver's Apprise services: `python -Im sinks.channels.apprise_child`.

A separate process, because Apprise's plug-ins block, have no deadline for a whole message and connect wherever they like.
`sinks.channels.apprise_guard` checks what they do on the network, and the parent kills the process when a message takes too long.

In (stdin) and out (stdout): one JSON object per line. First {addresses, allow_private, timeout_s} -> {services: [...]} or
{problem}; then {service, title, body, severity, key, text, closes} -> {ok, status, retry_after_s, error, refused}.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import truststore

from newsmon.net.guard import parse_networks
from sinks.channels.apprise_guard import ProcessGuard, Seen, watch_http

if TYPE_CHECKING:
    from apprise import NotifyBase

MAX_MEMORY_BYTES = 1024 * 1024 * 1024
NAME = "newsmon"
NTFY_JSON_BYTES = 100_000
LONGEST_FALLBACK = 300
SUPPRESS_EMBEDS = 4  # a flag of Discord's messages
LONGEST_KEY = 255  # PagerDuty's limit
INCIDENT_KEEPERS = frozenset({"pagerduty"})
RESOLVES_AT_THE_END = "map"  # Apprise's word; by default a message that an alert is over would trigger an incident as well
TYPES = {"flash": "failure", "urgent": "warning", "notice": "info"}


def open_services(addresses: Sequence[str], timeout_s: float) -> list[NotifyBase]:
    """Apprise's plug-ins for the addresses, set to neither cut, retry nor follow; ValueError says which address is invalid."""
    from apprise import Apprise, AppriseAsset, NotifyBase, OverflowMode

    asset = AppriseAsset(app_id=NAME, app_desc=NAME, app_url="", image_url_logo="", image_url_mask="")
    services: list[NotifyBase] = []
    for number, address in enumerate(addresses, start=1):
        service = Apprise.instantiate(_without_format(address), asset=asset, suppress_exceptions=True)
        if not isinstance(service, NotifyBase):
            raise ValueError(f"Apprise does not recognise address {number}, or part of it is missing")
        service.overflow_mode = OverflowMode.UPSTREAM
        service.retry, service.optional, service.redirects, service.persistent_storage = 0, False, False, False
        service.socket_connect_timeout = service.socket_read_timeout = timeout_s
        service.notify_format = _plain(service)
        vars(service)["include_image"] = False  # a reader's client must not fetch pictures from elsewhere for us
        if describe(service)["schema"] in INCIDENT_KEEPERS and "action" not in parse_qs(address.partition("?")[2]):
            vars(service)["action"] = RESOLVES_AT_THE_END
        services.append(service)
    return services


def _without_format(address: str) -> str:
    """The address without `format=`: newsmon writes in the service's plainest format itself (`sinks.message.chat_markup`)."""
    before, mark, query = address.partition("?")
    kept = "&".join(one for one in query.split("&") if not one.lower().startswith("format="))
    return before + mark + kept if kept else before


def _plain(service: NotifyBase) -> Any:
    """Plain text where the service can show it."""
    from apprise import NotifyFormat

    formats = service.notify_format if isinstance(service.notify_format, tuple) else (service.notify_format,)
    return NotifyFormat.TEXT if NotifyFormat.TEXT in formats else service.notify_format


def describe(service: NotifyBase) -> dict[str, Any]:
    schemas = service.secure_protocol or service.protocol
    schema = schemas if isinstance(schemas, str) else next(iter(schemas or ("unknown",)))
    return {
        "schema": schema, "format": service.resolve_format("text").value,
        "incidents": schema in INCIDENT_KEEPERS and vars(service).get("action") == RESOLVES_AT_THE_END,
        "body": service.body_maxlen, "title": service.title_maxlen, "lines": service.body_max_line_count,
        "pause_s": max(0.0, float(service.request_rate_per_sec)),
    }  # fmt: skip


def notify(service: NotifyBase, order: dict[str, Any], guard: ProcessGuard) -> dict[str, Any]:
    """Send one message, and return the answer to the parent."""
    guard.seen = Seen()
    error: str | None = None
    _adapt(service, order)
    try:
        ok = service.notify(
            title=order["title"], body=order["body"], notify_type="success" if order["closes"] else TYPES.get(order["severity"], "info"),
            body_format=service.resolve_format("text"),  # the texts are in it already: Apprise must not convert them
        )  # fmt: skip
    except Exception as raised:  # noqa: BLE001 - a plug-in's mistake is this message's failure
        ok, error = False, type(raised).__name__
    seen = guard.seen
    accepted = bool(ok) and seen.refused is None
    return {
        "ok": accepted, "status": seen.status, "retry_after_s": seen.retry_after_s, "error": seen.untrusted or error,
        "refused": seen.refused,
    }  # fmt: skip


def _adapt(service: NotifyBase, order: dict[str, Any]) -> None:
    """Set what an address cannot express.

    PagerDuty shows a summary with the text beside it, and keeps one incident per alert, whichever revision opened it. ntfy takes
    4,096 bytes of text, which are more as JSON; the plug-in must not turn them into an attached file. Slack shows an attachment's
    fallback where it shows no message: on a locked screen, in a list. Slack and Discord fetch a preview of every address unless told
    not to, and Discord notifies everyone mentioned in a text.
    """
    schema = describe(service)["schema"]
    if schema in ("ntfy", "ntfys"):
        vars(service)["ntfy_json_upstream_size_limit"] = NTFY_JSON_BYTES
    if schema == "pagerduty":
        vars(service)["details"] = {"text": order["text"]}
        vars(service)["dedup"] = order["key"][:LONGEST_KEY]
    if schema == "slack":
        vars(service)["_send"] = with_fallback(vars(type(service))["_send"].__get__(service), order["title"] or order["body"])
    if schema == "discord":
        vars(service)["_send"] = calling_nobody(vars(type(service))["_send"].__get__(service))


def with_fallback(send: Callable[..., Any], text: str) -> Callable[..., Any]:
    """The Slack plug-in's send function, with the text's first line as fallback for every attachment without one."""
    line = text.split("\n", 1)[0][:LONGEST_FALLBACK]
    fallback = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    def sending(url: str, payload: dict[str, Any], *arguments: Any, **options: Any) -> Any:
        for attachment in payload.get("attachments") or ():
            attachment.setdefault("fallback", fallback)
        return send(url, payload | {"unfurl_links": False, "unfurl_media": False}, *arguments, **options)

    return sending


def calling_nobody(send: Callable[..., Any]) -> Callable[..., Any]:
    """The Discord plug-in's send function, without previews, and notifying only those whom the address names (`ping=`)."""

    def sending(payload: dict[str, Any], *arguments: Any, **options: Any) -> Any:
        named = payload.pop("allow_mentions", None) or {}  # Apprise's misspelling, which Discord ignores
        everybody = ["everyone"] if {"everyone", "here"} & set(named.get("parse") or ()) else []
        allowed = {"parse": everybody, "users": named.get("users") or [], "roles": named.get("roles") or []}
        flags = payload.get("flags", 0) | SUPPRESS_EMBEDS
        return send(payload | {"allowed_mentions": allowed, "flags": flags}, *arguments, **options)

    return sending


def main() -> int:
    """Serve the parent until it closes our stdin."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    sys.stdout = sys.stderr  # what plug-ins print is not for the parent

    def say(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    truststore.inject_into_ssl()
    opening = json.loads(sys.stdin.readline())
    socket.setdefaulttimeout(opening["timeout_s"])
    try:
        services = open_services(opening["addresses"], opening["timeout_s"])
    except ValueError as error:
        say({"problem": str(error)})
        return 2
    guard = ProcessGuard(parse_networks(opening["allow_private"]))
    watch_http(guard)
    sys.addaudithook(guard)
    say({"services": [describe(service) for service in services]})
    for line in sys.stdin:
        order = json.loads(line)
        say(notify(services[order["service"]], order, guard))
    return 0


if __name__ == "__main__":
    sys.exit(main())
