"""The shape of the webhook body, schema version 1: what receivers may rely on.

Fields may be added within a version; none goes or changes its meaning. An added field has a default, because bodies that
were stored before still wait to be sent. Times are UTC, RFC 3339. The time of delivery is not in the body, which is the
same in every attempt: it is the `webhook-timestamp` header. docs/schemas/webhook-alert.v1.json is made from here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

import msgspec

from newsmon.records import AlertReason, AlertState, Relation, Severity, SeverityReason, UtcDatetime

MAX_PAYLOAD_BYTES = 20_000  # Standard Webhooks asks senders to stay below 20 kB


class PayloadType(StrEnum):
    """The event of the alert that the message reports."""

    OPENED = "newsmon.alert.opened"
    UPDATED = "newsmon.alert.updated"
    CLOSED = "newsmon.alert.closed"
    ESCALATED = "newsmon.alert.escalated"


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the body's parts."""


class ThemeShape(Shape, frozen=True, kw_only=True):
    """The theme, and the version of it that decided."""

    id: str
    label: str
    version: str
    generation: str  # of the whole theme configuration


class StoryShape(Shape, frozen=True, kw_only=True):
    """The running story of the alert, as it was at this revision."""

    id: str
    title: str  # of its first article
    opened_at: UtcDatetime
    article_count: int
    source_count: int  # independent ones; copies do not count
    outlet_count: int  # all that carried it
    event_count: int = 1


class EventShape(Shape, frozen=True, kw_only=True):
    """The event that this revision tells: one development of the story."""

    id: str
    title: str  # of its first article
    opened_at: UtcDatetime
    article_count: int
    source_count: int  # independent ones that confirm it
    outlet_count: int  # all that carried it


class ScoreShape(Shape, frozen=True, kw_only=True):
    """The score and how it adds up: the contributions of all evidence sum to `value`."""

    value: float
    threshold: float
    arithmetic: str  # the sum, for people


class EvidenceShape(Shape, frozen=True, kw_only=True):
    """One clause that counted; `start` and `end` are code points into that field of the stored article."""

    clause: str
    field: str
    start: int
    end: int
    text: str
    contribution: float


class ThemeScoreShape(Shape, frozen=True, kw_only=True):
    """Another theme the same article belongs to."""

    theme_id: str
    score: float
    threshold: float


class ArticleShape(Shape, frozen=True, kw_only=True):
    """One article of the story; the first in the list caused this revision."""

    article_id: str
    url: str | None
    title: str
    source: str
    tier: int
    language: str
    relation: Relation
    copy_of: str | None
    score: float
    published_at: UtcDatetime | None  # None: the feed had no readable date
    first_seen_at: UtcDatetime


class ClocksShape(Shape, frozen=True, kw_only=True):
    """The times at which the article that caused this revision was published, seen and matched."""

    published_at: UtcDatetime | None
    first_seen_at: UtcDatetime | None
    matched_at: UtcDatetime


class LinksShape(Shape, frozen=True, kw_only=True):
    """Links to the article, and to a page with a button that acknowledges the alert; opening the page changes nothing."""

    article: str | None
    ack: str | None = None  # for all alerts of this message; works for anyone until it expires; None: not set up, or closed


class CarriedShape(Shape, frozen=True, kw_only=True):
    """An alert revision that goes out in the message of another and gets no separate one."""

    alert_id: str
    revision: int
    state: AlertState
    reason: AlertReason
    severity: Severity
    theme: ThemeShape


class MergedAlertShape(CarriedShape, frozen=True, kw_only=True):
    """The alert that the same article caused under another of its themes; it gets no separate message."""

    story: StoryShape
    score: ScoreShape
    evidence: tuple[EvidenceShape, ...]
    evidence_omitted: int = 0


class AlertRefShape(Shape, frozen=True, kw_only=True):
    """One alert revision by name."""

    alert_id: str
    revision: int
    theme: ThemeShape


class UpdateShape(CarriedShape, frozen=True, kw_only=True):
    """Another update of the story that waited for this message, with what its own message would have said; it gets no separate one."""

    event: EventShape | None
    new_facts: tuple[str, ...]
    title: str
    lead: str
    score: ScoreShape
    evidence: tuple[EvidenceShape, ...]
    evidence_omitted: int = 0
    article: ArticleShape | None  # the one that caused it
    also: tuple[AlertRefShape, ...] = ()  # the alerts that the same article caused under its other themes


class EscalationShape(Shape, frozen=True, kw_only=True):
    """Nobody acknowledged the alert in time (by the link, or `newsmon alerts ack`)."""

    receiver: str  # the one that got it first
    after_s: float


class AlertShape(Shape, frozen=True, kw_only=True):
    """The alert. `*_omitted` counts what did not fit, and `shortened` names the fields whose text was cut."""

    alert_id: str
    revision: int  # the highest one is the newest; no order of arrival is promised
    state: AlertState
    reason: AlertReason
    severity: Severity
    severity_reason: SeverityReason = SeverityReason.THEME_RULES  # the reason for the severity
    title: str  # of the article that caused this revision, as are lead, score and evidence
    lead: str
    theme: ThemeShape
    story: StoryShape
    event: EventShape | None = None  # None: the story closed, a burst, or written before stories had events
    new_facts: tuple[str, ...] = ()  # what no told text of the story had said; for the reason `new_facts`
    score: ScoreShape
    evidence: tuple[EvidenceShape, ...]
    evidence_omitted: int = 0
    also_matched: tuple[ThemeScoreShape, ...]
    also_matched_omitted: int = 0
    also_alerts: tuple[MergedAlertShape, ...] = ()  # whole ones; an alert that does not fit gets its own message
    also_updates: tuple[UpdateShape, ...] = ()  # newest first; what does not fit gets its own message
    escalation: EscalationShape | None = None
    articles: tuple[ArticleShape, ...]
    articles_omitted: int = 0
    clocks: ClocksShape
    links: LinksShape
    shortened: tuple[str, ...] = ()


class Payload(Shape, frozen=True, kw_only=True):
    """The body of one webhook, at most 20,000 bytes of UTF-8 JSON."""

    type: PayloadType
    timestamp: UtcDatetime  # when this revision was raised
    schema_version: Literal[1] = 1
    data: AlertShape


def payload_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the body."""
    schema = msgspec.json.schema(Payload)
    for definition in schema["$defs"].values():
        if "properties" in definition:  # every field is always there, even those with a default
            definition["required"] = list(definition["properties"])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "newsmon webhook alert, version 1", **schema}
