"""Reports the ends of alerts to the receivers that got them, grouped as the alerts were.

In: the outbox, and rows of the same batch that are not in it yet. Out: a Closing; for held ends, which of them cannot be sent now.
I/O: the caller's connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, func, select, update

from newsmon.records import Alert
from newsmon.records.delivery_reasons import DeliveryReason
from sinks.database.outbox_tables import OutboxKind, OutboxState, outbox
from sinks.policy.bundling import DIGEST_REASONS
from sinks.policy.held import Held
from sinks.policy.holding import UNTOLD_LOOK_AGAIN, Group

PREFIX = "closed:"  # before the group key of the messages that carried the alerts
TOLD = (OutboxState.PENDING.value, OutboxState.HELD.value, OutboxState.DELIVERED.value)  # had it, or is still to get it
KINDS = (OutboxKind.ALERT.value, OutboxKind.ESCALATION.value)


@dataclass(frozen=True, slots=True)
class Closing:
    """The receivers' knowledge of an alert that is over.

    `told`: the receivers that had the alert or will get it. `had`: those of them that have some of it by now. `lost`: those for
    which some of it was given up and may be replayed. `groups`: for each receiver, the alerts it got together with this one.
    """

    told: frozenset[str] = frozenset()
    had: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()
    groups: Mapping[str, Group] = field(default_factory=dict)


def closing_of(connection: Connection, alert: Alert, batch: Sequence[Mapping[str, Any]]) -> Closing:
    """The Closing of an alert that is over; `batch` are outbox rows that were decided and not written yet."""
    mine = (outbox.c.alert_id == alert.alert_id, outbox.c.revision < alert.revision)
    columns = (outbox.c.receiver, outbox.c.group_key, outbox.c.alert_id, outbox.c.state, outbox.c.kind, outbox.c.revision)
    earlier = connection.execute(select(*columns).where(*mine).order_by(outbox.c.revision)).mappings()
    rows: list[Mapping[str, Any]] = [dict(row) for row in earlier]
    rows += [row for row in batch if row["alert_id"] == alert.alert_id]
    rows = [row for row in rows if row["kind"] in KINDS]
    told, had, lost = (
        frozenset(row["receiver"] for row in rows if row["state"] in states)
        for states in (TOLD, (OutboxState.DELIVERED.value,), (OutboxState.DEAD.value,))
    )

    def counts(row: Mapping[str, Any]) -> bool:
        is_lost = row["state"] == OutboxState.DEAD.value and row["receiver"] not in told
        return row["kind"] in KINDS and (row["state"] in TOLD or is_lost)

    keys: dict[str, str] = {}  # the first of each receiver: the article that opened the alert
    for row in filter(counts, rows):
        if row["group_key"] is not None:
            keys.setdefault(row["receiver"], row["group_key"])
    together: dict[tuple[str, str], set[str]] = {}
    if keys:
        grouped = select(*columns).where(outbox.c.group_key.in_(sorted(set(keys.values()))))
        found: list[Mapping[str, Any]] = [dict(row) for row in connection.execute(grouped).mappings()]
        for row in filter(counts, (*found, *batch)):
            together.setdefault((row["receiver"], row["group_key"]), set()).add(row["alert_id"])
    groups = {receiver: Group(f"{PREFIX}{key}", len(together[receiver, key])) for receiver, key in keys.items()}
    return Closing(told, had, lost, groups)


def premature_ends(connection: Connection, receiver: str, due: Sequence[Held]) -> dict[str, DeliveryReason]:
    """The ends among the receiver's due held deliveries that cannot be sent now, by delivery id, and why.

    NOT_YET_TOLD: the message that opens the alert is still on its way to the receiver. NEVER_TOLD: every such message failed.
    An opening in the same digest counts: an alert that begins and ends within one digest is told by it.
    """
    ends = [one for one in due if one.kind is OutboxKind.ALERT and one.body.closes_alert]
    if not ends:
        return {}
    columns = (outbox.c.delivery_id, outbox.c.alert_id, outbox.c.revision, outbox.c.state)
    mine = (outbox.c.alert_id.in_({one.alert_id for one in ends}), outbox.c.receiver == receiver, outbox.c.kind.in_(KINDS))
    rows = connection.execute(select(*columns).where(*mine, outbox.c.state.in_(TOLD))).all()
    with_it = {reason: {one.delivery_id for one in due if one.reason is reason} for reason in DIGEST_REASONS}
    found: dict[str, DeliveryReason] = {}
    for end in ends:
        earlier = [row for row in rows if row.alert_id == end.alert_id and row.revision < end.revision]
        along = with_it.get(end.reason, set())
        if not earlier:
            found[end.delivery_id] = DeliveryReason.NEVER_TOLD
        elif not any(row.state == OutboxState.DELIVERED.value or row.delivery_id in along for row in earlier):
            found[end.delivery_id] = DeliveryReason.NOT_YET_TOLD
    return found


def recheck_ends(connection: Connection, settled: Iterable[tuple[str, str]], *, now: datetime) -> None:
    """Make due the ends that waited for one of these (alert_id, receiver) to be delivered or given up."""
    pairs = frozenset(settled)
    if pairs:
        # The two lists together match a few rows too many; those then go on waiting. State and reason are parameters, so that
        # SQLite searches by alert rather than through everything the receiver has held.
        mine = (outbox.c.alert_id.in_({alert for alert, _ in pairs}), outbox.c.receiver.in_({receiver for _, receiver in pairs}))
        waits = (outbox.c.state == OutboxState.HELD.value, outbox.c.reason == DeliveryReason.NOT_YET_TOLD.value)
        connection.execute(update(outbox).where(*mine, *waits).values(next_attempt_at=now, scheduled_at=now))


def requeue_ends(connection: Connection, *, now: datetime) -> int:
    """Hold again the ends that were suppressed because their opening failed, where that opening is pending again; returns how many."""
    opening = outbox.alias("opening")
    again = exists().where(
        opening.c.alert_id == outbox.c.alert_id, opening.c.receiver == outbox.c.receiver, opening.c.revision < outbox.c.revision,
        opening.c.kind.in_(KINDS), opening.c.state == OutboxState.PENDING.value,
    )  # fmt: skip
    suppressed = (outbox.c.state == OutboxState.SUPPRESSED.value, outbox.c.reason == DeliveryReason.NEVER_TOLD.value)
    waits = {
        "state": OutboxState.HELD.value,
        "reason": DeliveryReason.NOT_YET_TOLD.value,
        "next_attempt_at": now + UNTOLD_LOOK_AGAIN,
        "scheduled_at": now,
    }
    mine = (*suppressed, func.length(outbox.c.payload) > 0, again)
    return connection.execute(update(outbox).where(*mine).values(waits)).rowcount
