"""Idempotent writes: `insert_new` keeps a row that is already there, `upsert` keeps the better of the two.

PostgreSQL refuses the same key twice in one upsert, and two writers that take the same rows in different orders deadlock. So
`upsert` folds a batch to one row per key, by the same rule the database applies, and sorts it by key. Both write a row's digest with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, tuple_

from sinks.database.dialects import insert_into
from sinks.database.digests import digested

Row = Mapping[str, Any]
Order = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """The rule for two rows with the same key: the one with the greatest (or least) `by` stays; of equals, the later one.

    Without `by` the later one always stays. The columns named must not be null.
    """

    by: tuple[str, ...] = ()
    least: bool = False

    def replaces(self, present: Row, arriving: Row) -> bool:
        """True when the arriving row replaces the present one: the statement's WHERE, for rows in memory."""
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


def insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> int:
    """Insert the rows whose key is not there yet; returns how many that were. The rows that are there stay as they are."""
    if not rows:
        return 0
    statement = insert_into(connection, table).on_conflict_do_nothing()
    # Drivers count the rows of an UPDATE by themselves, those of an INSERT only when asked.
    done = connection.execute(statement, digested(table, rows), execution_options={"preserve_rowcount": True})
    return done.rowcount


def upsert(connection: Connection, table: Table, rows: Iterable[Row], kept: Kept = Kept()) -> int:
    """Write the rows, each with the same columns; returns how many keys were sent. Repeating it changes nothing."""
    key = [column.name for column in table.primary_key.columns]
    batch = digested(table, one_per_key(rows, key, kept))
    if not batch:
        return 0
    insert = insert_into(connection, table)
    updated = {name: insert.excluded[name] for name in batch[0] if name not in key}
    if not updated:
        insert_new(connection, table, batch)
        return len(batch)
    statement = insert.on_conflict_do_update(index_elements=key, set_=updated, where=_wins(table, insert.excluded, kept))
    connection.execute(statement, batch)
    return len(batch)


def _wins(table: Table, excluded: Any, kept: Kept) -> ColumnElement[bool] | None:
    if not kept.by:
        return None
    present = tuple_(*(table.c[name] for name in kept.by))
    arriving = tuple_(*(excluded[name] for name in kept.by))
    return arriving <= present if kept.least else arriving >= present
