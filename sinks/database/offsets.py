"""The positions in the database: read when a partition is assigned, moved in the transaction that stores what was read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from newsmon.kafka.positions.resume import StoredPosition
from sinks.database.tables import consumed_offsets
from sinks.database.upsert import insert_new


class FencedError(Exception):
    """Another instance moved an offset we hold: roll back and read the offsets again. Nothing is lost: it stored the records."""

    def __init__(self, topic: str, partition: int, expected: int | None) -> None:
        super().__init__(f"{topic}/{partition}: the stored offset is no longer {expected}")


@dataclass(frozen=True, slots=True, order=True)
class Advance:
    """Move one partition's offset from what we believe it is (None: no row yet) to the next record to read, in the log it belongs to."""

    topic: str
    partition: int
    expected: int | None
    next_offset: int
    log_id: str | None = None
    leader_epoch: int | None = None


def read_positions(connection: Connection, consumer: str) -> dict[tuple[str, int], StoredPosition]:
    """The position by (topic, partition), for every partition ever read."""
    rows = connection.execute(select(consumed_offsets).where(consumed_offsets.c.consumer == consumer))
    return {
        (row.topic, row.partition): StoredPosition(
            row.next_offset, row.log_id, row.leader_epoch,
            is_intact=(row.position_digest is None and row.log_id is None)
            or row.position_digest == position_digest(consumer, row.topic, row.partition, row.next_offset, row.log_id, row.leader_epoch),
        )
        for row in rows
    }  # fmt: skip


def read_offsets(connection: Connection, consumer: str) -> dict[tuple[str, int], int]:
    """The next offset to read, by (topic, partition), for every partition ever read."""
    return {place: position.next_offset for place, position in read_positions(connection, consumer).items()}


def position_digest(consumer: str, topic: str, partition: int, next_offset: int, log_id: str | None, leader_epoch: int | None) -> str:
    """A digest of everything in a position; it shows a change by hand, which does not renew it."""
    said = "\n".join(map(str, (consumer, topic, partition, next_offset, log_id, leader_epoch)))
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def advance_offsets(connection: Connection, consumer: str, moves: Iterable[Advance], *, now: datetime) -> None:
    """Move the offsets, as the first statement of a transaction, so that a second instance waits here and is then fenced."""
    for move in sorted(moves, key=lambda move: (move.topic, move.partition)):
        if not _moved(connection, consumer, move, now):
            raise FencedError(move.topic, move.partition, move.expected)


def _moved(connection: Connection, consumer: str, move: Advance, now: datetime) -> bool:
    key = {"consumer": consumer, "topic": move.topic, "partition": move.partition}
    written = {
        "next_offset": move.next_offset, "log_id": move.log_id, "leader_epoch": move.leader_epoch, "updated_at": now,
        "position_digest": position_digest(consumer, move.topic, move.partition, move.next_offset, move.log_id, move.leader_epoch),
    }  # fmt: skip
    if move.expected is None:
        return insert_new(connection, consumed_offsets, [key | written]) == 1
    moved = (
        update(consumed_offsets)
        .where(*(consumed_offsets.c[name] == value for name, value in key.items()), consumed_offsets.c.next_offset == move.expected)
        .values(written)
    )
    return connection.execute(moved).rowcount == 1
