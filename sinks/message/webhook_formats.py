"""A webhook body in the receiver's format: newsmon's own, a CloudEvent, or an Alertmanager webhook message.

In: a stored body (`sinks.message.alert_payload`, or another JSON object with `type`, `timestamp` and `data`). Out: bytes and their media
type. The same input gives the same bytes, so every attempt of a delivery has the same body in every format.
Sources: CloudEvents 1.0.2, JSON event format, structured mode; Alertmanager's webhook message, version 4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from sinks.message.stored_body import StoredBody

JSON = "application/json"
CLOUDEVENT = "application/cloudevents+json; charset=utf-8"
SOURCE = "urn:newsmon"
DATA_SCHEMA = "urn:newsmon:schema:webhook:{version}"
NEVER_ENDED = "0001-01-01T00:00:00Z"  # Alertmanager's unknown time
OVER = ("closed", "resolved")  # the last state of an alert, and of a notice

_encode = msgspec.json.Encoder().encode


def in_format(name: str, body: bytes, *, webhook_id: str, receiver: str) -> tuple[bytes, str]:
    """The body in the format called `name` (a value of `receivers.format`), and its Content-Type."""
    shape = SHAPES.get(name)
    if shape is None:
        return body, JSON
    return _encode(shape(StoredBody(body).fields, webhook_id, receiver)), CLOUDEVENT if name == "cloudevents" else JSON


def _cloudevent(payload: dict[str, Any], webhook_id: str, _receiver: str) -> dict[str, Any]:
    data = payload.get("data") or {}
    event = {
        "specversion": "1.0", "id": webhook_id, "source": SOURCE, "type": str(payload.get("type", "newsmon")),
        "datacontenttype": JSON, "dataschema": DATA_SCHEMA.format(version=payload.get("schema_version", 1)),
    }  # fmt: skip
    if "timestamp" in payload:
        event["time"] = payload["timestamp"]
    if "alert_id" in data:
        event["subject"] = data["alert_id"]
    return event | {"data": data}


def _alertmanager(payload: dict[str, Any], webhook_id: str, receiver: str) -> dict[str, Any]:
    """One alert, one more for each further theme in the message, and one for each alert or notice that a digest says is over."""
    data = payload.get("data") or {}
    merged = [data | one | {"also_alerts": [], "also_updates": []} for one in data.get("also_alerts") or []]
    merged += _updates(data, {data.get("alert_id"), *(one.get("alert_id") for one in merged)})
    found = [_alertmanager_alert(payload, one, webhook_id) for one in (data, *merged)]
    found += [_alertmanager_alert(payload | {"type": kind}, one, webhook_id) for kind, one in _ended(data)]
    labels, annotations = (_common([one[name] for one in found]) for name in ("labels", "annotations"))
    group = {name: labels[name] for name in ("alertname", "theme") if name in labels}
    return {
        "version": "4", "groupKey": "{}:{" + ", ".join(f'{name}="{value}"' for name, value in group.items()) + "}", "truncatedAlerts": 0,
        "status": "firing" if any(one["status"] == "firing" for one in found) else "resolved", "receiver": receiver,
        "groupLabels": group, "commonLabels": labels, "commonAnnotations": annotations, "externalURL": "", "alerts": found,
    }  # fmt: skip


def _ended(digest: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The alerts and notices a digest says are over, as single messages: a receiver that had the opening can close it."""
    for line in digest.get("alerts") or ():
        if line.get("state") in OVER:
            themes = line.get("themes") or ()
            for number, alert_id in enumerate((line["alert_id"], *(line.get("also_alert_ids") or ()))):
                theme = {"theme": {"id": themes[number]}} if number < len(themes) else {}
                yield "newsmon.alert.closed", {name: line.get(name) for name in ("state", "reason", "severity", "title")} | {
                    "alert_id": alert_id, "revision": line.get("revision") if number == 0 else None, **theme,
                }  # fmt: skip
    for notice in digest.get("notices") or ():
        if notice.get("state") in OVER:
            yield "newsmon.notice", {"notice_id": notice["notice_id"], "state": notice["state"], "title": notice.get("text")}


def _updates(data: dict[str, Any], named: set[Any]) -> Iterator[dict[str, Any]]:
    """The other alerts that the message's updates name, each in its newest revision: one entry per alert."""
    for update in data.get("also_updates") or ():
        for one in (update, *(update | ref for ref in update["also"])):
            if one["alert_id"] not in named:
                named.add(one["alert_id"])
                article = one.get("article")
                links = {"article": article["url"] if article else None, "ack": (data.get("links") or {}).get("ack")}
                yield one | {"articles": [article] if article else [], "links": links}


def _common(found: list[dict[str, str]]) -> dict[str, str]:
    return {name: value for name, value in found[0].items() if all(one.get(name) == value for one in found)}


def _alertmanager_alert(payload: dict[str, Any], data: dict[str, Any], webhook_id: str) -> dict[str, Any]:
    """One alert with everything known about it in annotations; labels hold what is constant over its revisions."""
    theme, story, links = (data.get(name) or {} for name in ("theme", "story", "links"))
    type_name = str(payload.get("type", "newsmon"))
    kind = "NewsmonAlert" if type_name.startswith("newsmon.alert.") else "Newsmon" + type_name.rpartition(".")[2].capitalize()
    labels = {
        "alertname": kind, "theme": theme.get("id"), "severity": data.get("severity"), "alert_id": data.get("alert_id"),
        "notice_id": data.get("notice_id"),
    }  # fmt: skip
    annotations = {
        "summary": data.get("title") or data.get("text") or type_name, "description": data.get("lead"), "theme": theme.get("label"),
        "reason": data.get("reason"), "revision": _text(data.get("revision")), "score": (data.get("score") or {}).get("arithmetic"),
        "outlets": _text(story.get("outlet_count")), "articles": "\n".join(_article_line(one) for one in data.get("articles") or []),
        "acknowledge": links.get("ack"), "details": None if theme else _encode(data).decode(),
    }  # fmt: skip
    is_over = data.get("state") in OVER
    identity = data.get("alert_id") or data.get("notice_id") or webhook_id
    return {
        "status": "resolved" if is_over else "firing",
        "labels": {name: value for name, value in labels.items() if value},
        "annotations": {name: value for name, value in annotations.items() if value},
        "startsAt": story.get("opened_at") or payload.get("timestamp", NEVER_ENDED),
        "endsAt": payload.get("timestamp", NEVER_ENDED) if is_over else NEVER_ENDED,
        "generatorURL": links.get("article") or "",
        "fingerprint": hashlib.sha256(identity.encode()).hexdigest()[:16],
    }


def _article_line(article: dict[str, Any]) -> str:
    return " ".join(part for part in (article.get("source"), article.get("title"), article.get("url")) if part)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


SHAPES: dict[str, Callable[[dict[str, Any], str, str], dict[str, Any]]] = {"cloudevents": _cloudevent, "alertmanager": _alertmanager}


def probe_payload(*, now: datetime, receiver: str) -> bytes:
    """The body of `newsmon receivers test`, with its own type so that no receiver takes it for news."""
    stamp = now.astimezone(UTC).isoformat().replace("+00:00", "Z")
    title = "newsmon test: nothing has happened"
    text = f"This is a test of the receiver {receiver}. You need not do anything."
    return _encode({"type": "newsmon.test", "timestamp": stamp, "schema_version": 1, "data": {"title": title, "lead": text}})
