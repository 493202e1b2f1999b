"""Alerts become outbox rows, in the transaction that moves the offsets past them.

In: alert records as read. Out: one fanout row per alert revision and one outbox row per receiver, with the payload's final bytes.
An alert revision that is there already (redelivered, or sent twice by the stage before) changes nothing. What a receiver is to get
later is held; when the last of the alerts one article can cause has come, those that waited for it are due at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from newsmon import ids
from newsmon.records import Alert, AlertState, DeliveryOutcome
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.settings import ReceiverSettings
from sinks.consumer.received import Received
from sinks.database.outbox_tables import OutboxKind, OutboxState, attempts, fanouts, outbox, receivers_state
from sinks.message.ack_links import AckLinks
from sinks.message.alert_body import payload_bytes
from sinks.outbox.closing import Closing, closing_of
from sinks.outbox.recent import History
from sinks.outbox.silences import active
from sinks.policy.holding import Group, Hold, escalate_at, group_of, hold
from sinks.policy.routing import Route, Suppress, routes
from sinks.policy.silences import silenced_by

Row = dict[str, Any]
BodyFor = Callable[[str], bytes]


def enqueue(
    connection: Connection,
    batch: Sequence[Received],
    receivers: Sequence[ReceiverSettings],
    *,
    now: datetime,
    links: AckLinks | None = None,
) -> int:
    """Write what the batch's new alert revisions owe to the receivers; returns how many rows the outbox gained."""
    arrived = {(alert.alert_id, alert.revision): (alert, received) for received, alert in _alerts(batch)}
    known = _known(connection, arrived)
    fresh = [both for key, both in arrived.items() if key not in known]
    if not fresh:
        return 0
    disabled = disabled_receivers(connection)
    silenced = active(connection, now=now)
    history = History(connection, receivers, now=now)
    by_id = {receiver.id: receiver for receiver in receivers}
    fanout_rows: list[Row] = []
    outbox_rows: list[Row] = []
    attempt_rows: list[Row] = []
    for alert, received in fresh:
        quiet = {one.id: silence for one in receivers if (silence := silenced_by(silenced, alert, one.id, now=now)) is not None}
        closing = closing_of(connection, alert, outbox_rows) if alert.state is AlertState.CLOSED else Closing()
        decided = routes(alert, receivers, disabled=disabled, silenced=quiet, told=closing.told)
        body_for = _bodies(alert, links, now)
        fanout_rows.append(_fanout_row(alert, received, len(decided), now))
        for route in decided:
            group = closing.groups.get(route.receiver) if alert.state is AlertState.CLOSED else group_of(alert)
            if isinstance(route, Suppress):
                # What nobody may send has no bytes to send: no replay, however careless, can notify with it. The end of an alert whose
                # opening was given up has: the opening may be replayed.
                may_send = route.may_replay or (route.reason is DeliveryReason.NEVER_TOLD and route.receiver in closing.lost)
                row = _outbox_row(alert, route, body_for if may_send else _nothing, now, group)
                silence = quiet.get(route.receiver) if route.reason is DeliveryReason.SILENCED else None
                attempt_rows.append(_suppressed_row(row, route, detail=silence.silence_id if silence is not None else None))
            else:
                receiver = by_id[route.receiver]
                awaits = alert.state is AlertState.CLOSED and route.receiver not in closing.had
                held = hold(alert, receiver, history.lately(alert, receiver), now=now, group=group, awaits_opening=awaits)
                history.note(alert, receiver, held)
                row = _outbox_row(alert, route, body_for, now, group, held=held)
                row["escalate_at"] = escalate_at(alert, receiver, due_at=row["next_attempt_at"])
            outbox_rows.append(row)
    _insert_new(connection, fanouts, fanout_rows)
    _insert_new(connection, outbox, outbox_rows)
    _insert_new(connection, attempts, attempt_rows)
    _release_complete(connection, {row["group_key"] for row in outbox_rows if row["group_key"] is not None}, now)
    return len(outbox_rows)


def _release_complete(connection: Connection, group_keys: Collection[str], now: datetime) -> None:
    """Make due what waited for the other themes of its article, where all of them have come."""
    if not group_keys:
        return
    complete = (
        select(outbox.c.receiver, outbox.c.group_key)
        .where(outbox.c.group_key.in_(sorted(group_keys)), outbox.c.kind == OutboxKind.ALERT.value)
        .group_by(outbox.c.receiver, outbox.c.group_key)
        .having(func.count(outbox.c.theme_id.distinct()) >= func.max(outbox.c.group_size))
    )
    waiting = and_(outbox.c.state == OutboxState.HELD.value, outbox.c.reason == DeliveryReason.OTHER_THEMES.value)
    for receiver, group_key in connection.execute(complete).all():
        mine = and_(waiting, outbox.c.receiver == receiver, outbox.c.group_key == group_key)
        connection.execute(update(outbox).where(mine).values(next_attempt_at=now))


def disabled_receivers(connection: Connection) -> frozenset[str]:
    """The receivers that get nothing until somebody enables them."""
    rows = connection.execute(select(receivers_state.c.receiver).where(receivers_state.c.disabled_at.is_not(None)))
    return frozenset(rows.scalars())


def _alerts(batch: Sequence[Received]) -> Iterable[tuple[Received, Alert]]:
    return ((received, received.record) for received in batch if isinstance(received.record, Alert))


def _known(connection: Connection, keys: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
    if not keys:
        return set()
    # By alert_id alone: SQLite looks pairs up without an index, row by row through the whole table.
    present = select(fanouts.c.alert_id, fanouts.c.revision).where(fanouts.c.alert_id.in_({alert_id for alert_id, _revision in keys}))
    return {(alert_id, revision) for alert_id, revision in connection.execute(present)} & set(keys)


def _fanout_row(alert: Alert, received: Received, receiver_count: int, now: datetime) -> Row:
    return {
        "alert_id": alert.alert_id, "revision": alert.revision, "receiver_count": receiver_count, "enqueued_at": now,
        "kafka_partition": received.partition, "kafka_offset": received.offset,
    }  # fmt: skip


def _bodies(alert: Alert, links: AckLinks | None, now: datetime) -> BodyFor:
    """From a delivery's id to its body: one for all, or with links to each its own."""
    if links is None or alert.state is AlertState.CLOSED:
        body = payload_bytes(alert)
        return lambda _delivery_id: body
    return lambda delivery_id: payload_bytes(alert, ack=links.link(delivery_id, now=now))


def _nothing(_delivery_id: str) -> bytes:
    return b""


def _outbox_row(
    alert: Alert, route: Route, body_for: BodyFor, now: datetime, group: Group | None, *, held: Hold | None = None
) -> Row:  # fmt: skip
    is_suppressed = isinstance(route, Suppress)
    state = OutboxState.SUPPRESSED if is_suppressed else OutboxState.PENDING if held is None else OutboxState.HELD
    reason = route.reason if isinstance(route, Suppress) else None if held is None else held.reason
    delivery_id = ids.delivery_id(alert.alert_id, alert.revision, route.receiver)
    return {
        "delivery_id": delivery_id,
        "alert_id": alert.alert_id, "revision": alert.revision, "theme_id": alert.theme_id, "receiver": route.receiver,
        "state": state.value, "reason": reason.value if reason is not None else None,
        "payload": body_for(delivery_id),
        "attempt_count": 0, "schedule_start": 0,
        "next_attempt_at": None if is_suppressed else now if held is None else held.until,
        "created_at": now, "delivered_at": None, "first_seen_at": alert.articles[0].first_seen_at if alert.articles else None,
        "opened_at": alert.opened_at, "leased_by": None, "leased_until": None,
        "kind": OutboxKind.ALERT.value, "severity": alert.severity.value, "group_key": group.key if group is not None else None,
        "group_size": group.size if group is not None else None, "carried_by": None, "escalate_at": None,
    }  # fmt: skip


def _suppressed_row(row: Row, route: Suppress, *, detail: str | None = None) -> Row:
    return {
        **{name: row[name] for name in ("delivery_id", "alert_id", "revision", "theme_id", "receiver")},
        "attempt": 0, "outcome": DeliveryOutcome.SUPPRESSED.value, "reason": route.reason.value, "status": None, "detail": detail,
        "attempted_at": row["created_at"], "duration_s": 0.0, "next_attempt_at": None, "published": False,
    }  # fmt: skip


def _insert_new(connection: Connection, table: Table, rows: list[Row]) -> None:
    if rows:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)
