"""Bundles the held deliveries that are released: which message carries which of them.

In: one receiver's held deliveries that are due, each with the body it would have been sent as. Out: Bundles. Each delivery is in
exactly one bundle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from newsmon import ids
from newsmon.records import AlertState, Severity
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.records.delivery_states import OutboxKind
from sinks.message.alert_body import shorten
from sinks.message.alert_payload import MAX_PAYLOAD_BYTES, AlertShape, EscalationShape, MergedAlertShape, Payload, PayloadType
from sinks.message.other_payloads import DigestAlertShape, DigestNoticeShape, DigestPayload, DigestShape
from sinks.message.stored_body import StoredBody
from sinks.policy.attempt import DeliveryKey
from sinks.policy.routing import RANK

DIGEST_REASONS = (DeliveryReason.QUIET_HOURS, DeliveryReason.DIGEST, DeliveryReason.BUDGET)
DIGEST_ROOM_BYTES = MAX_PAYLOAD_BYTES - 1_600  # the frame around a digest's items
DIGEST_TITLE_BYTES, DIGEST_SOURCE_BYTES, DIGEST_URL_BYTES, DIGEST_TEXT_BYTES = 400, 120, 1_000, 600

AckOf = Callable[[str], str | None]  # from a delivery's id to the link that acknowledges it

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(DeliveryKey):
    """One delivery that was held until now."""

    kind: OutboxKind
    severity: Severity
    reason: DeliveryReason
    group_key: str | None
    created_at: datetime
    body: StoredBody
    leads: bool = True  # of alerts that end together: this one's own message told of the others, so receivers know its id


@dataclass(frozen=True, slots=True)
class Bundle:
    """One message: `carrier` is the delivery it goes out as (a new one when `is_digest`), `carried` are the others it speaks for."""

    carrier: str
    payload: bytes
    carried: tuple[str, ...]
    is_digest: bool = False


def no_ack(_delivery_id: str) -> None:
    """Stands in for a link where no acknowledgement links are set up."""


def bundles(held: Sequence[Held], *, now: datetime, ack_of: AckOf = no_ack) -> tuple[Bundle, ...]:
    """The messages of one receiver's due deliveries."""
    made: list[Bundle] = []
    for reason in DIGEST_REASONS:
        mine = [one for one in held if one.reason is reason]
        if mine:
            made += _digests(mine, reason, now, ack_of)
    by_alert: dict[str, list[Held]] = {}
    by_text: dict[str, list[Held]] = {}
    for one in held:
        if one.kind is not OutboxKind.ALERT and one.reason not in DIGEST_REASONS:
            made.append(Bundle(one.delivery_id, one.body.body, ()))  # a notice that was deferred
        elif one.reason is DeliveryReason.GROUP_INTERVAL:
            by_alert.setdefault(one.alert_id, []).append(one)
        elif one.reason not in DIGEST_REASONS:
            by_text.setdefault(one.group_key or one.delivery_id, []).append(one)
    for revisions in by_alert.values():
        newest = max(revisions, key=lambda one: one.revision)
        made.append(Bundle(newest.delivery_id, newest.body.body, tuple(one.delivery_id for one in revisions if one is not newest)))
    for group in by_text.values():
        made += _merged(group)
    return tuple(made)


def escalated(body: StoredBody, *, receiver: str, after_s: float, ack: str | None = None) -> bytes:
    """The alert's message for the receiver it escalates to, because `receiver` did not acknowledge it; `ack` is the new receiver's link."""
    alert = body.alert
    data = msgspec.structs.replace(
        alert.data, escalation=EscalationShape(receiver=receiver, after_s=after_s), also_alerts=(),
        links=msgspec.structs.replace(alert.data.links, ack=ack),
    )  # fmt: skip
    return _fitting(msgspec.structs.replace(alert, type=PayloadType.ESCALATED, data=data))


def alone(body: StoredBody) -> bytes:
    """The message of the alert itself, without the other alerts that its message carries."""
    alert = body.alert
    return _encode(msgspec.structs.replace(alert, data=msgspec.structs.replace(alert.data, also_alerts=())))


def _merged(group: Iterable[Held]) -> list[Bundle]:
    """The alerts of one article, the most severe first, in as few messages as fit; two alerts of one theme never share a message."""
    waiting = sorted(group, key=lambda one: (not one.leads, -RANK[one.severity], one.created_at, one.theme_id, one.delivery_id))
    made: list[Bundle] = []
    while waiting:
        first, *rest = waiting
        message = first.body.alert
        themes, carried, body = {first.theme_id}, [first], first.body.body
        for one in rest:
            if one.theme_id in themes:
                continue
            wider = _with(message, _merged_shape(one.body.alert.data))
            fitting = _fitting(wider)
            if len(fitting) > MAX_PAYLOAD_BYTES:
                break
            message, body = wider, fitting
            themes.add(one.theme_id)
            carried.append(one)
        made.append(Bundle(first.delivery_id, body, tuple(one.delivery_id for one in carried[1:])))
        waiting = [one for one in waiting if one not in carried]
    return made


def _with(message: Payload, other: MergedAlertShape) -> Payload:
    return msgspec.structs.replace(message, data=msgspec.structs.replace(message.data, also_alerts=(*message.data.also_alerts, other)))


def _merged_shape(shape: AlertShape) -> MergedAlertShape:
    return MergedAlertShape(
        alert_id=shape.alert_id, revision=shape.revision, state=shape.state, reason=shape.reason, severity=shape.severity,
        theme=shape.theme, story=shape.story, score=shape.score, evidence=shape.evidence, evidence_omitted=shape.evidence_omitted,
    )  # fmt: skip


def _fitting(message: Payload) -> bytes:
    """The body, with articles and then evidence left out from the end, and counted, until it fits; it may still be too large."""
    body = _encode(message)
    data = message.data
    while len(body) > MAX_PAYLOAD_BYTES:
        longest = max(range(len(data.also_alerts)), key=lambda index: len(data.also_alerts[index].evidence), default=None)
        if len(data.articles) > 1:
            data = msgspec.structs.replace(data, articles=data.articles[:-1], articles_omitted=data.articles_omitted + 1)
        elif longest is not None and len(data.also_alerts[longest].evidence) > 1:
            shorter = _less_evidence(data.also_alerts[longest])
            data = msgspec.structs.replace(
                data, also_alerts=(*data.also_alerts[:longest], shorter, *data.also_alerts[longest + 1 :])
            )  # fmt: skip
        elif len(data.evidence) > 1:
            data = msgspec.structs.replace(data, evidence=data.evidence[:-1], evidence_omitted=data.evidence_omitted + 1)
        else:
            break
        body = _encode(msgspec.structs.replace(message, data=data))
    return body


def _less_evidence(merged: MergedAlertShape) -> MergedAlertShape:
    return msgspec.structs.replace(merged, evidence=merged.evidence[:-1], evidence_omitted=merged.evidence_omitted + 1)


def _digests(held: Sequence[Held], reason: DeliveryReason, now: datetime, ack_of: AckOf) -> list[Bundle]:
    """The held deliveries in as few digests as fit; the most severe and newest first."""
    items = _digest_items(held)
    parts: list[list[_Item]] = [[]]
    room = DIGEST_ROOM_BYTES
    for item in items:
        size = len(_encode(item.shape)) + 1
        if size > room and parts[-1]:
            parts.append([])
            room = DIGEST_ROOM_BYTES
        parts[-1].append(item)
        room -= size
    since = min(one.created_at for one in held)
    made = []
    for number, part in enumerate(parts, 1):
        carried = tuple(delivery_id for item in part for delivery_id in item.carried)
        # Named after what it carries: a digest made again after a crash is the same delivery.
        carrier = ids.delivery_id(f"digest:{':'.join(sorted(carried))}", number, held[0].receiver)
        told = tuple(item.shape for item in part if isinstance(item.shape, DigestAlertShape))
        shape = DigestShape(
            reason=reason.value, since=since, until=now, held_count=len(held), part=number, parts=len(parts),
            alerts=told, notices=tuple(item.shape for item in part if isinstance(item.shape, DigestNoticeShape)),
            ack=ack_of(carrier) if any(one.state is not AlertState.CLOSED for one in told) else None,
        )  # fmt: skip
        made.append(Bundle(carrier, _encode(DigestPayload(timestamp=now, data=shape)), carried, is_digest=True))
    return made


@dataclass(frozen=True, slots=True)
class _Item:
    shape: DigestAlertShape | DigestNoticeShape
    carried: tuple[str, ...]


def _digest_items(held: Sequence[Held]) -> list[_Item]:
    newest: dict[str, Held] = {}
    for one in held:
        if one.alert_id not in newest or newest[one.alert_id].revision < one.revision:
            newest[one.alert_id] = one
    lines: dict[str, list[Held]] = {}  # by article: one of three themes is one line
    for one in newest.values():
        lines.setdefault(one.group_key or one.alert_id, []).append(one)
    line_of = {one.alert_id: line for line in lines.values() for one in line}
    carried: dict[str, list[str]] = {}
    for one in held:
        carried.setdefault(line_of[one.alert_id][0].alert_id, []).append(one.delivery_id)
    ordered = sorted(lines.values(), key=lambda line: (line[0].kind is not OutboxKind.ALERT, -max(RANK[one.severity] for one in line)))
    return [_Item(_digest_shape(line), tuple(carried[line[0].alert_id])) for line in ordered]


def _digest_shape(line: Sequence[Held]) -> DigestAlertShape | DigestNoticeShape:
    worst = max(line, key=lambda one: RANK[one.severity])
    if worst.kind is not OutboxKind.ALERT:
        notice = worst.body.notice
        data = notice.data
        text = shorten(data.text, DIGEST_TEXT_BYTES)
        return DigestNoticeShape(notice_id=data.notice_id, kind=data.kind, state=data.state, text=text, at=notice.timestamp)
    alert = worst.body.alert.data
    first = alert.articles[0] if alert.articles else None
    url = alert.links.article
    return DigestAlertShape(
        alert_id=alert.alert_id, also_alert_ids=tuple(one.alert_id for one in line if one is not worst),
        revision=alert.revision, state=alert.state, reason=alert.reason, severity=alert.severity,
        themes=tuple(dict.fromkeys(one.theme_id for one in (worst, *line))), title=shorten(alert.title, DIGEST_TITLE_BYTES),
        source=shorten(first.source, DIGEST_SOURCE_BYTES) if first is not None else "",
        url=url if url is not None and len(url.encode()) <= DIGEST_URL_BYTES else None,
        source_count=alert.story.source_count, outlet_count=alert.story.outlet_count, published_at=alert.clocks.published_at,
        first_seen_at=alert.clocks.first_seen_at,
    )  # fmt: skip
