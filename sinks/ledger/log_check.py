"""Reads the whole log and looks up every record in the database, which finds what the rows alone cannot show: rows that are missing,
and rows that say something else than their records.

In: the topics up to where they ended when the check began. Out: one ledger line per topic. I/O: Kafka, the database, in chunks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, Select, Table, and_, column, select, values

from newsmon.errors import RecordError
from newsmon.kafka.connect import open_consumer, reaching_kafka
from newsmon.kafka.reading import read_to_end
from newsmon.quarantine import Stage
from newsmon.records import Delivery
from newsmon.settings import Settings
from newsmon.topics import QUARANTINE, Topic
from sinks.consumer.kafka_record import KafkaRecord, read_record
from sinks.database.engine import reading, writing
from sinks.database.outbox_tables import attempts
from sinks.database.tables import metadata, quarantined
from sinks.ledger.balance import Line, Missing, line_of
from sinks.ledger.log_ends import LogEnds
from sinks.ledger.log_rows import Key, LogProof
from sinks.ledger.row_content import Row
from sinks.ledger.tally import NAMED_AT_MOST, Offsets
from sinks.store.quarantine_rows import quarantine_row
from sinks.store.rows import rows_of

if TYPE_CHECKING:
    from kafka import KafkaConsumer, TopicPartition

CHUNK = 500

IN_DATABASE, IN_QUARANTINE, NOT_YET_READ, TOMBSTONES = "in the database", "quarantined", "not yet read", "tombstones"


@dataclass(frozen=True, slots=True)
class Made:
    """One row as a record makes it."""

    table: Table
    key: Key
    row: Row


def check_topic(
    settings: Settings, engine: Engine, topic: Topic, ends: LogEnds, stored: Offsets, since: datetime | None, proof: LogProof
) -> Line:
    """The line of one topic: every record is in the database as it is in the log, in quarantine, or at or after `stored`, the offsets
    its sink has reached. `proof` gathers what the log proves about rows without a digest."""
    counts = dict.fromkeys((IN_DATABASE, IN_QUARANTINE, NOT_YET_READ, TOMBSTONES), 0)
    missing = Missing()
    records = read_topic(settings, topic, ends, since)
    while chunk := list(islice(records, CHUNK)):
        due = [one for one in chunk if one.offset < stored.get(one.partition, 0)]
        counts[NOT_YET_READ] += len(chunk) - len(due)
        with reading(engine) as connection:
            missing += _check_chunk(connection, settings, due, counts, proof)
        if proof.can_fill:
            with writing(engine) as connection:
                proof.write(connection)
    missing = Missing(missing.count, missing.named[:NAMED_AT_MOST])
    shown = {name: count for name, count in counts.items() if count or name not in (TOMBSTONES, IN_QUARANTINE)}
    return line_of(f"log of {topic.base_name}", "records", shown, missing, fault="missing or changed")


def _check_chunk(
    connection: Connection, settings: Settings, due: Sequence[KafkaRecord], counts: dict[str, int], proof: LogProof
) -> Missing:  # fmt: skip
    wanted: list[tuple[KafkaRecord, list[Made]]] = []
    unreadable: list[KafkaRecord] = []
    for one in due:
        try:
            rows = _rows_of(settings, one)
        except RecordError:
            unreadable.append(one)
            continue
        if one.topic.compacted and one.value is None:
            counts[TOMBSTONES] += 1
        else:
            wanted.append((one, rows))
    present = _present(connection, ((made.table, made.key) for _one, rows in wanted for made in rows))
    absent: list[tuple[KafkaRecord, list[Made]]] = []
    named: list[str] = []
    for one, rows in wanted:
        gone = [made for made in rows if (made.table.name, made.key) not in present]
        if gone:
            absent.append((one, gone))
            continue
        wrong = [proof.compare(made.table, made.key, present[made.table.name, made.key], made.row, one) for made in rows]
        if any(wrong):
            named.append("; ".join(filter(None, wrong)))
        else:
            counts[IN_DATABASE] += 1
    in_quarantine = _present(connection, ((quarantined, _quarantine_key(one)) for one in (*unreadable, *(one for one, _gone in absent))))
    for one, gone in [*((one, []) for one in unreadable), *absent]:
        if (quarantined.name, _quarantine_key(one)) in in_quarantine:
            counts[IN_QUARANTINE] += 1
        else:
            named.append(_name(one, gone))
    return Missing(len(named), tuple(named[:NAMED_AT_MOST]))


def _name(one: KafkaRecord, absent: Sequence[Made]) -> str:
    where = f"{one.topic_name}/{one.partition}/{one.offset}"
    if not absent:
        return f"{where} cannot be read, and is not in quarantine"
    rows = "; ".join(f"{made.table.name} {' '.join(map(str, made.key))}" for made in absent)
    return f"{where}: no row {rows}"


def _rows_of(settings: Settings, one: KafkaRecord) -> list[Made]:
    """The rows a record must have made, made again; RecordError when it cannot be read."""
    if one.topic is QUARANTINE:
        now = datetime.now(UTC)
        row = quarantine_row(one, topic_prefix=settings.kafka.topic_prefix, now=now)
        if row["quarantined_at"] is now:  # the message has no time: the row has that of the moment it was stored
            del row["quarantined_at"]
        return [_made(quarantined, row)]
    record = read_record(one.topic, one.value)
    if isinstance(record, Delivery):
        return [_made(attempts, {name: getattr(record, name) for name in record.__struct_fields__ if name in attempts.c})]
    if record is None:
        return []
    return [_made(metadata.tables[name], row) for name, row in rows_of(record, partition=one.partition, offset=one.offset)]


def _made(table: Table, row: dict[str, Any]) -> Made:
    return Made(table, tuple(row[column.name] for column in table.primary_key.columns), row)


def _quarantine_key(one: KafkaRecord) -> Key:
    return (Stage.STORE.value, one.topic_name, one.partition, one.offset)


def _present(connection: Connection, keys: Iterable[tuple[Table, Key]]) -> dict[tuple[str, Key], Row]:
    by_table: dict[Table, set[Key]] = defaultdict(set)
    for table, key in keys:
        by_table[table].add(key)
    found: dict[tuple[str, Key], Row] = {}
    for table, wanted in by_table.items():
        columns = [column.name for column in table.primary_key.columns]
        ordered = sorted(wanted)
        for start in range(0, len(ordered), CHUNK):
            rows: Any = connection.execute(rows_with(table, ordered[start : start + CHUNK])).mappings()
            for row in rows:
                found[table.name, tuple(row[name] for name in columns)] = row
    return found


def rows_with(table: Table, keys: Sequence[Key]) -> Select[Any]:
    """Those of the rows with these keys that are in the table, each looked up by index.

    A join with a list of keys: for `IN` with a list of tuples SQLite scans the whole table.
    """
    columns = list(table.primary_key.columns)
    wanted = values(*(column(one.name, one.type) for one in columns), name="wanted").data(list(keys)).cte("wanted")
    return select(table).select_from(wanted.join(table, and_(*(wanted.c[one.name] == one for one in columns))))


def read_topic(settings: Settings, topic: Topic, ends: LogEnds, since: datetime | None) -> Iterator[KafkaRecord]:
    """Every record of the topic up to its end in `ends`, as Kafka gives them; DependencyError when it stops giving."""
    from kafka import TopicPartition

    name = topic.named(settings.kafka.topic_prefix)
    beginnings = ends.beginnings[topic]
    until = {TopicPartition(name, number): end for number, end in ends.ends[topic].items() if end > beginnings.get(number, 0)}
    if not until:
        return
    consumer = open_consumer(settings, client_id="newsmon-verify", group=None)
    try:
        with reaching_kafka(settings):
            starts = None if since is None else _offsets_at(consumer, until, since)
            for raw in read_to_end(consumer, until, starts=starts, ends=until):
                yield KafkaRecord(topic, name, raw.partition, raw.offset, raw.key, raw.value, tuple(raw.headers))
    finally:
        consumer.close()


def _offsets_at(consumer: KafkaConsumer, until: Mapping[TopicPartition, int], since: datetime) -> dict[TopicPartition, int]:
    first_ms = int(since.timestamp() * 1000)
    found = consumer.offsets_for_times(dict.fromkeys(until, first_ms))
    return {partition: until[partition] if at is None else at.offset for partition, at in found.items()}
