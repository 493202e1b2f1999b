"""Puts system notices into the outbox, and raises the deliver stage's own: a growing quarantine, a disabled receiver, losses,
a disk that fills, a broker that is away.

Notices reach people through the same receivers as alerts, but are never alerts. In: Notice records, the database. Out: outbox rows of
the kind `notice` for receivers that take notices; rows of our own notices. I/O: the caller's connection.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, select

from newsmon import ids
from newsmon.clock import TOLERANCE
from newsmon.logs import get_logger
from newsmon.metrics import LOSSES_OPEN
from newsmon.records import Notice, NoticeKind, Severity
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.records.resume_reasons import ResumeReason
from newsmon.settings import ReceiverSettings, Settings
from sinks.consumer.kafka_record import KafkaRecord
from sinks.database.losses import read_losses
from sinks.database.outbox_tables import OutboxKind, OutboxState
from sinks.database.tables import quarantined
from sinks.message.alert_body import shorten
from sinks.message.other_payloads import NoticePayload, NoticeShape
from sinks.outbox.proofs import NO_DOUBTS, Doubts, insert_unproven, unproven_counts
from sinks.outbox.state.receiver_state import disabled_receivers
from sinks.outbox.state.rows import outbox_row
from sinks.policy.attempt import DeliveryKey
from sinks.policy.conditions import GROWING_WITHIN, STAGE, Condition, OpenNotice, notices_of, quarantine_condition, receiver_condition
from sinks.policy.holding import scheduled_hold
from sinks.policy.loss_conditions import OpenLoss, loss_conditions
from sinks.policy.proof import held_condition
from sinks.store.notice_rows import newest_notices, store_own

TEXT_BYTES, DETAIL_BYTES, MOST_DETAILS = 2_000, 400, 20
OWN_KINDS = (
    NoticeKind.QUARANTINE_GROWING, NoticeKind.RECEIVER_DISABLED, NoticeKind.DELIVERIES_HELD, NoticeKind.CLOCK_STEPPED,
    NoticeKind.RECORDS_LOST, NoticeKind.LOG_REPLACED, NoticeKind.DISK_LOW, NoticeKind.KAFKA_UNREACHABLE,
)  # fmt: skip
# The processor raises its losses itself; they are repeated and resolved here like the others, which needs the database.
LOSS_KINDS = (NoticeKind.RECORDS_LOST.value, NoticeKind.LOG_REPLACED.value)

LOSING = ("store", "deliver", "processor")  # the readers whose losses are in the database

_encode = msgspec.json.Encoder().encode

log = get_logger(__name__)
_told: deque[tuple[str, int]] = deque(maxlen=200)


def notice_bytes(notice: Notice) -> bytes:
    """The body of the notice's webhooks."""
    details = {shorten(name, DETAIL_BYTES): shorten(text, DETAIL_BYTES) for name, text in list(notice.details.items())[:MOST_DETAILS]}
    shape = NoticeShape(
        notice_id=notice.notice_id, revision=notice.revision, kind=notice.kind, state=notice.state, subject=notice.subject,
        severity=notice.severity, text=shorten(notice.text, TEXT_BYTES), opened_at=notice.opened_at, stage=notice.stage, details=details,
    )  # fmt: skip
    return _encode(NoticePayload(timestamp=notice.at, data=shape))


def enqueue_notices(
    connection: Connection, notices: Sequence[Notice], receivers: Sequence[ReceiverSettings], *, now: datetime,
    in_doubt: Doubts = NO_DOUBTS, places: Sequence[tuple[Notice, KafkaRecord]] = (),
) -> int:  # fmt: skip
    """Enqueue the notices for every receiver that takes them; returns how many rows are new. A known notice changes nothing.

    `places`: where the notices came from, for those that an earlier database may have sent.
    """
    place_of = {(notice.notice_id, notice.revision): received for notice, received in places}
    disabled = disabled_receivers(connection)
    rows = []
    for notice in notices:
        _tell(notice)
        payload = notice_bytes(notice)
        for receiver in receivers:
            if not receiver.notices:
                continue
            held = scheduled_hold(notice.severity, receiver, now=now)
            state, reason, due_at = OutboxState.PENDING, None, now
            if receiver.id in disabled:
                state, reason = OutboxState.SUPPRESSED, DeliveryReason.RECEIVER_DISABLED
            elif held is not None:
                state, reason, due_at = OutboxState.HELD, held.reason, held.until
            received = place_of.get((notice.notice_id, notice.revision))
            waited = scheduled_hold(notice.severity, receiver, now=notice.at)
            is_unproven = received is not None and state is not OutboxState.SUPPRESSED and in_doubt.about(
                received, made_at=notice.at, waited_until=waited.until if waited is not None else None, now=now
            )  # fmt: skip
            key = DeliveryKey(
                delivery_id=ids.delivery_id(notice.notice_id, notice.revision, receiver.id), alert_id=notice.notice_id,
                revision=notice.revision, theme_id=notice.kind.value, receiver=receiver.id,
            )  # fmt: skip
            row = outbox_row(
                key, kind=OutboxKind.NOTICE, severity=notice.severity, payload=payload, now=now, state=state, reason=reason, due_at=due_at,
            )  # fmt: skip
            if is_unproven:
                row |= {"state": OutboxState.HELD.value, "reason": DeliveryReason.UNPROVEN.value, "next_attempt_at": None,
                        "created_at": notice.at}  # fmt: skip
            rows.append(row)
    return insert_unproven(connection, rows)


def _tell(notice: Notice) -> None:
    """One log line for each revision, however often the transaction around it is repeated."""
    revision = (notice.notice_id, notice.revision)
    if revision not in _told:
        _told.append(revision)
        log.warning("notice", kind=notice.kind.value, state=notice.state.value, subject=notice.subject, text=notice.text)


def raise_own_notices(connection: Connection, settings: Settings, *, now: datetime, more: Sequence[Condition] = ()) -> int:
    """Raise, repeat and resolve the deliver stage's own notices, and store them; returns how many outbox rows that made.

    `more`: conditions of this process and machine, which the database cannot know.
    """
    found = newest_notices(connection, kinds=OWN_KINDS, only_open=True)
    open_notices = [_open_notice(row) for row in found if row.stage == STAGE or row.kind in LOSS_KINDS]
    names = {receiver.id for receiver in settings.receivers}
    disabled = disabled_receivers(connection).values()
    conditions = [receiver_condition(one.receiver, one.reason.value, one.since) for one in disabled if one.receiver in names]
    conditions += more
    is_open = any(one.kind is NoticeKind.QUARANTINE_GROWING for one in open_notices)
    past = quarantined.c.quarantined_at <= now + TOLERANCE  # what a clock that was ahead has written would stay recent for days
    last_at = connection.scalar(select(func.max(quarantined.c.quarantined_at)).where(past))
    recent = select(func.count()).select_from(quarantined).where(quarantined.c.quarantined_at > now - GROWING_WITHIN, past)
    growing = quarantine_condition(recent_count=connection.scalar(recent) or 0, last_at=last_at, is_open=is_open, now=now)
    if growing is not None:
        conditions.append(growing)
    counts, since = unproven_counts(connection)
    held = held_condition(counts, since or now, hold_older_than_s=settings.database.hold_older_than_s)
    if held is not None:
        conditions.append(held)
    losses = open_losses(connection)
    for consumer in LOSING:
        LOSSES_OPEN.labels(consumer).set(sum(one.consumer == consumer for one in losses))
    conditions += loss_conditions(losses, now=now)
    said = notices_of(conditions, open_notices, now=now)
    store_own(connection, said)
    return enqueue_notices(connection, said, settings.receivers, now=now)


def open_losses(connection: Connection) -> list[OpenLoss]:
    """The losses nobody has acknowledged."""
    return [
        OpenLoss(row.consumer, row.topic, ResumeReason(row.reason), row.lost_count, row.noticed_at)
        for row in read_losses(connection, only_open=True)
    ]


def _open_notice(row: Row[Any]) -> OpenNotice:
    return OpenNotice(
        notice_id=row.notice_id, revision=row.revision, kind=NoticeKind(row.kind), subject=row.subject, text=row.text,
        severity=Severity(row.severity), opened_at=row.opened_at, said_at=row.said_at,
    )  # fmt: skip
