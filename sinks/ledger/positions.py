"""The ledger's lines about positions: each belongs to the log it names and lies within it, and what a log lost is seen by a person.

In: the positions and losses in the database, what the log holds. Out: lines. A position beyond the end of its log, of a topic that is gone
or of another log means that records are missing which no row can show.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from newsmon.kafka.positions.identity import same_log
from newsmon.kafka.positions.resume import StoredPosition
from newsmon.records.resume_reasons import ResumeReason
from sinks.database.losses import read_losses
from sinks.database.offsets import read_positions
from sinks.database.tables import consumed_offsets
from sinks.ledger.balance import Line, Missing
from sinks.ledger.log_ends import LogEnds
from sinks.ledger.tally import NAMED_AT_MOST

Place = tuple[str, str, int]  # consumer, topic, partition
Positions = Mapping[Place, StoredPosition]

INTACT = "in their log"
UNKNOWN = "an unknown number of"


def all_positions(connection: Connection) -> Positions:
    """The positions of all readers whose positions are in the database."""
    consumers = connection.scalars(select(consumed_offsets.c.consumer).distinct()).all()
    return {
        (consumer, topic, partition): position
        for consumer in sorted(consumers)
        for (topic, partition), position in read_positions(connection, consumer).items()
    }


def positions_line(positions: Positions, ends: LogEnds | None) -> Line:
    """Every position is as newsmon wrote it and, where the log was read, lies in the log that it belongs to.

    `positions` are those read before the log, so that a store at work is never beyond an end.
    """
    wrong = [named for place, position in sorted(positions.items()) if (named := _wrong(place, position, ends)) is not None]
    missing = Missing(len(wrong), tuple(wrong[:NAMED_AT_MOST]))
    return Line("positions", "positions", len(positions), {INTACT: len(positions) - len(wrong)}, missing)


def _wrong(place: Place, position: StoredPosition, ends: LogEnds | None) -> str | None:
    consumer, topic, partition = place
    name = f"{consumer} at {topic}/{partition}/{position.next_offset}"
    if not position.is_intact:
        return f"{name}: the position was changed from outside"
    if ends is None:
        return None
    if topic not in ends.log_ids:
        return f"{name}: the topic does not exist" if topic in ends.known_topics else None
    if not same_log(position.log_id, ends.log_ids[topic]):
        return f"{name}: the topic was created again; the position belongs to {position.log_id}, and {ends.log_ids[topic]} is there now"
    begin, end = ends.bounds(topic, partition)
    if end is not None and position.next_offset > end:
        return f"{name}: beyond the end of the log at {end}"
    if begin is not None and position.next_offset < begin:
        return f"{name}: the log begins at {begin}; {begin - position.next_offset:,} records were lost unread"
    return None


def losses_line(connection: Connection) -> Line:
    """What logs lost, by partition and reason; until somebody acknowledges it, it is missing."""
    found = read_losses(connection)
    still_open = [row for row in found if row.acknowledged_at is None]
    seen = Counter(str(row.reason) for row in found if row.acknowledged_at is not None)
    named = tuple(_loss_name(row) for row in still_open[:NAMED_AT_MOST])
    known = sum(int(row.lost_count or 0) for row in found)
    note = f"{known:,} records known to be lost" if found else ""
    return Line("losses", "partitions with losses", len(found), dict(sorted(seen.items())), Missing(len(still_open), named), note=note)


def written_line(connection: Connection, positions: Positions, ends: LogEnds, consumer: str, topics: Sequence[str]) -> Line:
    """Records written = read + lost unread + not yet read, over the topics of one reader."""
    lost = Counter[tuple[str, int]]()
    for row in read_losses(connection):
        if row.consumer == consumer and row.reason == ResumeReason.EXPIRED.value and same_log(row.log_id, ends.log_ids.get(row.topic)):
            lost[row.topic, row.partition] += int(row.lost_count or 0)
    parts = {"read": 0, "lost unread": 0, "not yet read": 0}
    total = 0
    for topic in topics:
        for partition, end in ends.ends_of(topic).items():
            position = positions.get((consumer, topic, partition))
            reached = min(end, position.next_offset) if position and same_log(position.log_id, ends.log_ids.get(topic)) else 0
            unread = min(reached, lost[topic, partition])
            total += end
            parts["read"] += reached - unread
            parts["lost unread"] += unread
            parts["not yet read"] += end - reached
    return Line("written", "offsets in the log", total, parts)


def _loss_name(row: Row[Any]) -> str:
    count = UNKNOWN if row.lost_count is None else f"{row.lost_count:,}"
    return f"{row.topic}/{row.partition} {row.reason}: {count} records ({row.consumer}, since {row.noticed_at:%Y-%m-%d %H:%M}Z)"
