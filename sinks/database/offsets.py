"""The offsets in the database: read when a partition is assigned, moved in the transaction that stores what was read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from sinks.database.tables import consumed_offsets
from sinks.database.upsert import insert_new


class FencedError(Exception):
    """Another instance moved an offset we hold: roll back and read the offsets again. Nothing is lost: it stored the records."""

    def __init__(self, topic: str, partition: int, expected: int | None) -> None:
        super().__init__(f"{topic}/{partition}: the stored offset is no longer {expected}")


@dataclass(frozen=True, slots=True, order=True)
class Advance:
    """Move one partition's offset from what we believe it is (None: no row yet) to the next record to read."""

    topic: str
    partition: int
    expected: int | None
    next_offset: int


def read_offsets(connection: Connection, consumer: str) -> dict[tuple[str, int], int]:
    """The next offset to read, by (topic, partition), for every partition ever read."""
    rows = connection.execute(
        select(consumed_offsets.c.topic, consumed_offsets.c.partition, consumed_offsets.c.next_offset).where(
            consumed_offsets.c.consumer == consumer
        )
    )
    return {(topic, partition): next_offset for topic, partition, next_offset in rows}


def advance_offsets(connection: Connection, consumer: str, moves: Iterable[Advance], *, now: datetime) -> None:
    """Move the offsets, as the first statement of a transaction, so that a second instance waits here and is then fenced."""
    for move in sorted(moves, key=lambda move: (move.topic, move.partition)):
        if not _moved(connection, consumer, move, now):
            raise FencedError(move.topic, move.partition, move.expected)


def _moved(connection: Connection, consumer: str, move: Advance, now: datetime) -> bool:
    key = {"consumer": consumer, "topic": move.topic, "partition": move.partition}
    if move.expected is None:
        return insert_new(connection, consumed_offsets, [key | {"next_offset": move.next_offset, "updated_at": now}]) == 1
    moved = (
        update(consumed_offsets)
        .where(*(consumed_offsets.c[name] == value for name, value in key.items()), consumed_offsets.c.next_offset == move.expected)
        .values(next_offset=move.next_offset, updated_at=now)
    )
    return connection.execute(moved).rowcount == 1
