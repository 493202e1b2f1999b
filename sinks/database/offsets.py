"""The offsets in the database: read when a partition arrives, moved in the transaction that stores what was read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from sinks.database.tables import consumed_offsets


class FencedError(Exception):
    """Another instance moved an offset we hold: roll back, read the offsets again. Nothing is lost, it stored the records."""

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
    """The next offset to read by (topic, partition), for the partitions ever stored."""
    rows = connection.execute(
        select(consumed_offsets.c.topic, consumed_offsets.c.partition, consumed_offsets.c.next_offset).where(
            consumed_offsets.c.consumer == consumer
        )
    )
    return {(topic, partition): next_offset for topic, partition, next_offset in rows}


def advance_offsets(connection: Connection, consumer: str, moves: Iterable[Advance], *, now: datetime) -> None:
    """Move the offsets, first thing in a transaction, so that a late twin waits here and then finds itself fenced."""
    for move in sorted(moves, key=lambda move: (move.topic, move.partition)):
        if not _moved(connection, consumer, move, now):
            raise FencedError(move.topic, move.partition, move.expected)


def _moved(connection: Connection, consumer: str, move: Advance, now: datetime) -> bool:
    key = {"consumer": consumer, "topic": move.topic, "partition": move.partition}
    if move.expected is None:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        inserted = dialect.insert(consumed_offsets).values(**key, next_offset=move.next_offset, updated_at=now).on_conflict_do_nothing()
        # Drivers count the rows of an UPDATE by themselves, those of an INSERT only when asked.
        return connection.execute(inserted, execution_options={"preserve_rowcount": True}).rowcount == 1
    moved = (
        update(consumed_offsets)
        .where(*(consumed_offsets.c[name] == value for name, value in key.items()), consumed_offsets.c.next_offset == move.expected)
        .values(next_offset=move.next_offset, updated_at=now)
    )
    return connection.execute(moved).rowcount == 1
