"""Who was told of an alert that is now over, and together with which others: so that its end is told to them, and with those.

In: the outbox, rows of the same batch that are not in it yet. Out: a Closing. I/O: the caller's connection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from newsmon.records import Alert
from sinks.holding import Group
from sinks.outbox_tables import OutboxKind, OutboxState, outbox

PREFIX = "closed:"  # before the group of the messages that told of the alerts
TOLD = (OutboxState.PENDING.value, OutboxState.HELD.value, OutboxState.DELIVERED.value)  # had it, or is still to get it
KINDS = (OutboxKind.ALERT.value, OutboxKind.ESCALATION.value)


@dataclass(frozen=True, slots=True)
class Closing:
    """`told`: the receivers that had, or are to get, the alert. `groups`: the alerts each of them was told of together with it."""

    told: frozenset[str] = frozenset()
    groups: Mapping[str, Group] = field(default_factory=dict)


def closing_of(connection: Connection, alert: Alert, batch: Sequence[Mapping[str, Any]]) -> Closing:
    """For an alert that is over; `batch` are outbox rows that were decided and not written yet."""
    mine = (outbox.c.alert_id == alert.alert_id, outbox.c.revision < alert.revision)
    columns = (outbox.c.receiver, outbox.c.group_key, outbox.c.alert_id, outbox.c.state, outbox.c.kind, outbox.c.revision)
    earlier = connection.execute(select(*columns).where(*mine).order_by(outbox.c.revision)).mappings()
    rows: list[Mapping[str, Any]] = [dict(row) for row in earlier]
    rows += [row for row in batch if row["alert_id"] == alert.alert_id]
    rows = [row for row in rows if row["state"] in TOLD and row["kind"] in KINDS]
    keys: dict[str, str] = {}  # of each receiver the first: the article that opened the alert
    for row in rows:
        if row["group_key"] is not None:
            keys.setdefault(row["receiver"], row["group_key"])
    together: dict[tuple[str, str], set[str]] = {}
    if keys:
        grouped = select(*columns).where(outbox.c.group_key.in_(sorted(set(keys.values()))))
        found: list[Mapping[str, Any]] = [dict(row) for row in connection.execute(grouped).mappings()]
        for row in (*found, *batch):
            if row["state"] in TOLD and row["kind"] in KINDS:
                together.setdefault((row["receiver"], row["group_key"]), set()).add(row["alert_id"])
    groups = {receiver: Group(f"{PREFIX}{key}", len(together[receiver, key])) for receiver, key in keys.items()}
    return Closing(frozenset(row["receiver"] for row in rows), groups)
