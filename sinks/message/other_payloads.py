"""The shapes of messages other than alerts: digests, notices, heartbeats; schema version 1, fields may be added.

Each is the body of one webhook, below 20,000 bytes; a digest that does not fit comes in numbered parts.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from newsmon.records import AlertReason, AlertState, NoticeKind, NoticeState, Severity, UtcDatetime
from sinks.message.alert_payload import Shape


class DigestAlertShape(Shape, frozen=True, kw_only=True):
    """The alert of one article under all its themes; earlier revisions are not listed."""

    alert_id: str
    also_alert_ids: tuple[str, ...] = ()  # of the same article under its other themes
    revision: int
    state: AlertState
    reason: AlertReason
    severity: Severity
    themes: tuple[str, ...]
    title: str
    source: str
    url: str | None
    source_count: int  # of the event that the line tells; of the whole story where that ended
    outlet_count: int
    published_at: UtcDatetime | None
    first_seen_at: UtcDatetime | None


class DigestNoticeShape(Shape, frozen=True, kw_only=True):
    """One notice that was held."""

    notice_id: str
    kind: NoticeKind
    state: NoticeState
    text: str
    at: UtcDatetime


class DigestShape(Shape, frozen=True, kw_only=True):
    """The deliveries that were held for the receiver, and the reason."""

    reason: str  # quiet_hours, digest or budget
    since: UtcDatetime  # the first thing held
    until: UtcDatetime
    held_count: int  # everything in all parts of this digest, including older revisions and other themes
    part: int
    parts: int
    alerts: tuple[DigestAlertShape, ...]
    notices: tuple[DigestNoticeShape, ...]
    ack: str | None = None  # the link that acknowledges this part's alerts; None: not set up, or no alerts


class DigestPayload(Shape, frozen=True, kw_only=True):
    """The body of a digest."""

    type: Literal["newsmon.digest"] = "newsmon.digest"
    timestamp: UtcDatetime
    schema_version: Literal[1] = 1
    data: DigestShape


class NoticeShape(Shape, frozen=True, kw_only=True):
    """One revision of one notice: about newsmon itself, never news."""

    notice_id: str
    revision: int
    kind: NoticeKind
    state: NoticeState
    subject: str
    severity: Severity
    text: str
    opened_at: UtcDatetime
    stage: str
    details: dict[str, str]


class NoticePayload(Shape, frozen=True, kw_only=True):
    """The body of a notice."""

    type: Literal["newsmon.notice"] = "newsmon.notice"
    timestamp: UtcDatetime
    schema_version: Literal[1] = 1
    data: NoticeShape


class HeartbeatShape(Shape, frozen=True, kw_only=True):
    """The activity between `since` and `until`; `text` is a one-sentence summary."""

    text: str
    since: UtcDatetime
    until: UtcDatetime
    alert_count: int  # sent to this receiver, alone or in digests
    held_count: int
    article_count: int
    feeds_healthy: int
    feeds_failing: tuple[str, ...]  # at most 50
    feeds_failing_count: int


class HeartbeatPayload(Shape, frozen=True, kw_only=True):
    """The body of a heartbeat."""

    type: Literal["newsmon.heartbeat"] = "newsmon.heartbeat"
    timestamp: UtcDatetime
    schema_version: Literal[1] = 1
    data: HeartbeatShape


def other_schemas() -> dict[str, dict[str, Any]]:
    """JSON Schemas (draft 2020-12) by name."""
    return {
        name: schema_of(payload, title=f"newsmon webhook {name}, version 1")
        for name, payload in (("digest", DigestPayload), ("notice", NoticePayload), ("heartbeat", HeartbeatPayload))
    }


def schema_of(payload: type[Shape], *, title: str) -> dict[str, Any]:
    """The JSON Schema of one body."""
    schema = msgspec.json.schema(payload)
    for definition in schema["$defs"].values():
        if "properties" in definition:  # every field is always there, even those with a default
            definition["required"] = list(definition["properties"])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **schema}
