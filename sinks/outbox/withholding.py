"""Asks the silences about what is about to be sent, and keeps back what they cover.

In: deliveries that are due, the active silences. Out: rows that are suppressed, or held until the silence is over; the deliveries that
may go. I/O: the caller's connection. A message that carries several alerts, one of them silenced, is taken apart: all of it is held and
due at once, so that `sinks.outbox.release` makes it again without what is silenced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from newsmon.records import DeliveryOutcome, Severity
from newsmon.records.delivery_reasons import DeliveryReason
from sinks.database.digests import payload_columns
from sinks.database.outbox_tables import OutboxKind, OutboxState, attempts, outbox
from sinks.database.upsert import insert_new
from sinks.message.stored_body import StoredBody
from sinks.outbox.state.closing import TOLD, recheck_ends
from sinks.outbox.state.rows import suppressed_row
from sinks.policy.attempt import DeliveryKey
from sinks.policy.joining import alone
from sinks.policy.silences import Silence, Withheld, silenced_by, stored_subject, withheld

FREE = {"leased_by": None, "leased_until": None}


@dataclass(frozen=True, slots=True)
class Silenced:
    """One delivery that a silence covers."""

    key: DeliveryKey
    kind: OutboxKind
    body: StoredBody
    silence: Silence

    @property
    def withheld(self) -> Withheld:
        return withheld(self.kind, self.body)


def silencing(
    silences: Sequence[Silence], key: DeliveryKey, kind: OutboxKind, severity: Severity, body: StoredBody, *, now: datetime
) -> Silenced | None:
    """The delivery with the silence that covers it, or None."""
    subject = stored_subject(kind, key.receiver, severity, body)
    silence = silenced_by(silences, subject, now=now) if subject is not None else None
    return None if silence is None else Silenced(key, kind, body, silence)


def without_silenced(connection: Connection, due: Sequence[Row[Any]], silences: Sequence[Silence], *, now: datetime) -> list[Row[Any]]:
    """Those of the due rows that may be sent as they are; the others are withheld, or taken apart where only a part is silenced."""
    if not silences or not due:
        return list(due)
    carried: dict[str, list[Row[Any]]] = {row.delivery_id: [] for row in due}
    mine = (outbox.c.carried_by.in_(sorted(carried)), outbox.c.state == OutboxState.PENDING.value)
    for row in connection.execute(select(outbox).where(*mine).order_by(outbox.c.delivery_id)):
        carried[row.carried_by].append(row)
    may_go: list[Row[Any]] = []
    covered: list[Silenced] = []
    for row in due:
        parts = carried[row.delivery_id]
        found = [one for one in (_of_row(silences, part, now) for part in (row, *parts)) if one is not None]
        if not found:
            may_go.append(row)
        elif parts:
            _take_apart(connection, row, parts, now)
        else:
            covered += found
    withhold(connection, covered, now=now)
    return may_go


def withhold(connection: Connection, covered: Sequence[Silenced], *, now: datetime) -> None:
    """Suppress the silenced deliveries, and hold the ends among them until their silences are over."""
    _suppress(connection, [one for one in covered if one.withheld is Withheld.SUPPRESSED], now)
    deferred = [one for one in covered if one.withheld is Withheld.DEFERRED]
    untold = _untold_notices(connection, deferred)
    _suppress(connection, [one for one in deferred if one.key.delivery_id in untold], now)
    for one in deferred:
        if one.key.delivery_id not in untold:
            waits: dict[str, Any] = {
                "state": OutboxState.HELD.value, "reason": DeliveryReason.SILENCED.value, "next_attempt_at": one.silence.ends_at,
                "scheduled_at": now,
            }  # fmt: skip
            mine = outbox.c.delivery_id == one.key.delivery_id
            connection.execute(update(outbox).where(mine).values(waits | FREE | {"carried_by": None}))


def _suppress(connection: Connection, silenced: Sequence[Silenced], now: datetime) -> None:
    if not silenced:
        return
    ids = [one.key.delivery_id for one in silenced]
    gone: dict[str, Any] = {
        "state": OutboxState.SUPPRESSED.value, "reason": DeliveryReason.SILENCED.value, **payload_columns(b""), "next_attempt_at": None,
        "escalate_at": None, "carried_by": None,
    }  # fmt: skip
    connection.execute(update(outbox).where(outbox.c.delivery_id.in_(ids)).values(gone | FREE))
    _restore_delivered(connection, {one.key.delivery_id: one.body for one in silenced})
    said = [suppressed_row(one.key, DeliveryReason.SILENCED, now=now, detail=one.silence.silence_id) for one in silenced]
    insert_new(connection, attempts, said)
    recheck_ends(connection, ((one.key.alert_id, one.key.receiver) for one in silenced), now=now)


def _of_row(silences: Sequence[Silence], row: Row[Any], now: datetime) -> Silenced | None:
    return silencing(silences, key_of(row), OutboxKind(row.kind), Severity(row.severity), StoredBody(row.payload), now=now)


def key_of(row: Row[Any]) -> DeliveryKey:
    return DeliveryKey(
        delivery_id=row.delivery_id, alert_id=row.alert_id, revision=row.revision, theme_id=row.theme_id, receiver=row.receiver
    )  # fmt: skip


def _take_apart(connection: Connection, carrier: Row[Any], parts: Sequence[Row[Any]], now: datetime) -> None:
    """Hold everything the message carries again, due at once, for the reason that it was held before."""
    body = StoredBody(carrier.payload)
    again: dict[str, Any] = {"state": OutboxState.HELD.value, "carried_by": None, "next_attempt_at": now, "scheduled_at": now}
    if carrier.kind == OutboxKind.DIGEST.value:
        again["reason"] = body.data["reason"]
        gone = {
            "state": OutboxState.SUPPRESSED.value,
            "reason": DeliveryReason.SUPERSEDED.value,
            **payload_columns(b""),
            "next_attempt_at": None,
        }
        connection.execute(update(outbox).where(outbox.c.delivery_id == carrier.delivery_id).values(gone | FREE))
        insert_new(connection, attempts, [suppressed_row(key_of(carrier), DeliveryReason.SUPERSEDED, now=now)])
    else:
        each_once = len({part.alert_id for part in (carrier, *parts)}) == 1 + len(parts)
        of_one_article = each_once and not body.data.get("also_updates")
        again["reason"] = (DeliveryReason.OTHER_THEMES if of_one_article else DeliveryReason.GROUP_INTERVAL).value
        alone_again = again | FREE | payload_columns(alone(body))
        connection.execute(update(outbox).where(outbox.c.delivery_id == carrier.delivery_id).values(alone_again))
    connection.execute(update(outbox).where(outbox.c.delivery_id.in_([part.delivery_id for part in parts])).values(again | FREE))


def _untold_notices(connection: Connection, deferred: Sequence[Silenced]) -> frozenset[str]:
    """The notices that say a trouble is over which the receiver never heard of."""
    notices = [one for one in deferred if one.kind is OutboxKind.NOTICE]
    if not notices:
        return frozenset()
    mine = (outbox.c.alert_id.in_({one.key.alert_id for one in notices}), outbox.c.state.in_(TOLD))
    rows = connection.execute(select(outbox.c.alert_id, outbox.c.receiver, outbox.c.revision).where(*mine)).all()
    told = {(row.alert_id, row.receiver, row.revision) for row in rows}
    return frozenset(
        one.key.delivery_id for one in notices
        if not any((one.key.alert_id, one.key.receiver) == (alert, name) and revision < one.key.revision for alert, name, revision in told)
    )  # fmt: skip


def _restore_delivered(connection: Connection, bodies: Mapping[str, StoredBody]) -> None:
    """Leave as delivered what was only to be sent again: the receiver knows it, and is owed its end."""
    before = (attempts.c.delivery_id.in_(sorted(bodies)), attempts.c.outcome == DeliveryOutcome.DELIVERED.value)
    for row in connection.execute(select(attempts).where(*before).order_by(attempts.c.attempt)):
        delivered = {
            "state": OutboxState.DELIVERED.value, "reason": None, **payload_columns(bodies[row.delivery_id].body),
            "delivered_at": row.attempted_at + timedelta(seconds=row.duration_s),
        }  # fmt: skip
        connection.execute(update(outbox).where(outbox.c.delivery_id == row.delivery_id).values(delivered))
