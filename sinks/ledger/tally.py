"""Counts in SQL: each row of a table falls into the first state that holds for it, or is missing and named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Table, and_, case, false, func, literal, or_, select, true

from newsmon.topics import Topic
from sinks.ledger.balance import Missing

NAMED_AT_MOST = 20
MISSING = "missing"

Offsets = Mapping[int, int]  # partition -> the offset up to which (not including it) everything counts


@dataclass(frozen=True, slots=True)
class Horizon:
    """The offsets up to which the rows must be complete: only records before these offsets must have reached the next step.

    Records after a limit are under way, not missing. None means that no limit is known and everything must be there.
    """

    since: datetime | None = None
    ends: Mapping[Topic, Offsets] | None = None  # the ends of the topics when the check began; the store stage has read up to there
    processed: Mapping[Topic, Offsets] | None = None  # what the processor had committed when the check began

    def before_end(self, table: Table, topic: Topic) -> ColumnElement[bool]:
        """The row's record was in the log when the check began."""
        return _before(table, None if self.ends is None else self.ends.get(topic, {}))

    def processed_before(self, table: Table, topic: Topic) -> ColumnElement[bool]:
        """The processor had finished the row's record when the check began: everything it made of it is in the log."""
        return _before(table, None if self.processed is None else self.processed.get(topic, {}))

    def recent(self, column: Any) -> ColumnElement[bool]:
        """The row's time is within the period checked."""
        return true() if self.since is None else column >= self.since


def _before(table: Table, offsets: Offsets | None) -> ColumnElement[bool]:
    if offsets is None:
        return true()
    parts = (and_(table.c.kafka_partition == partition, table.c.kafka_offset < offset) for partition, offset in sorted(offsets.items()))
    return or_(false(), *parts)


def before_offsets(table: Table, offsets: Offsets) -> ColumnElement[bool]:
    """The row's record is before these offsets; false for partitions without one."""
    return _before(table, offsets)


def tally(
    connection: Connection,
    source: FromClause,
    states: Sequence[tuple[str, ColumnElement[bool]]],
    *,
    where: ColumnElement[bool],
    named: Sequence[Any],
    name_format: str,
) -> tuple[dict[str, int], Missing]:
    """Count the rows by the first state that holds; rows in no state are missing, and named by `name_format` over `named`."""
    state = case(*((condition, literal(name)) for name, condition in states), else_=literal(MISSING)).label("state")
    counts = dict.fromkeys((name for name, _condition in states), 0)
    missing_count = 0
    for name, count in connection.execute(select(state, func.count()).select_from(source).where(where).group_by(state)):
        if name == MISSING:
            missing_count = count
        else:
            counts[name] = count
    if not missing_count:
        return counts, Missing()
    rows = connection.execute(select(*named).select_from(source).where(where, state == MISSING).order_by(*named).limit(NAMED_AT_MOST))
    return counts, Missing(missing_count, tuple(name_format.format(*row) for row in rows))
