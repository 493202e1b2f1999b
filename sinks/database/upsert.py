"""Portable idempotent writes: INSERT ... ON CONFLICT DO UPDATE [WHERE it wins], each key once and in key order.

The same key twice in one statement is an error on PostgreSQL, and two writers that take the same rows in different
orders deadlock: so a batch is folded to one row per key, by the rule the database applies, and sorted by key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, tuple_
from sqlalchemy.dialects import postgresql, sqlite

Row = Mapping[str, Any]
Order = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """Which of two rows with one key stays: the one with the greatest (or least) `by`; of equals the later one.

    Without `by` the later one always wins. Columns named must not be null.
    """

    by: tuple[str, ...] = ()
    least: bool = False

    def replaces(self, present: Row, arriving: Row) -> bool:
        """Whether the arriving row takes the present one's place: what the statement's WHERE says, for rows in memory."""
        old, new = self._order(present), self._order(arriving)
        return new <= old if self.least else new >= old

    def _order(self, row: Row) -> Order:
        return tuple(row[name] for name in self.by)


def one_per_key(rows: Iterable[Row], key: Sequence[str], kept: Kept) -> list[Row]:
    """The rows that stay, one per key, sorted by key."""
    chosen: dict[Order, Row] = {}
    for row in rows:
        identity = tuple(row[name] for name in key)
        present = chosen.get(identity)
        if present is None or kept.replaces(present, row):
            chosen[identity] = row
    return [chosen[identity] for identity in sorted(chosen)]


def upsert(connection: Connection, table: Table, rows: Iterable[Row], kept: Kept = Kept()) -> int:
    """Write the rows, each with the same columns; returns how many keys were sent. Repeating it changes nothing."""
    key = [column.name for column in table.primary_key.columns]
    batch = one_per_key(rows, key, kept)
    if not batch:
        return 0
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(table)
    updated = {name: insert.excluded[name] for name in batch[0] if name not in key}
    if updated:
        statement = insert.on_conflict_do_update(index_elements=key, set_=updated, where=_wins(table, insert.excluded, kept))
    else:
        statement = insert.on_conflict_do_nothing(index_elements=key)
    connection.execute(statement, [dict(row) for row in batch])
    return len(batch)


def _wins(table: Table, excluded: Any, kept: Kept) -> ColumnElement[bool] | None:
    if not kept.by:
        return None
    present = tuple_(*(table.c[name] for name in kept.by))
    arriving = tuple_(*(excluded[name] for name in kept.by))
    return arriving <= present if kept.least else arriving >= present
