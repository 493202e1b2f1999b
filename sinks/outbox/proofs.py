"""What news.deliveries proves, as rows: learned by a database that does not know it, and asked before anything is enqueued.

In: attempts read from news.deliveries; deliveries about to be enqueued. Out: rows. I/O: the caller's connection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from newsmon.clock import due_from
from newsmon.records import Delivery, DeliveryOutcome
from newsmon.records.delivery_reasons import DeliveryReason
from sinks.consumer.kafka_record import KafkaRecord
from sinks.database.outbox_tables import HELD, attempts, doubts, outbox
from sinks.database.upsert import Kept, insert_new, upsert
from sinks.outbox.state.closing import recheck_ends
from sinks.outbox.state.rows import Row, attempt_row
from sinks.policy.attempt import DeliveryKey
from sinks.policy.proof import Doubt, Proof, doubtful, proof_of

ASKED_AT_ONCE = 5_000  # PostgreSQL takes 65,535 parameters, SQLite 32,766


@dataclass(frozen=True, slots=True)
class Doubts:
    """The doubts about records of a topic's partitions; without any, everything goes its usual way."""

    by_place: Mapping[tuple[str, int], Doubt] = field(default_factory=dict)
    hold_older_than_s: float = 0.0

    def about(
        self, received: KafkaRecord, *, made_at: datetime, waited_until: datetime | None, now: datetime
    ) -> DeliveryReason | None:  # fmt: skip
        """UNPROVEN when a delivery of this record, made at `made_at`, has to wait for a person unless it is proven."""
        doubt = self.by_place.get((received.topic_name, received.partition))
        return doubtful(
            doubt, offset=received.offset, made_at=made_at, waited_until=waited_until, now=now, hold_older_than_s=self.hold_older_than_s
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Learned:
    """What a database did not know of the attempts it was shown: how many, and when the newest was made."""

    count: int = 0
    newest_at: datetime | None = None


NO_DOUBTS = Doubts()


def learn(connection: Connection, shown: Sequence[Delivery], *, now: datetime) -> Learned:
    """Store the attempts that this database does not know, and end or move on the deliveries it has of them."""
    known = set(_attempts_of(connection, {one.delivery_id for one in shown}))
    fresh = {(one.delivery_id, one.attempt): one for one in shown if (one.delivery_id, one.attempt) not in known}
    if not fresh:
        return Learned()
    insert_new(connection, attempts, [_learned_row(fresh[key]) for key in sorted(fresh)])
    ids = {one.delivery_id for one in fresh.values()}
    present = set(_present(connection, ids))
    moved = proofs(connection, ids & present)
    if moved:
        values: dict[str, Any] = {name: bindparam(f"b_{name}") for name in _columns(next(iter(moved.values())), now)}
        connection.execute(
            update(outbox).where(outbox.c.delivery_id == bindparam("b_id")).values(values),
            [{"b_id": one} | {f"b_{name}": value for name, value in _columns(proof, now).items()} for one, proof in sorted(moved.items())],
        )
        ended = [one for one in fresh.values() if one.outcome is not DeliveryOutcome.WILL_RETRY]
        recheck_ends(connection, ((one.alert_id, one.receiver) for one in ended), now=now)
    return Learned(len(fresh), max(one.attempted_at for one in fresh.values()))


def doubt(connection: Connection, ends: Mapping[tuple[str, int], int], *, made_until: datetime, now: datetime) -> None:
    """Doubt the records before these ends, by (topic, partition), that were made up to `made_until`; earlier doubts only grow."""
    before = _doubts(connection)
    rows = []
    for (topic, partition), end in ends.items():
        earlier = before.get((topic, partition), Doubt(end, made_until))
        until = {"until_offset": max(end, earlier.until_offset), "made_until": max(made_until, earlier.made_until)}
        rows.append({"topic": topic, "partition": partition, "found_at": now} | until)
    upsert(connection, doubts, rows, Kept(("until_offset",)))


def read_doubts(connection: Connection, *, hold_older_than_s: float) -> Doubts:
    """The doubts of this database: none unless it was new when it started, or older than news.deliveries."""
    return Doubts(_doubts(connection), hold_older_than_s)


def has_doubts(connection: Connection) -> bool:
    return bool(_doubts(connection))


def proofs(connection: Connection, delivery_ids: Collection[str]) -> dict[str, Proof]:
    """The proofs of those of these deliveries that have any."""
    made: dict[str, list[Delivery]] = {}
    for part in _parts(delivery_ids):
        for row in connection.execute(select(attempts).where(attempts.c.delivery_id.in_(part))):
            made.setdefault(row.delivery_id, []).append(delivery_of(row))
    return {delivery_id: proof_of(found) for delivery_id, found in made.items()}


def proven_row(row: Row, proof: Proof) -> Row:
    """The outbox row of a delivery in the state that its attempts prove."""
    now = row["created_at"]
    return row | _columns(proof, now) | {"created_at": min(proof.first_at, now)}


def insert_unproven(connection: Connection, rows: Sequence[Row]) -> int:
    """Insert new outbox rows, those with attempts in the state these prove; returns how many are new."""
    if not rows:
        return 0
    proven = proofs(connection, [row["delivery_id"] for row in rows])
    made = [proven_row(row, proven[row["delivery_id"]]) if row["delivery_id"] in proven else row for row in rows]
    return insert_new(connection, outbox, made)


def unproven_counts(connection: Connection) -> tuple[dict[str, int], datetime | None]:
    """The number of deliveries held as unproven by receiver, and since when there is doubt."""
    mine = (HELD, outbox.c.reason == DeliveryReason.UNPROVEN.value)
    counted = connection.execute(select(outbox.c.receiver, func.count()).where(*mine).group_by(outbox.c.receiver))
    counts = {receiver: count for receiver, count in counted}  # noqa: C416 - rows are not pairs to the type checker
    return counts, connection.scalar(select(func.max(doubts.c.found_at))) if counts else None


def delivery_of(row: Any) -> Delivery:
    """The record of a stored attempt."""
    return Delivery(
        delivery_id=row.delivery_id, alert_id=row.alert_id, revision=row.revision, theme_id=row.theme_id, receiver=row.receiver,
        attempt=row.attempt, outcome=DeliveryOutcome(row.outcome), reason=row.reason, status=row.status,
        attempted_at=row.attempted_at, duration_s=row.duration_s, next_attempt_at=row.next_attempt_at,
    )  # fmt: skip


def _columns(proof: Proof, now: datetime) -> dict[str, Any]:
    # A retry that was scheduled by a clock that was ahead waits its delay from now.
    next_at = proof.next_attempt_at and due_from(proof.next_attempt_at, set_at=proof.last_at, now=now)
    return {
        "state": proof.state.value, "reason": proof.reason, "attempt_count": proof.attempt_count, "schedule_start": proof.schedule_start,
        "next_attempt_at": next_at, "scheduled_at": now, "delivered_at": proof.delivered_at,
        "leased_by": None, "leased_until": None,
    }  # fmt: skip


def _learned_row(one: Delivery) -> Row:
    key = DeliveryKey(
        delivery_id=one.delivery_id, alert_id=one.alert_id, revision=one.revision, theme_id=one.theme_id, receiver=one.receiver
    )  # fmt: skip
    row = attempt_row(
        key, attempt=one.attempt, outcome=one.outcome, reason=DeliveryReason.ACCEPTED, attempted_at=one.attempted_at,
        duration_s=one.duration_s, status=one.status, next_attempt_at=one.next_attempt_at,
    )  # fmt: skip
    return row | {"reason": one.reason, "published": True}  # the word as it was written, also one of another version


def _attempts_of(connection: Connection, delivery_ids: Collection[str]) -> Iterator[tuple[str, int]]:
    for part in _parts(delivery_ids):
        for row in connection.execute(select(attempts.c.delivery_id, attempts.c.attempt).where(attempts.c.delivery_id.in_(part))):
            yield row.delivery_id, row.attempt


def _present(connection: Connection, delivery_ids: Collection[str]) -> Iterator[str]:
    for part in _parts(delivery_ids):
        yield from connection.scalars(select(outbox.c.delivery_id).where(outbox.c.delivery_id.in_(part)))


def _parts(delivery_ids: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(set(delivery_ids))
    for start in range(0, len(ordered), ASKED_AT_ONCE):
        yield ordered[start : start + ASKED_AT_ONCE]


def _doubts(connection: Connection) -> dict[tuple[str, int], Doubt]:
    return {(row.topic, row.partition): Doubt(row.until_offset, row.made_until) for row in connection.execute(select(doubts))}
