"""Compares the records of the log with the rows they made.

In: rows made of records, the rows of the database with the same keys. Out: which rows do not say what their records say, by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, bindparam, update

from sinks.consumer.kafka_record import KafkaRecord
from sinks.database.columns import DIGEST
from sinks.database.digests import digest_of
from sinks.database.outbox_tables import attempts
from sinks.database.tables import metadata, undigested
from sinks.ledger.row_content import Digest, Row, differences, digest_state, outranks
from sinks.store.service import KEPT

Key = tuple[Any, ...]

# Tables without the partition and offset of their record: a row is of a record when they agree in these columns.
_SAME_RECORD: Mapping[str, tuple[str, ...]] = {
    "revisions": ("feed_id", "poll_seq", "first_seen_at"),
    "articles": ("feed_id", "first_seen_at", "revision", "revision_id"),
    "classified_themes": ("classified_at",),
}


@dataclass
class LogProof:
    """What the log proved about the rows it was compared with. `fill`: give digests to rows without one that say what the log says.

    `replaced`: topics (full names) that had another log before. Its records stood at the same places, and their rows may have stayed.
    """

    fill: bool = False
    replaced: Collection[str] = ()
    proven: Counter[str] = field(default_factory=Counter)  # rows without a digest that the log proves, by table
    filled: Counter[str] = field(default_factory=Counter)
    _counted: set[int] = field(default_factory=set)
    _to_fill: dict[str, dict[Key, bytes]] = field(default_factory=dict)

    def compare(self, table: Table, key: Key, stored: Row, made: Row, one: KafkaRecord) -> str | None:
        """What is wrong with the stored row, given the row that the record makes now; None when nothing is."""
        where = f"{one.topic_name}/{one.partition}/{one.offset}"
        name = f"{table.name} {' '.join(map(str, key))}"
        if table is attempts:  # a lost database may have numbered its attempts anew: then an intact row is of another attempt
            changed = differences(table, stored, made)
            if not changed or digest_state(table, stored) is Digest.SAME:
                return None
            return f"{where}: {name} differs in {', '.join(changed)}"
        if self._is_of(table, stored, made):
            changed = differences(table, stored, made)
            if not changed:
                if stored[DIGEST] is None:
                    self._proved(table, key, stored)
                return None
            if one.topic_name not in self.replaced or digest_state(table, stored) is not Digest.SAME:
                return f"{where}: {name} differs in {', '.join(changed)}"
            # An intact row of the log before: like any other row of another record, it must only not be the older of the two.
        if outranks(table, KEPT[table.name][1], stored, made):
            return f"{where}: {name} is older than this record"
        return None

    def _is_of(self, table: Table, stored: Row, made: Row) -> bool:
        columns = _SAME_RECORD.get(table.name, ("kafka_partition", "kafka_offset"))
        return all(stored[column] == made[column] for column in columns)

    def _proved(self, table: Table, key: Key, stored: Row) -> None:
        mark = hash((table.name, key))
        if mark not in self._counted:
            self._counted.add(mark)
            self.proven[table.name] += 1
            if self.fill:
                self._to_fill.setdefault(table.name, {})[key] = digest_of(table, stored)

    @property
    def can_fill(self) -> bool:
        return bool(self._to_fill)

    def write(self, connection: Connection) -> None:
        """Write the digests found since the last time. A row that was replaced meanwhile has its own digest and keeps it."""
        for name, found in self._to_fill.items():
            table = metadata.tables[name]
            columns = list(table.primary_key.columns)
            mine = [column == bindparam(f"k_{column.name}") for column in columns]
            statement = update(table).where(*mine, table.c.digest.is_(None)).values(digest=bindparam("b_digest"))
            count = 0
            for key, digest in sorted(found.items()):
                values = {f"k_{column.name}": part for column, part in zip(columns, key, strict=True)}
                count += connection.execute(statement, values | {"b_digest": digest}).rowcount
            self.filled[name] += count
            fewer = update(undigested).where(undigested.c.table_name == name)
            connection.execute(fewer.values(row_count=undigested.c.row_count - count))
        self._to_fill.clear()
