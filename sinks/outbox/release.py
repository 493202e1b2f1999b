"""Releases held deliveries: when their time has come they become due, bundled into as few messages as fit.

In: held rows of the outbox, the clock. Out: rows that are due, with their final bytes. I/O: the caller's connection.
`sinks.policy.bundling` decides what a message carries; this module reads and writes, one receiver per call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select, update

from newsmon.records import Severity
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.settings import ReceiverSettings
from sinks.database.digests import payload_columns
from sinks.database.outbox_tables import HELD, OutboxKind, OutboxState, attempts, outbox
from sinks.database.upsert import insert_new
from sinks.message.ack_links import AckLinks
from sinks.message.stored_body import StoredBody
from sinks.outbox.state.closing import PREFIX, premature_ends
from sinks.outbox.state.history import DeliveryHistory
from sinks.outbox.state.rows import outbox_row, suppressed_row
from sinks.outbox.state.silences import active
from sinks.outbox.withholding import Silenced, silencing, withhold
from sinks.policy.attempt import DeliveryKey
from sinks.policy.bundling import DIGEST_REASONS, TOGETHER, bundles, no_ack
from sinks.policy.held import Bundle, Held
from sinks.policy.holding import UNTOLD_LOOK_AGAIN, budget_hold, scheduled_hold
from sinks.policy.silences import Withheld

RELEASED_AT_ONCE = 5_000
TOGETHER_WORDS = tuple(reason.value for reason in TOGETHER)
DIGEST_WORDS = tuple(reason.value for reason in DIGEST_REASONS)


def receivers_with_held(connection: Connection) -> frozenset[str]:
    """Every receiver for which something is held."""
    return frozenset(connection.scalars(select(outbox.c.receiver).where(HELD).distinct()))


def next_release_at(connection: Connection) -> datetime | None:
    """The time of the next held delivery or escalation; None when there is neither."""
    timed = (HELD, outbox.c.next_attempt_at.is_not(None))  # those without a time wait for a person
    held = connection.scalar(select(outbox.c.next_attempt_at).where(*timed).order_by(outbox.c.next_attempt_at).limit(1))
    escalating = connection.scalar(
        select(outbox.c.escalate_at).where(outbox.c.escalate_at.is_not(None)).order_by(outbox.c.escalate_at).limit(1)
    )  # fmt: skip
    return min((at for at in (held, escalating) if at is not None), default=None)


def release_due(
    connection: Connection, receiver: str, *, now: datetime, links: AckLinks | None = None, settings: ReceiverSettings | None = None
) -> int:  # fmt: skip
    """Release the receiver's held deliveries that are due and that nobody silences; returns how many messages they make.

    `settings`: the receiver's quiet hours and digests, which an end that a silence deferred keeps as well.
    """
    due = (
        select(outbox)
        .where(HELD, outbox.c.receiver == receiver, outbox.c.next_attempt_at <= now)
        .order_by(outbox.c.next_attempt_at, outbox.c.created_at, outbox.c.delivery_id)
        .limit(RELEASED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    rows = connection.execute(due).all()
    rows = [*rows, *_rest_of_groups(connection, receiver, rows)]
    carried_before = _carried_before(connection, receiver, rows)
    held = [_held(row, leads=row.delivery_id not in carried_before) for row in rows]
    covered = _silenced(connection, receiver, held, now)
    never = {name for name, one in covered.items() if one.withheld is Withheld.SUPPRESSED}
    withhold(connection, [covered[name] for name in sorted(never)], now=now)  # first: an end may now be that of an alert never told
    held = [one for one in held if one.delivery_id not in never]
    early = premature_ends(connection, receiver, held)
    held = _sendable(connection, held, early, now)
    withhold(connection, [covered[one.delivery_id] for one in held if one.delivery_id in covered], now=now)
    held = _awake(connection, [one for one in held if one.delivery_id not in covered], settings, now)
    made = bundles(held, now=now, ack_of=no_ack if links is None else partial(links.link, now=now))
    over = _over_budget(connection, made, held, settings, now)
    for bundle in made:
        if bundle.carrier not in over:
            _write_bundle(connection, bundle, receiver, now)
    return len(made) - len(over)


def _over_budget(
    connection: Connection, made: Sequence[Bundle], held: Sequence[Held], settings: ReceiverSettings | None, now: datetime
) -> frozenset[str]:  # fmt: skip
    """The carriers of waiting updates for which the receiver's budget has no room; they and what they carry go on waiting."""
    if settings is None or settings.budget_per_hour is None:
        return frozenset()
    waited = {one.delivery_id: one for one in held if one.reason is DeliveryReason.GROUP_INTERVAL}
    history = DeliveryHistory(connection, [settings], now=now)
    over: set[str] = set()
    for bundle in made:
        if bundle.is_digest or bundle.carrier not in waited:
            continue
        hold = budget_hold(waited[bundle.carrier].severity, settings, history.budget(settings), now=now)
        history.note_budget(settings, hold)
        if hold is not None:
            over.add(bundle.carrier)
            values = {"reason": hold.reason.value, "next_attempt_at": hold.until, "scheduled_at": now}
            connection.execute(update(outbox).where(outbox.c.delivery_id.in_((bundle.carrier, *bundle.carried))).values(values))
    return frozenset(over)


def _silenced(connection: Connection, receiver: str, held: Sequence[Held], now: datetime) -> dict[str, Silenced]:
    """The held deliveries that are silenced now, by id."""
    silences = active(connection, now=now, receiver=receiver)
    found = (silencing(silences, one, one.kind, one.severity, one.body, now=now) for one in held if silences)
    return {one.key.delivery_id: one for one in found if one is not None}


def _awake(connection: Connection, held: list[Held], settings: ReceiverSettings | None, now: datetime) -> list[Held]:
    """The deliveries without those whose wait (for a silence or since an update) ends in quiet hours: they go on waiting."""
    kept = []
    for one in held:
        hold = None
        if settings is not None and one.reason in (DeliveryReason.SILENCED, DeliveryReason.GROUP_INTERVAL):
            hold = scheduled_hold(one.severity, settings, now=now)
        if hold is None:
            kept.append(one)
            continue
        values = {"reason": hold.reason.value, "next_attempt_at": hold.until, "scheduled_at": now}
        connection.execute(update(outbox).where(outbox.c.delivery_id == one.delivery_id).values(values))
    return kept


def release_for_removed(connection: Connection, configured: frozenset[str], *, now: datetime) -> None:
    """Release what is held for receivers that are no longer configured, so that it is given up and counted like their other deliveries."""
    gone = receivers_with_held(connection) - configured
    if gone:
        mine = and_(HELD, outbox.c.receiver.in_(sorted(gone)))
        connection.execute(
            update(outbox).where(mine).values(state=OutboxState.PENDING.value, next_attempt_at=now, scheduled_at=now, reason=None)
        )


def _rest_of_groups(connection: Connection, receiver: str, due: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """What goes out with the deliveries whose wait is over: what waits for the same groups, and all waiting updates of their alerts."""
    found = {row.delivery_id: row for row in due if row.kind == OutboxKind.ALERT.value and row.reason not in DIGEST_WORDS}
    rest: dict[str, Row[Any]] = {}
    of_receiver = and_(HELD, outbox.c.receiver == receiver, outbox.c.reason.in_(TOGETHER_WORDS))
    while found:
        keys = sorted({row.group_key for row in found.values() if row.group_key is not None and row.reason in TOGETHER_WORDS})
        alerts = sorted({row.alert_id for row in found.values()})
        updates = and_(outbox.c.reason == DeliveryReason.GROUP_INTERVAL.value, outbox.c.alert_id.in_(alerts))
        query = select(outbox).where(of_receiver, or_(outbox.c.group_key.in_(keys), updates))
        rows = connection.execute(query.order_by(outbox.c.created_at, outbox.c.delivery_id)).all()
        known = {row.delivery_id for row in due} | rest.keys()
        found = {row.delivery_id: row for row in rows if row.delivery_id not in known}
        rest |= found
    return tuple(rest.values())


def _carried_before(connection: Connection, receiver: str, rows: Sequence[Row[Any]]) -> frozenset[str]:
    """The deliveries, of alerts that end together, whose opening went in another alert's message."""
    ending = {row.alert_id: row.delivery_id for row in rows if (row.group_key or "").startswith(PREFIX)}
    if not ending:
        return frozenset()
    mine = and_(outbox.c.alert_id.in_(sorted(ending)), outbox.c.receiver == receiver, outbox.c.carried_by.is_not(None))
    return frozenset(ending[alert_id] for alert_id in connection.scalars(select(outbox.c.alert_id).where(mine)))


def _held(row: Any, *, leads: bool) -> Held:
    return Held(
        delivery_id=row.delivery_id, alert_id=row.alert_id, revision=row.revision, theme_id=row.theme_id, receiver=row.receiver,
        kind=OutboxKind(row.kind), severity=Severity(row.severity), reason=DeliveryReason(row.reason), group_key=row.group_key,
        created_at=row.created_at, body=StoredBody(row.payload), leads=leads,
    )  # fmt: skip


def _sendable(connection: Connection, due: list[Held], early: Mapping[str, DeliveryReason], now: datetime) -> list[Held]:
    """The deliveries that can be sent. Of the premature ends, those whose opening may still arrive wait on; the others are suppressed."""
    waiting = [one for one in due if early.get(one.delivery_id) is DeliveryReason.NOT_YET_TOLD]
    _suppress(connection, [one for one in due if early.get(one.delivery_id) is DeliveryReason.NEVER_TOLD], DeliveryReason.NEVER_TOLD, now)
    until: dict[str, Any] = {"next_attempt_at": now + UNTOLD_LOOK_AGAIN, "scheduled_at": now}
    for in_digest in (True, False):  # what belongs in a digest keeps its reason
        some = [one.delivery_id for one in waiting if (one.reason in DIGEST_REASONS) is in_digest]
        if some:
            values = until if in_digest else until | {"reason": DeliveryReason.NOT_YET_TOLD.value}
            connection.execute(update(outbox).where(outbox.c.delivery_id.in_(some)).values(values))
    return [one for one in due if one.delivery_id not in early]


def _suppress(connection: Connection, held: list[Held], reason: DeliveryReason, now: datetime) -> None:
    if not held:
        return
    gone = outbox.c.delivery_id.in_([one.delivery_id for one in held])
    values: dict[str, Any] = {"state": OutboxState.SUPPRESSED.value, "reason": reason.value, "next_attempt_at": None, "escalate_at": None}
    if reason is not DeliveryReason.NEVER_TOLD:  # that one may still be sent, when the opening is replayed
        values |= payload_columns(b"")
    connection.execute(update(outbox).where(gone).values(values))
    insert_new(connection, attempts, [suppressed_row(one, reason, now=now) for one in held])


def _write_bundle(connection: Connection, bundle: Bundle, receiver: str, now: datetime) -> None:
    due: dict[str, Any] = {"state": OutboxState.PENDING.value, "reason": None}
    if bundle.is_digest:
        key = DeliveryKey(delivery_id=bundle.carrier, alert_id=bundle.carrier, revision=1, theme_id="", receiver=receiver)
        row = outbox_row(key, kind=OutboxKind.DIGEST, severity=Severity.NOTICE, payload=bundle.payload, now=now)
        if not insert_new(connection, outbox, [row]):  # it was made before, and taken apart for a silence that is over
            again = {"next_attempt_at": now, "scheduled_at": now, "schedule_start": outbox.c.attempt_count, "delivered_at": None}
            mine = outbox.c.delivery_id == bundle.carrier
            connection.execute(update(outbox).where(mine).values(due | again | payload_columns(bundle.payload)))
    else:
        carrier = outbox.c.delivery_id == bundle.carrier
        at_once = {"next_attempt_at": now, "scheduled_at": now}
        connection.execute(update(outbox).where(carrier).values(due | at_once | payload_columns(bundle.payload)))
    if bundle.carried:
        carried = outbox.c.delivery_id.in_(bundle.carried)
        connection.execute(update(outbox).where(carried).values(due | {"carried_by": bundle.carrier, "next_attempt_at": None}))
