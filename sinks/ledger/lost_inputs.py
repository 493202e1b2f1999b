"""Which gaps a loss explains: inputs that left their log before the processor had answered them, and answers that the store never read.

In: the losses in the database, a table of inputs, what counts as an answer. Out: a condition. I/O: the caller's connection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, false, func, or_, select, true

from newsmon.records.resume_reasons import ResumeReason
from newsmon.topics import Topic
from sinks.database.tables import losses
from sinks.store.service import NAME as STORE

PROCESSOR = "processor"
_READ_AGAIN = (ResumeReason.LOG_REPLACED.value, ResumeReason.LOG_TRUNCATED.value)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The records of a topic as rows: the column with their time, and whether one had its answer by a moment."""

    table: Table
    made_at: Any
    answered_by: Callable[[datetime], ColumnElement[bool]]


def lost_unanswered(connection: Connection, table: Table, made_at: Any, topic: Topic, inputs: Inputs) -> ColumnElement[bool]:
    """The row's record expired before the processor read it, or was on a log that was replaced before the processor came to it.

    It came to nothing behind the last of the `inputs` in the partition that it answered: what lacks an answer before that one has lost
    it otherwise. `made_at` is the column with the row's time.
    """
    found: list[ColumnElement[bool]] = []
    begun: dict[int, datetime] = {}
    mine = losses.c.topic.endswith(topic.base_name, autoescape=True)
    for loss in connection.execute(select(losses).where(mine).order_by(losses.c.noticed_at, losses.c.partition)).all():
        here = and_(table.c.kafka_partition == loss.partition, made_at <= loss.noticed_at)
        if (loss.consumer, loss.reason) == (PROCESSOR, ResumeReason.EXPIRED.value):
            found.append(and_(here, table.c.kafka_offset >= loss.from_offset, table.c.kafka_offset < loss.to_offset))
        elif loss.consumer == STORE and loss.reason in _READ_AGAIN:
            on_it = and_(here, made_at > begun[loss.partition]) if loss.partition in begun else here
            reached = _reached(connection, inputs, loss.partition, begun.get(loss.partition), loss.noticed_at)
            begun[loss.partition] = loss.noticed_at
            if reached is not None:
                found.append(and_(on_it, table.c.kafka_offset > reached))
    return or_(false(), *found)


def _reached(connection: Connection, inputs: Inputs, partition: int, begun: datetime | None, until: datetime) -> int | None:
    """The highest offset answered on the log that was replaced at `until`."""
    rows = inputs.table.c
    query = select(func.max(rows.kafka_offset)).where(
        rows.kafka_partition == partition, inputs.made_at <= until, inputs.answered_by(until)
    )  # fmt: skip
    found: int | None = connection.scalar(query if begun is None else query.where(inputs.made_at > begun))
    return found


def lost_unread(connection: Connection, theme_id: Any, made_at: Any, topic: Topic, outputs: Table, stored_at: Any) -> ColumnElement[bool]:
    """What came of this expired before the store read it: its theme's records are in a partition that lost some unread, between the last
    one stored before and the first one after. `theme_id` and `made_at` are columns of the input, `stored_at` is one of its `outputs`.
    """
    found: list[ColumnElement[bool]] = []
    mine = and_(losses.c.topic.endswith(topic.base_name, autoescape=True), losses.c.consumer == STORE)
    expired = select(losses).where(mine, losses.c.reason == ResumeReason.EXPIRED.value)
    for loss in connection.execute(expired.order_by(losses.c.noticed_at, losses.c.partition)).all():
        here = and_(outputs.c.kafka_partition == loss.partition, stored_at <= loss.noticed_at)
        last = connection.scalar(select(func.max(stored_at)).where(here, outputs.c.kafka_offset < loss.from_offset))
        after = and_(outputs.c.kafka_partition == loss.partition, outputs.c.kafka_offset >= loss.to_offset)
        next_at = connection.scalar(select(func.min(stored_at)).where(after))
        themes = select(outputs.c.theme_id).where(outputs.c.kafka_partition == loss.partition)
        between = made_at <= (loss.noticed_at if next_at is None else next_at)
        found.append(and_(theme_id.in_(themes), between, true() if last is None else made_at >= last))
    return or_(false(), *found)
