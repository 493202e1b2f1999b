"""Turns an alert into the bytes of its webhook: self-contained, explained, below 20 kB.

In: an Alert. Out: JSON bytes, the same in every attempt. What does not fit is left out from the end (articles, then other
themes, then evidence) or cut short, and the body says how much.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from newsmon.records import Alert, AlertReason, AlertState, Event, Evidence, Member
from newsmon.records.shared_fields import shared_fields
from sinks.message.alert_payload import (
    MAX_PAYLOAD_BYTES,
    AlertShape,
    ArticleShape,
    ClocksShape,
    EventShape,
    EvidenceShape,
    LinksShape,
    Payload,
    PayloadType,
    ScoreShape,
    StoryShape,
    ThemeScoreShape,
    ThemeShape,
)

TYPES = {
    AlertState.OPENED: PayloadType.OPENED,
    AlertState.UPDATED: PayloadType.UPDATED,
    AlertState.CLOSED: PayloadType.CLOSED,
}

# Bytes a text may take as JSON. Their sum, with one article and one piece of evidence, stays far below the limit.
TITLE_BYTES = 800
LEAD_BYTES = 3_000
LABEL_BYTES = 200
EVIDENCE_BYTES = 400
URL_BYTES = 2_048
ELLIPSIS = "…"
ARITHMETIC_TERMS = 12

_encode = msgspec.json.Encoder().encode


def payload_bytes(alert: Alert, *, ack: str | None = None) -> bytes:
    """The body of the alert's webhooks: UTF-8 JSON of `sinks.message.alert_payload.Payload`, at most MAX_PAYLOAD_BYTES.

    `ack` is the link that acknowledges the alert; a closed alert has none.
    """
    ack = None if alert.state is AlertState.CLOSED else ack
    cut = _Cut()
    articles = [_article(member, cut) for member in alert.articles]
    evidence = [_evidence(one, cut) for one in sorted(alert.evidence, key=lambda one: -one.contribution)]
    others = [ThemeScoreShape(theme_id=one.theme_id, score=one.score, threshold=one.threshold) for one in alert.also_matched]
    while True:
        body = _encode(_payload(alert, articles, evidence, others, cut, ack))
        over = len(body) - MAX_PAYLOAD_BYTES
        if over <= 0 or not _drop_last(over, (articles, 1), (others, 0), (evidence, 1)):
            return body


@dataclass
class _Cut:
    """Shortens texts and remembers in which fields."""

    fields: dict[str, None] = field(default_factory=dict)

    def text(self, name: str, text: str, limit_bytes: int) -> str:
        shortened = shorten(text, limit_bytes)
        if shortened != text:
            self.fields[name] = None
        return shortened

    def url(self, name: str, url: str | None) -> str | None:
        """The address, or None where it is too long: one cut short would lead nowhere."""
        if url is None or _json_bytes(url) <= URL_BYTES:
            return url
        self.fields[name] = None
        return None


def shorten(text: str, limit_bytes: int) -> str:
    """The text, or its beginning with an ellipsis so that it takes at most `limit_bytes` as JSON.

    Cut between words where one ends near, and never between a letter and its accents or inside a joined emoji.
    """
    if _json_bytes(text) <= limit_bytes:
        return text
    room = limit_bytes - len(ELLIPSIS.encode())
    low, high = 0, min(len(text), room)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _json_bytes(text[:middle]) <= room else (low, middle - 1)
    end = low
    while 0 < end < len(text) and joined(text[end - 1], text[end]):
        end -= 1
    space = text.rfind(" ", 0, end + 1)
    if space > end * 0.8:
        end = space
    return text[:end].rstrip() + ELLIPSIS


def joined(before: str, after: str) -> bool:
    """True for two neighbouring code points that show as one: a letter and its accent, parts of an emoji."""
    zero_width_joiner, skin_tones = "\u200d", ("\U0001f3fb", "\U0001f3ff")
    if zero_width_joiner in (before, after) or skin_tones[0] <= after <= skin_tones[1]:
        return True
    return unicodedata.category(after) in ("Mn", "Me", "Mc")


def _json_bytes(text: str) -> int:
    return len(_encode(text)) - 2


def _drop_last(over_bytes: int, *lists: tuple[list[Any], int]) -> bool:
    """Take items off the ends of the lists, one list after the other, until about `over_bytes` are gone or each has its minimum.

    False when there is nothing left to take.
    """
    dropped = False
    for items, kept in lists:
        while over_bytes > 0 and len(items) > kept:
            over_bytes -= len(_encode(items.pop())) + 1
            dropped = True
    return dropped


def _payload(
    alert: Alert, articles: Sequence[ArticleShape], evidence: Sequence[EvidenceShape], others: Sequence[ThemeScoreShape], cut: _Cut,
    ack: str | None,
) -> Payload:  # fmt: skip
    first = alert.articles[0] if alert.articles else None
    shape = AlertShape(
        alert_id=alert.alert_id, revision=alert.revision, state=alert.state, reason=alert.reason, severity=alert.severity,
        severity_reason=alert.severity_reason, title=cut.text("title", alert.title, TITLE_BYTES),
        lead=cut.text("lead", alert.lead, LEAD_BYTES),
        theme=ThemeShape(
            id=alert.theme_id, label=cut.text("theme.label", alert.theme_label, LABEL_BYTES), version=alert.theme_version,
            generation=alert.generation,
        ),
        story=StoryShape(
            id=alert.story_id, title=cut.text("story.title", alert.story_title, TITLE_BYTES), opened_at=alert.opened_at,
            article_count=alert.article_count, source_count=alert.source_count, outlet_count=alert.outlet_count,
            event_count=alert.event_count,
        ),
        event=None if alert.event is None else _event(alert.event, cut),
        new_facts=tuple(cut.text("new_facts", one, LABEL_BYTES) for one in alert.new_facts),
        score=ScoreShape(value=alert.score, threshold=alert.threshold, arithmetic=arithmetic(alert)),
        evidence=tuple(evidence), evidence_omitted=len(alert.evidence) - len(evidence),
        also_matched=tuple(others), also_matched_omitted=len(alert.also_matched) - len(others),
        articles=tuple(articles), articles_omitted=max(alert.article_count, len(alert.articles)) - len(articles),
        clocks=ClocksShape(
            published_at=first.published_at if first else None, first_seen_at=first.first_seen_at if first else None,
            matched_at=alert.raised_at,
        ),
        links=LinksShape(article=cut.url("links.article", first.url) if first else None, ack=ack),
        shortened=tuple(cut.fields),
    )  # fmt: skip
    return Payload(type=TYPES[alert.state], timestamp=alert.raised_at, data=shape)


def arithmetic(alert: Alert) -> str:
    """The score as a sum, e.g. `2.5 + 1 = 3.5, threshold 3`; contributions beyond the largest twelve are added up."""
    if alert.reason in (AlertReason.BURST, AlertReason.BURST_OVER):
        return f"{alert.score:.6g} new events, {alert.threshold:.6g} expected"
    terms = sorted((one.contribution for one in alert.evidence if _counts(one)), reverse=True)
    shown = [f"{term:.6g}" for term in terms[:ARITHMETIC_TERMS]]
    if len(terms) > ARITHMETIC_TERMS:
        shown.append(f"{sum(terms[ARITHMETIC_TERMS:]):.6g} ({len(terms) - ARITHMETIC_TERMS} more)")
    return f"{' + '.join(shown) or '0'} = {alert.score:.6g}, threshold {alert.threshold:.6g}"


def _counts(one: Evidence) -> bool:
    """True for a clause that adds something a person can see; context adds nothing."""
    return abs(one.contribution) >= 5e-4


def _event(event: Event, cut: _Cut) -> EventShape:
    return EventShape(
        id=event.event_id, title=cut.text("event.title", event.title, TITLE_BYTES), opened_at=event.opened_at,
        article_count=event.article_count, source_count=event.source_count, outlet_count=event.outlet_count,
    )  # fmt: skip


def _article(member: Member, cut: _Cut) -> ArticleShape:
    """The member as receivers see it: a field that both have needs no line here."""
    shown = shared_fields(member, ArticleShape)
    for name, value in shown.items():
        if name == "url":
            shown[name] = cut.url("articles.url", value)
        elif type(value) is str:
            shown[name] = cut.text(f"articles.{name}", value, TITLE_BYTES if name == "title" else LABEL_BYTES)
    return ArticleShape(**shown)


def _evidence(one: Evidence, cut: _Cut) -> EvidenceShape:
    return EvidenceShape(
        clause=cut.text("evidence.clause", one.clause, EVIDENCE_BYTES), field=one.field, start=one.start, end=one.end,
        text=cut.text("evidence.text", one.text, EVIDENCE_BYTES), contribution=one.contribution,
    )  # fmt: skip
