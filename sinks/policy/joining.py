"""Joins alerts into one message: those that one article causes under its themes, and the updates of a story that waited.

In: held deliveries that belong together, each with the body it would have been sent as. Out: Bundles, in as few messages as fit; each
delivery is in exactly one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.records.outcomes import RANK
from sinks.message.alert_body import shorten
from sinks.message.alert_payload import (
    MAX_PAYLOAD_BYTES,
    AlertRefShape,
    AlertShape,
    EscalationShape,
    MergedAlertShape,
    Payload,
    PayloadType,
    UpdateShape,
)
from sinks.message.stored_body import StoredBody
from sinks.policy.held import Bundle, Held, told_events

UPDATE_LEAD_BYTES = 600
UPDATE_EVIDENCE = 3

_encode = msgspec.json.Encoder().encode


def joined(group: Sequence[Held]) -> list[Bundle]:
    """The messages of deliveries that belong together."""
    waited = any(one.reason is DeliveryReason.GROUP_INTERVAL for one in group)
    return _with_updates(group) if waited and len(group) > 1 else _of_one_article(group)


def escalated(body: StoredBody, *, receiver: str, after_s: float, ack: str | None = None) -> bytes:
    """The alert's message for the receiver it escalates to, because `receiver` did not acknowledge it; `ack` is the new receiver's link."""
    alert = body.alert
    data = msgspec.structs.replace(
        alert.data, escalation=EscalationShape(receiver=receiver, after_s=after_s), also_alerts=(), also_updates=(),
        links=msgspec.structs.replace(alert.data.links, ack=ack),
    )  # fmt: skip
    return _fitting(msgspec.structs.replace(alert, type=PayloadType.ESCALATED, data=data))


def alone(body: StoredBody) -> bytes:
    """The message of the alert itself, without the other alerts and updates that its message carries."""
    alert = body.alert
    return _encode(msgspec.structs.replace(alert, data=msgspec.structs.replace(alert.data, also_alerts=(), also_updates=())))


def _of_one_article(group: Sequence[Held]) -> list[Bundle]:
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


def _with_updates(group: Sequence[Held]) -> list[Bundle]:
    """The waiting updates of a story in as few messages as fit, each event under its newest headline; the most severe and newest leads.

    An article that tells an event under several themes is one part, which names all their alerts.
    """
    event_of = told_events(group)
    facts = _facts(group, event_of)
    waiting = sorted(group, key=lambda one: (one.theme_id, one.delivery_id))
    waiting.sort(key=lambda one: (RANK[one.severity], one.created_at, one.revision), reverse=True)
    made: list[Bundle] = []
    while waiting:
        first, *rest = waiting
        message, body = first.body.alert, first.body.body
        if message.data.new_facts != facts[event_of[first.delivery_id]]:
            message = _changed(message, new_facts=facts[event_of[first.delivery_id]])
            body = _fitting(message)
        told, carried, left = {event_of[first.delivery_id]}, [], []
        later: set[tuple[str, str]] = set()  # events that this message has no room for, in any revision
        article_of: dict[str, int | None] = {} if first.group_key is None else {first.group_key: None}  # place among the updates
        for one in rest:
            if event_of[one.delivery_id] in told:  # the newer revision says it, with the facts of both
                carried.append(one)
                continue
            wider = _with_part(message, one, article_of, facts[event_of[one.delivery_id]])
            fitting = _fitting(wider)
            if event_of[one.delivery_id] in later or len(fitting) > MAX_PAYLOAD_BYTES:
                later.add(event_of[one.delivery_id])
                left.append(one)
                continue
            message, body = wider, fitting
            told.add(event_of[one.delivery_id])
            if one.group_key is not None:
                article_of.setdefault(one.group_key, len(message.data.also_updates) - 1)
            carried.append(one)
        made.append(Bundle(first.delivery_id, body, tuple(one.delivery_id for one in carried)))
        waiting = left
    return made


def _facts(group: Sequence[Held], event_of: Mapping[str, tuple[str, str]]) -> dict[tuple[str, str], tuple[str, ...]]:
    """The new facts of each event from all its revisions, in the order they were told."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for one in sorted(group, key=lambda one: one.revision):
        found.setdefault(event_of[one.delivery_id], {}).update(dict.fromkeys(one.body.alert.data.new_facts))
    return {event: tuple(facts) for event, facts in found.items()}


def _with_part(message: Payload, one: Held, article_of: Mapping[str, int | None], facts: tuple[str, ...]) -> Payload:
    """The message with one more delivery: as a part of its own, or added to the part that its article already has."""
    shape, data = one.body.alert.data, message.data
    if one.group_key is None or one.group_key not in article_of:
        return _changed(message, also_updates=(*data.also_updates, _update_shape(shape, facts)))
    place = article_of[one.group_key]
    if place is None:
        return _with(message, _merged_shape(shape))
    ref = AlertRefShape(alert_id=shape.alert_id, revision=shape.revision, theme=shape.theme)
    update = data.also_updates[place]
    update = msgspec.structs.replace(update, also=(*update.also, ref))
    updates = (*data.also_updates[:place], update, *data.also_updates[place + 1 :])
    return _changed(message, also_updates=updates)


def _update_shape(shape: AlertShape, facts: tuple[str, ...]) -> UpdateShape:
    return UpdateShape(
        alert_id=shape.alert_id, revision=shape.revision, state=shape.state, reason=shape.reason, severity=shape.severity,
        theme=shape.theme, event=shape.event, new_facts=facts, title=shape.title,
        lead=shorten(shape.lead, UPDATE_LEAD_BYTES), score=shape.score, evidence=shape.evidence[:UPDATE_EVIDENCE],
        evidence_omitted=shape.evidence_omitted + max(0, len(shape.evidence) - UPDATE_EVIDENCE),
        article=shape.articles[0] if shape.articles else None,
    )  # fmt: skip


def _with(message: Payload, other: MergedAlertShape) -> Payload:
    return _changed(message, also_alerts=(*message.data.also_alerts, other))


def _changed(message: Payload, **changes: Any) -> Payload:
    return msgspec.structs.replace(message, data=msgspec.structs.replace(message.data, **changes))


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
        elif any(len(one.evidence) > 1 for one in data.also_updates):
            data = msgspec.structs.replace(data, also_updates=tuple(map(_least_evidence, data.also_updates)))
        elif len(data.evidence) > 1:
            data = msgspec.structs.replace(data, evidence=data.evidence[:-1], evidence_omitted=data.evidence_omitted + 1)
        else:
            break
        body = _encode(msgspec.structs.replace(message, data=data))
    return body


def _less_evidence(merged: MergedAlertShape) -> MergedAlertShape:
    return msgspec.structs.replace(merged, evidence=merged.evidence[:-1], evidence_omitted=merged.evidence_omitted + 1)


def _least_evidence(update: UpdateShape) -> UpdateShape:
    omitted = update.evidence_omitted + len(update.evidence[1:])
    return msgspec.structs.replace(update, evidence=update.evidence[:1], evidence_omitted=omitted)
