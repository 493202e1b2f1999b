"""Puts held deliveries into digests: one line per event, under its newest headline, the most severe story first.

In: one receiver's held deliveries of one reason. Out: as few Bundles as fit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from newsmon import ids
from newsmon.records import AlertState
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.records.delivery_states import OutboxKind
from newsmon.records.outcomes import RANK
from sinks.message.alert_body import shorten
from sinks.message.alert_payload import MAX_PAYLOAD_BYTES
from sinks.message.other_payloads import DigestAlertShape, DigestNoticeShape, DigestPayload, DigestShape
from sinks.policy.held import Bundle, Held, told_events

ROOM_BYTES = MAX_PAYLOAD_BYTES - 1_600  # the frame around a digest's items
TITLE_BYTES, SOURCE_BYTES, URL_BYTES, TEXT_BYTES = 400, 120, 1_000, 600

AckOf = Callable[[str], str | None]  # from a delivery's id to the link that acknowledges it

_encode = msgspec.json.Encoder().encode


def digests(held: Sequence[Held], reason: DeliveryReason, now: datetime, ack_of: AckOf) -> list[Bundle]:
    """The held deliveries in as few digests as fit; the most severe and newest first."""
    items = _digest_items(held)
    parts: list[list[_Item]] = [[]]
    room = ROOM_BYTES
    for item in items:
        size = len(_encode(item.shape)) + 1
        if size > room and parts[-1]:
            parts.append([])
            room = ROOM_BYTES
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
    """One line per event of a story; an article that matches three themes is one line. Each delivery is in one line."""
    event_of = told_events(held)
    newest: dict[tuple[str, str], Held] = {}
    for one in sorted(held, key=lambda one: one.revision):
        newest[event_of[one.delivery_id]] = one
    lines: dict[str, list[Held]] = {}
    key_of: dict[tuple[str, str], str] = {}
    for one in held:
        event = event_of[one.delivery_id]
        if newest[event] is one:
            key_of[event] = one.group_key or " ".join(event)
            lines.setdefault(key_of[event], []).append(one)
    carried: dict[str, list[str]] = {}
    for one in held:
        carried.setdefault(key_of[event_of[one.delivery_id]], []).append(one.delivery_id)
    return [_Item(_digest_shape(lines[key]), tuple(carried[key])) for key in _ordered(lines)]


def _ordered(lines: Mapping[str, Sequence[Held]]) -> list[str]:
    """The lines of a story side by side, the story with the most severe line first, notices last."""
    rank = {key: max(RANK[one.severity] for one in line) for key, line in lines.items()}
    first = {key: min(one.alert_id for one in line) for key, line in lines.items()}
    worst: dict[str, int] = {}
    place: dict[str, int] = {}
    for number, key in enumerate(lines):
        worst[first[key]] = max(worst.get(first[key], 0), rank[key])
        place.setdefault(first[key], number)
    is_notice = {key: line[0].kind is not OutboxKind.ALERT for key, line in lines.items()}
    return sorted(lines, key=lambda key: (is_notice[key], -worst[first[key]], place[first[key]], -rank[key]))


def _digest_shape(line: Sequence[Held]) -> DigestAlertShape | DigestNoticeShape:
    worst = max(line, key=lambda one: RANK[one.severity])
    if worst.kind is not OutboxKind.ALERT:
        notice = worst.body.notice
        data = notice.data
        text = shorten(data.text, TEXT_BYTES)
        return DigestNoticeShape(notice_id=data.notice_id, kind=data.kind, state=data.state, text=text, at=notice.timestamp)
    alert = worst.body.alert.data
    first = alert.articles[0] if alert.articles else None
    url = alert.links.article
    told = alert.event or alert.story
    return DigestAlertShape(
        alert_id=alert.alert_id, also_alert_ids=tuple(one.alert_id for one in line if one is not worst),
        revision=alert.revision, state=alert.state, reason=alert.reason, severity=alert.severity,
        themes=tuple(dict.fromkeys(one.theme_id for one in (worst, *line))), title=shorten(alert.title, TITLE_BYTES),
        source=shorten(first.source, SOURCE_BYTES) if first is not None else "",
        url=url if url is not None and len(url.encode()) <= URL_BYTES else None,
        source_count=told.source_count, outlet_count=told.outlet_count, published_at=alert.clocks.published_at,
        first_seen_at=alert.clocks.first_seen_at,
    )  # fmt: skip
