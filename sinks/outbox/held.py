"""The half of `newsmon deliver` that lets held deliveries go, tells of alerts nobody acknowledged, and says that it is alive.

In: held and escalating rows of the outbox, the clock. Out: rows that are due, with their final bytes. I/O: the database.
What a message carries is decided in `sinks.policy.bundling`; here it is read and written, each receiver in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite

from newsmon import ids
from newsmon.records import DeliveryOutcome, Severity
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.settings import ReceiverSettings
from sinks.database.outbox_tables import HELD, OutboxKind, OutboxState, acknowledgements, attempts, outbox
from sinks.message.ack_links import AckLinks
from sinks.outbox.closing import PREFIX, untold
from sinks.policy.bundling import APPOINTED, Bundle, Held, bundles, escalated, no_ack
from sinks.policy.holding import UNTOLD_LOOK_AGAIN

RELEASED_AT_ONCE = 5_000
ESCALATED_AT_ONCE = 500


def receivers_with_held(connection: Connection) -> frozenset[str]:
    """Every receiver for which something is held."""
    return frozenset(connection.scalars(select(outbox.c.receiver).where(HELD).distinct()))


def next_release_at(connection: Connection) -> datetime | None:
    """When the next held delivery, or the next escalation, is due; None when there is none."""
    held = connection.scalar(select(outbox.c.next_attempt_at).where(HELD).order_by(outbox.c.next_attempt_at).limit(1))
    escalating = connection.scalar(
        select(outbox.c.escalate_at).where(outbox.c.escalate_at.is_not(None)).order_by(outbox.c.escalate_at).limit(1)
    )  # fmt: skip
    return min((at for at in (held, escalating) if at is not None), default=None)


def release_due(connection: Connection, receiver: str, *, now: datetime, links: AckLinks | None = None) -> int:
    """Let go what the receiver's held deliveries that are due make together; returns how many messages that is."""
    due = (
        select(outbox)
        .where(HELD, outbox.c.receiver == receiver, outbox.c.next_attempt_at <= now)
        .order_by(outbox.c.next_attempt_at, outbox.c.created_at, outbox.c.delivery_id)
        .limit(RELEASED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    rows = connection.execute(due).all()
    rows = [*rows, *_companions(connection, receiver, rows)]
    followers = _followers(connection, receiver, rows)
    held = [_held(row, leads=row.delivery_id not in followers) for row in rows]
    early = untold(connection, receiver, held)
    held = _tellable(connection, held, early, now)
    current, outrun = _outrun(connection, held)
    _suppress(connection, outrun, DeliveryReason.SUPERSEDED, now)
    made = bundles(current, now=now, ack_of=no_ack if links is None else partial(links.link, now=now))
    for bundle in made:
        _let_go(connection, bundle, receiver, now)
    return len(made)


def escalate_due(
    connection: Connection, receivers: Mapping[str, ReceiverSettings], *, now: datetime, links: AckLinks | None = None
) -> int:  # fmt: skip
    """Owe alerts that were not acknowledged in time to the receivers named for that; returns how many."""
    acknowledged = exists().where(acknowledgements.c.alert_id == outbox.c.alert_id, acknowledgements.c.revision >= outbox.c.revision)
    due = (
        select(outbox, acknowledged.label("is_acknowledged"))
        .where(outbox.c.escalate_at <= now).order_by(outbox.c.escalate_at).limit(ESCALATED_AT_ONCE)
        .with_for_update(skip_locked=True, of=outbox)
    )  # fmt: skip
    rows = connection.execute(due).all()
    made = []
    for row in rows:
        receiver = receivers.get(row.receiver)
        unsent = row.state in (OutboxState.SUPPRESSED.value, OutboxState.HELD.value)
        if receiver is None or receiver.escalate_to is None or row.is_acknowledged or unsent or not row.payload:
            continue
        delivery_id = ids.delivery_id(row.alert_id, row.revision, f"{receiver.escalate_to} for {row.receiver}")
        ack = None if links is None else links.link(delivery_id, now=now)
        made.append(new_row(
            kind=OutboxKind.ESCALATION, receiver=receiver.escalate_to, subject_id=row.alert_id, revision=row.revision,
            theme_id=row.theme_id, delivery_id=delivery_id, severity=Severity(row.severity), now=now,
            payload=escalated(row.payload, receiver=row.receiver, after_s=receiver.escalate_after_s, ack=ack),
        ))  # fmt: skip
    if rows:
        done = outbox.c.delivery_id.in_([row.delivery_id for row in rows])
        connection.execute(update(outbox).where(done).values(escalate_at=None))
    insert_new(connection, made)
    return len(made)


def release_removed(connection: Connection, configured: frozenset[str], *, now: datetime) -> None:
    """What is held for receivers that are no longer configured is owed now: so that it is buried, and counted, like all of theirs."""
    gone = receivers_with_held(connection) - configured
    if gone:
        mine = and_(HELD, outbox.c.receiver.in_(sorted(gone)))
        connection.execute(update(outbox).where(mine).values(state=OutboxState.PENDING.value, next_attempt_at=now, reason=None))


def new_row(
    *, kind: OutboxKind, receiver: str, subject_id: str, revision: int, theme_id: str, delivery_id: str, severity: Severity,
    payload: bytes, now: datetime, state: OutboxState = OutboxState.PENDING, reason: DeliveryReason | None = None,
    due_at: datetime | None = None,
) -> dict[str, Any]:  # fmt: skip
    """An outbox row of something that is not an alert revision owed to a receiver."""
    return {
        "delivery_id": delivery_id, "alert_id": subject_id, "revision": revision, "theme_id": theme_id, "receiver": receiver,
        "state": state.value, "reason": reason.value if reason is not None else None, "payload": payload, "attempt_count": 0,
        "schedule_start": 0, "next_attempt_at": due_at or now, "created_at": now, "delivered_at": None, "first_seen_at": None,
        "opened_at": None, "leased_by": None, "leased_until": None, "kind": kind.value, "severity": severity.value,
        "group_key": None, "group_size": None, "carried_by": None, "escalate_at": None,
    }  # fmt: skip


def insert_new(connection: Connection, rows: list[dict[str, Any]]) -> int:
    """Insert those that are not there yet; returns how many that were."""
    if not rows:
        return 0
    ids_of_rows = [row["delivery_id"] for row in rows]
    known = frozenset(connection.scalars(select(outbox.c.delivery_id).where(outbox.c.delivery_id.in_(ids_of_rows))))
    new = [row for row in rows if row["delivery_id"] not in known]
    if new:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        connection.execute(dialect.insert(outbox).on_conflict_do_nothing(), new)  # another process may be as quick
    return len(new)


def _companions(connection: Connection, receiver: str, due: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """What waits for the same group as something whose wait is over: it goes along."""
    keys = {row.group_key for row in due if row.reason == DeliveryReason.OTHER_THEMES.value}
    if not keys:
        return ()
    mine = and_(HELD, outbox.c.receiver == receiver, outbox.c.reason == DeliveryReason.OTHER_THEMES.value)
    waiting = and_(mine, outbox.c.group_key.in_(sorted(keys)), outbox.c.delivery_id.not_in([row.delivery_id for row in due]))
    return connection.execute(select(outbox).where(waiting).order_by(outbox.c.created_at, outbox.c.delivery_id)).all()


def _followers(connection: Connection, receiver: str, rows: Sequence[Row[Any]]) -> frozenset[str]:
    """Of alerts that end together, those whose opening went in another one's message."""
    ending = {row.alert_id: row.delivery_id for row in rows if (row.group_key or "").startswith(PREFIX)}
    if not ending:
        return frozenset()
    mine = and_(outbox.c.alert_id.in_(sorted(ending)), outbox.c.receiver == receiver, outbox.c.carried_by.is_not(None))
    return frozenset(ending[alert_id] for alert_id in connection.scalars(select(outbox.c.alert_id).where(mine)))


def _held(row: Any, *, leads: bool) -> Held:
    return Held(
        delivery_id=row.delivery_id, alert_id=row.alert_id, revision=row.revision, theme_id=row.theme_id, receiver=row.receiver,
        kind=OutboxKind(row.kind), severity=Severity(row.severity), reason=DeliveryReason(row.reason), group_key=row.group_key,
        created_at=row.created_at, payload=row.payload, leads=leads,
    )  # fmt: skip


def _outrun(connection: Connection, held: list[Held]) -> tuple[list[Held], list[Held]]:
    """Those still worth sending, and those whose alert the receiver knows in a newer revision by now."""
    slow = [one for one in held if one.reason is DeliveryReason.GROUP_INTERVAL]
    if not slow:
        return held, []
    newer = {
        (row.alert_id, row.receiver): row.revision
        for row in connection.execute(
            select(outbox.c.alert_id, outbox.c.receiver, outbox.c.revision)
            .where(outbox.c.alert_id.in_({one.alert_id for one in slow}), outbox.c.kind == OutboxKind.ALERT.value)
            .where(outbox.c.state.in_((OutboxState.PENDING.value, OutboxState.DELIVERED.value)))
            .order_by(outbox.c.revision)
        )
    }
    outrun = [one for one in slow if newer.get((one.alert_id, one.receiver), 0) > one.revision]
    return [one for one in held if one not in outrun], outrun


def _tellable(connection: Connection, due: list[Held], early: Mapping[str, DeliveryReason], now: datetime) -> list[Held]:
    """Those that can be told of. The ends of alerts the receiver may yet hear of wait on, the others are suppressed."""
    waiting = [one for one in due if early.get(one.delivery_id) is DeliveryReason.NOT_YET_TOLD]
    _suppress(connection, [one for one in due if early.get(one.delivery_id) is DeliveryReason.NEVER_TOLD], DeliveryReason.NEVER_TOLD, now)
    until: dict[str, Any] = {"next_attempt_at": now + UNTOLD_LOOK_AGAIN}
    for appointed in (True, False):  # what belongs into a digest still does
        some = [one.delivery_id for one in waiting if (one.reason in APPOINTED) is appointed]
        if some:
            values = until if appointed else until | {"reason": DeliveryReason.NOT_YET_TOLD.value}
            connection.execute(update(outbox).where(outbox.c.delivery_id.in_(some)).values(values))
    return [one for one in due if one.delivery_id not in early]


def _suppress(connection: Connection, held: list[Held], why: DeliveryReason, now: datetime) -> None:
    if not held:
        return
    reason = why.value
    gone = outbox.c.delivery_id.in_([one.delivery_id for one in held])
    values: dict[str, Any] = {"state": OutboxState.SUPPRESSED.value, "reason": reason, "next_attempt_at": None, "escalate_at": None}
    if why is not DeliveryReason.NEVER_TOLD:  # that may yet be told, when what was given up is replayed
        values["payload"] = b""
    connection.execute(update(outbox).where(gone).values(values))
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    rows = [
        {
            "delivery_id": one.delivery_id, "attempt": 0, "alert_id": one.alert_id, "revision": one.revision, "theme_id": one.theme_id,
            "receiver": one.receiver, "outcome": DeliveryOutcome.SUPPRESSED.value, "reason": reason, "status": None, "detail": None,
            "attempted_at": now, "duration_s": 0.0, "next_attempt_at": None, "published": False,
        }
        for one in held
    ]  # fmt: skip
    connection.execute(dialect.insert(attempts).on_conflict_do_nothing(), rows)


def _let_go(connection: Connection, bundle: Bundle, receiver: str, now: datetime) -> None:
    due = {"state": OutboxState.PENDING.value, "reason": None}
    if bundle.is_digest:
        row = new_row(
            kind=OutboxKind.DIGEST, receiver=receiver, subject_id=bundle.carrier, revision=1, theme_id="", delivery_id=bundle.carrier,
            severity=Severity.NOTICE, payload=bundle.payload, now=now,
        )  # fmt: skip
        insert_new(connection, [row])
    else:
        carrier = outbox.c.delivery_id == bundle.carrier
        connection.execute(update(outbox).where(carrier).values(due | {"payload": bundle.payload, "next_attempt_at": now}))
    if bundle.carried:
        carried = outbox.c.delivery_id.in_(bundle.carried)
        connection.execute(update(outbox).where(carried).values(due | {"carried_by": bundle.carrier, "next_attempt_at": None}))
