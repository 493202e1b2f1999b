"""Who was told of an alert that is now over, and together with which others: so that its end is told to them, and with those.

In: the outbox, rows of the same batch that are not in it yet. Out: a Closing; later, of ends that are held, those whose time has not
come and those that nobody is to hear of. I/O: the caller's connection.
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
from sinks.policy.bundling import APPOINTED, Held, is_end
from sinks.policy.holding import UNTOLD_LOOK_AGAIN, Group

PREFIX = "closed:"  # before the group of the messages that told of the alerts
TOLD = (OutboxState.PENDING.value, OutboxState.HELD.value, OutboxState.DELIVERED.value)  # had it, or is still to get it
KINDS = (OutboxKind.ALERT.value, OutboxKind.ESCALATION.value)


@dataclass(frozen=True, slots=True)
class Closing:
    """`told`: the receivers that had, or are to get, the alert; `had`: those of them that have something of it by now; `lost`: those for
    which something of it was given up, and may be replayed. `groups`: the alerts each of them was told of together with it.
    """

    told: frozenset[str] = frozenset()
    had: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()
    groups: Mapping[str, Group] = field(default_factory=dict)


def closing_of(connection: Connection, alert: Alert, batch: Sequence[Mapping[str, Any]]) -> Closing:
    """For an alert that is over; `batch` are outbox rows that were decided and not written yet."""
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

    keys: dict[str, str] = {}  # of each receiver the first: the article that opened the alert
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


def untold(connection: Connection, receiver: str, due: Sequence[Held]) -> dict[str, DeliveryReason]:
    """Of the receiver's held deliveries that are due, by their ids, the ends it cannot be told of now: NOT_YET_TOLD, while what is to
    tell it of the alert is still on its way; NEVER_TOLD, when all of that came to nothing.

    What is to tell it may also come along: an alert that began and ended within one digest is told by that.
    """
    ends = [one for one in due if one.kind is OutboxKind.ALERT and is_end(one.payload)]
    if not ends:
        return {}
    columns = (outbox.c.delivery_id, outbox.c.alert_id, outbox.c.revision, outbox.c.state)
    mine = (outbox.c.alert_id.in_({one.alert_id for one in ends}), outbox.c.receiver == receiver, outbox.c.kind.in_(KINDS))
    rows = connection.execute(select(*columns).where(*mine, outbox.c.state.in_(TOLD))).all()
    with_it = {reason: {one.delivery_id for one in due if one.reason is reason} for reason in APPOINTED}
    found: dict[str, DeliveryReason] = {}
    for end in ends:
        earlier = [row for row in rows if row.alert_id == end.alert_id and row.revision < end.revision]
        along = with_it.get(end.reason, set())
        if not earlier:
            found[end.delivery_id] = DeliveryReason.NEVER_TOLD
        elif not any(row.state == OutboxState.DELIVERED.value or row.delivery_id in along for row in earlier):
            found[end.delivery_id] = DeliveryReason.NOT_YET_TOLD
    return found


def wake_ends(connection: Connection, settled: Iterable[tuple[str, str]], *, now: datetime) -> None:
    """What waited for one of these (alert_id, receiver) to be delivered or given up is looked at again."""
    pairs = frozenset(settled)
    if pairs:
        # Of the two lists together it finds a few too many, which then go on waiting. State and reason are parameters: so that SQLite
        # goes by the alert rather than through all that the receiver has held.
        mine = (outbox.c.alert_id.in_({alert for alert, _ in pairs}), outbox.c.receiver.in_({receiver for _, receiver in pairs}))
        waits = (outbox.c.state == OutboxState.HELD.value, outbox.c.reason == DeliveryReason.NOT_YET_TOLD.value)
        connection.execute(update(outbox).where(*mine, *waits).values(next_attempt_at=now))


def revive_ends(connection: Connection, *, now: datetime) -> int:
    """What came to nothing with its opening waits again, where that was made pending again; returns how many that are."""
    opening = outbox.alias("opening")
    again = exists().where(
        opening.c.alert_id == outbox.c.alert_id, opening.c.receiver == outbox.c.receiver, opening.c.revision < outbox.c.revision,
        opening.c.kind.in_(KINDS), opening.c.state == OutboxState.PENDING.value,
    )  # fmt: skip
    came_to_nothing = (outbox.c.state == OutboxState.SUPPRESSED.value, outbox.c.reason == DeliveryReason.NEVER_TOLD.value)
    waits = {"state": OutboxState.HELD.value, "reason": DeliveryReason.NOT_YET_TOLD.value, "next_attempt_at": now + UNTOLD_LOOK_AGAIN}
    mine = (*came_to_nothing, func.length(outbox.c.payload) > 0, again)
    return connection.execute(update(outbox).where(*mine).values(waits)).rowcount
