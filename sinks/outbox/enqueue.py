"""Turns alerts into outbox rows, in the transaction that moves the offsets past them.

In: alert records as read. Out: one fanout row per alert revision and one outbox row per receiver, with the payload's final bytes.
An alert revision already in the outbox (redelivered, or sent twice by the processor) changes nothing. What a receiver gets later
is held; once the last of the alerts that one article can cause has arrived, those that waited for it become due.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, and_, func, select, update

from newsmon import ids
from newsmon.records import Alert, AlertState
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.settings import ReceiverSettings
from sinks.consumer.kafka_record import KafkaRecord
from sinks.database.digests import payload_columns
from sinks.database.outbox_tables import OutboxKind, OutboxState, attempts, fanouts, outbox
from sinks.database.upsert import insert_new
from sinks.message.ack_links import AckLinks
from sinks.message.alert_body import payload_bytes
from sinks.outbox.proofs import NO_DOUBTS, Doubts, proofs, proven_row
from sinks.outbox.state.closing import Closing, closing_of
from sinks.outbox.state.history import DeliveryHistory
from sinks.outbox.state.receiver_state import disabled_receivers
from sinks.outbox.state.rows import Row, outbox_row, suppressed_row
from sinks.outbox.state.silences import active
from sinks.outbox.state.told_before import told_before
from sinks.policy.attempt import DeliveryKey
from sinks.policy.holding import escalate_at, group_of, hold, scheduled_hold
from sinks.policy.proof import Proof
from sinks.policy.routing import NO_RECEIVER, Send, Suppress, routes
from sinks.policy.silences import silenced_by, subject_of

BodyFor = Callable[[str], bytes]


def enqueue(
    connection: Connection,
    batch: Sequence[KafkaRecord],
    receivers: Sequence[ReceiverSettings],
    *,
    now: datetime,
    links: AckLinks | None = None,
    in_doubt: Doubts = NO_DOUBTS,
) -> int:
    """Write the deliveries of the batch's new alert revisions; returns how many rows the outbox gained.

    What has attempts is enqueued in the state that these prove; what an earlier database may have sent, `in_doubt`, is held.
    """
    arrived = {(alert.alert_id, alert.revision): (alert, received) for received, alert in _alerts(batch)}
    known = _known(connection, arrived)
    fresh = [both for key, both in arrived.items() if key not in known]
    if not fresh:
        return 0
    disabled = disabled_receivers(connection)
    silences = active(connection, now=now)
    history = DeliveryHistory(connection, receivers, now=now)
    by_id = {receiver.id: receiver for receiver in receivers}
    proven = proofs(connection, [_key(alert, name).delivery_id for alert, _received in fresh for name in by_id or (NO_RECEIVER,)])
    fanout_rows: list[Row] = []
    outbox_rows: list[Row] = []
    attempt_rows: list[Row] = []
    for alert, received in fresh:
        silenced = {
            one.id: silence for one in receivers if (silence := silenced_by(silences, subject_of(alert, one.id), now=now)) is not None
        }  # fmt: skip
        closing = closing_of(connection, alert, outbox_rows) if alert.state is AlertState.CLOSED else Closing()
        decided = routes(
            alert, receivers, disabled=disabled, silenced=_now_silenced(alert, receivers, silenced, now), told=closing.told,
            told_before=told_before(connection, alert),
        )  # fmt: skip
        body_for = _bodies(alert, links, now)
        fanout_rows.append(_fanout_row(alert, received, len(decided), now))
        for route in decided:
            key = _key(alert, route.receiver)
            group = closing.groups.get(route.receiver) if alert.state is AlertState.CLOSED else group_of(alert)
            row_of = partial(
                outbox_row, key, kind=OutboxKind.ALERT, severity=alert.severity, now=now, opened_at=alert.opened_at, group=group,
                first_seen_at=alert.articles[0].first_seen_at if alert.articles else None,
            )  # fmt: skip
            proof = proven.get(key.delivery_id)
            if proof is not None:
                receiver = by_id[route.receiver] if isinstance(route, Send) else None
                row = _proven(row_of, proof, alert, receiver, body_for, in_doubt=in_doubt, is_lost=route.receiver in closing.lost)
            elif isinstance(route, Suppress):
                # A delivery that must never be sent has no bytes, so that no replay, however careless, can send it. The end of an
                # alert whose opening was given up keeps its bytes: the opening may be replayed.
                may_send = route.may_replay or (route.reason is DeliveryReason.NEVER_TOLD and route.receiver in closing.lost)
                row = row_of(payload=body_for(key.delivery_id) if may_send else b"", state=OutboxState.SUPPRESSED, reason=route.reason)
                silence = silenced.get(route.receiver) if route.reason is DeliveryReason.SILENCED else None
                attempt_rows.append(suppressed_row(key, route.reason, now=now, detail=silence.silence_id if silence is not None else None))
            else:
                receiver = by_id[route.receiver]
                if _is_unproven(in_doubt, alert, received, receiver, now):
                    row = row_of(payload=body_for(key.delivery_id), state=OutboxState.HELD, reason=DeliveryReason.UNPROVEN)
                    outbox_rows.append(row | {"next_attempt_at": None, "created_at": alert.raised_at})
                    continue
                awaits = alert.state is AlertState.CLOSED and route.receiver not in closing.had
                held = hold(
                    alert, receiver, history.recent(alert, receiver), now=now, group=group, awaits_opening=awaits,
                    silenced_until=silenced[receiver.id].ends_at if receiver.id in silenced else None,
                )  # fmt: skip
                history.note(alert, receiver, held)
                due_at = now if held is None else held.until
                row = row_of(
                    payload=body_for(key.delivery_id), due_at=due_at, escalate_at=escalate_at(alert, receiver, due_at=due_at),
                    state=OutboxState.PENDING if held is None else OutboxState.HELD, reason=None if held is None else held.reason,
                )  # fmt: skip
            outbox_rows.append(row)
    insert_new(connection, fanouts, fanout_rows)
    insert_new(connection, outbox, outbox_rows)
    insert_new(connection, attempts, attempt_rows)
    _release_complete(connection, {row["group_key"] for row in outbox_rows if row["group_key"] is not None}, now)
    return len(outbox_rows)


def _now_silenced(
    alert: Alert, receivers: Sequence[ReceiverSettings], silenced: Collection[str], now: datetime
) -> frozenset[str]:  # fmt: skip
    """The receivers for which the silenced alert would be sent now and so never will be; it must not use up their budget.

    What quiet hours or a digest hold is asked when they are over, and the end of an alert waits until the silence is over.
    """
    if alert.state is AlertState.CLOSED:
        return frozenset()
    return frozenset(one.id for one in receivers if one.id in silenced and scheduled_hold(alert.severity, one, now=now) is None)


def _proven(
    row_of: Callable[..., Row], proof: Proof, alert: Alert, receiver: ReceiverSettings | None, body_for: BodyFor, *, in_doubt: Doubts,
    is_lost: bool,
) -> Row:  # fmt: skip
    """The row of a delivery that an earlier database made, as its attempts prove it; `receiver` where it is to get the alert today.

    Who acknowledged is lost: a recent alert escalates once more, because an alert nobody sees is worse.
    """
    row = row_of(payload=b"", state=proof.state)
    may_send = proof.state is not OutboxState.SUPPRESSED or proof.reason == DeliveryReason.RECEIVER_DISABLED
    may_send = may_send or (proof.reason == DeliveryReason.NEVER_TOLD and is_lost)
    is_recent = row["created_at"] - proof.first_at <= timedelta(seconds=in_doubt.hold_older_than_s)
    escalates = receiver is not None and is_recent and proof.state is not OutboxState.SUPPRESSED
    made = proven_row(row, proof)
    return made | {
        **payload_columns(body_for(row["delivery_id"]) if may_send else b""),
        "escalate_at": escalate_at(alert, receiver, due_at=made["created_at"]) if escalates and receiver is not None else None,
    }


def _is_unproven(in_doubt: Doubts, alert: Alert, received: KafkaRecord, receiver: ReceiverSettings, now: datetime) -> bool:
    waited = scheduled_hold(alert.severity, receiver, now=alert.raised_at)
    waited_until = waited.until if waited is not None else None
    return in_doubt.about(received, made_at=alert.raised_at, waited_until=waited_until, now=now) is not None


def _release_complete(connection: Connection, group_keys: Collection[str], now: datetime) -> None:
    """Make due what waited for the other themes of its article, where all of them have arrived."""
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
        connection.execute(update(outbox).where(mine).values(next_attempt_at=now, scheduled_at=now))


def _alerts(batch: Sequence[KafkaRecord]) -> Iterable[tuple[KafkaRecord, Alert]]:
    return ((received, received.record) for received in batch if isinstance(received.record, Alert))


def _known(connection: Connection, keys: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
    if not keys:
        return set()
    # By alert_id alone: for pairs SQLite uses no index and scans the whole table.
    present = select(fanouts.c.alert_id, fanouts.c.revision).where(fanouts.c.alert_id.in_({alert_id for alert_id, _revision in keys}))
    return {(alert_id, revision) for alert_id, revision in connection.execute(present)} & set(keys)


def _key(alert: Alert, receiver: str) -> DeliveryKey:
    return DeliveryKey(
        delivery_id=ids.delivery_id(alert.alert_id, alert.revision, receiver), alert_id=alert.alert_id, revision=alert.revision,
        theme_id=alert.theme_id, receiver=receiver,
    )  # fmt: skip


def _fanout_row(alert: Alert, received: KafkaRecord, receiver_count: int, now: datetime) -> Row:
    return {
        "alert_id": alert.alert_id, "revision": alert.revision, "receiver_count": receiver_count, "enqueued_at": now,
        "kafka_partition": received.partition, "kafka_offset": received.offset,
    }  # fmt: skip


def _bodies(alert: Alert, links: AckLinks | None, now: datetime) -> BodyFor:
    """From a delivery's id to its body: one body for all, or with acknowledgement links one for each."""
    if links is None or alert.state is AlertState.CLOSED:
        body = payload_bytes(alert)
        return lambda _delivery_id: body
    return lambda delivery_id: payload_bytes(alert, ack=links.link(delivery_id, now=now))
