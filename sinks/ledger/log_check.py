"""Reads the whole log and looks up every record in the database, which finds what the rows alone cannot show.

In: the topics up to where they ended when the check began. Out: one ledger line per topic. I/O: Kafka, the database, in chunks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from sinks.database.engine import reading
from sinks.database.outbox_tables import attempts
from sinks.database.tables import metadata, quarantined
from sinks.ledger.balance import Line, Missing, line_of
from sinks.ledger.log_ends import LogEnds
from sinks.ledger.tally import NAMED_AT_MOST, Offsets
from sinks.store.quarantine_rows import quarantine_row
from sinks.store.rows import rows_of

if TYPE_CHECKING:
    from kafka import KafkaConsumer, TopicPartition

CHUNK = 500

Key = tuple[Any, ...]
IN_DATABASE, IN_QUARANTINE, NOT_YET_READ, TOMBSTONES = "in the database", "quarantined", "not yet read", "tombstones"


def check_topic(settings: Settings, engine: Engine, topic: Topic, ends: LogEnds, stored: Offsets, since: datetime | None) -> Line:
    """The line of one topic: every record is in the database, in quarantine, or at or after `stored`, the offsets its sink has reached."""
    counts = dict.fromkeys((IN_DATABASE, IN_QUARANTINE, NOT_YET_READ, TOMBSTONES), 0)
    missing = Missing()
    records = read_topic(settings, topic, ends, since)
    while chunk := list(islice(records, CHUNK)):
        due = [one for one in chunk if one.offset < stored.get(one.partition, 0)]
        counts[NOT_YET_READ] += len(chunk) - len(due)
        with reading(engine) as connection:
            missing += _check_chunk(connection, settings, due, counts)
    missing = Missing(missing.count, missing.named[:NAMED_AT_MOST])
    shown = {name: count for name, count in counts.items() if count or name not in (TOMBSTONES, IN_QUARANTINE)}
    return line_of(f"log of {topic.base_name}", "records", shown, missing)


def _check_chunk(connection: Connection, settings: Settings, due: Sequence[KafkaRecord], counts: dict[str, int]) -> Missing:
    wanted: list[tuple[KafkaRecord, list[tuple[Table, Key]]]] = []
    unreadable: list[KafkaRecord] = []
    for one in due:
        try:
            keys = _keys_of(settings, one)
        except RecordError:
            unreadable.append(one)
            continue
        if one.topic.compacted and one.value is None:
            counts[TOMBSTONES] += 1
        else:
            wanted.append((one, keys))
    present = _present(connection, (key for _one, keys in wanted for key in keys))
    absent = [(one, keys) for one, keys in wanted if not present.issuperset((table.name, key) for table, key in keys)]
    counts[IN_DATABASE] += len(wanted) - len(absent)
    in_quarantine = _present(connection, ((quarantined, _quarantine_key(one)) for one in (*unreadable, *(one for one, _keys in absent))))
    named = []
    for one, keys in [*((one, []) for one in unreadable), *absent]:
        if (quarantined.name, _quarantine_key(one)) in in_quarantine:
            counts[IN_QUARANTINE] += 1
        else:
            named.append(_name(one, [(table, key) for table, key in keys if (table.name, key) not in present]))
    return Missing(len(named), tuple(named[:NAMED_AT_MOST]))


def _name(one: KafkaRecord, absent: Sequence[tuple[Table, Key]]) -> str:
    where = f"{one.topic_name}/{one.partition}/{one.offset}"
    if not absent:
        return f"{where} cannot be read, and is not in quarantine"
    rows = "; ".join(f"{table.name} {' '.join(map(str, key))}" for table, key in absent)
    return f"{where}: no row {rows}"


def _keys_of(settings: Settings, one: KafkaRecord) -> list[tuple[Table, Key]]:
    """The keys of the rows a record must have made; RecordError when it cannot be read."""
    if one.topic is QUARANTINE:
        row = quarantine_row(one, topic_prefix=settings.kafka.topic_prefix, now=datetime.now(UTC))
        return [(quarantined, _key_in(quarantined, row))]
    record = read_record(one.topic, one.value)
    if isinstance(record, Delivery):
        return [(attempts, (record.delivery_id, record.attempt))]
    if record is None:
        return []
    rows = rows_of(record, partition=one.partition, offset=one.offset)
    return [(metadata.tables[name], _key_in(metadata.tables[name], row)) for name, row in rows]


def _key_in(table: Table, row: dict[str, Any]) -> Key:
    return tuple(row[column.name] for column in table.primary_key.columns)


def _quarantine_key(one: KafkaRecord) -> Key:
    return (Stage.STORE.value, one.topic_name, one.partition, one.offset)


def _present(connection: Connection, keys: Iterable[tuple[Table, Key]]) -> set[tuple[str, Key]]:
    by_table: dict[Table, set[Key]] = defaultdict(set)
    for table, key in keys:
        by_table[table].add(key)
    found: set[tuple[str, Key]] = set()
    for table, wanted in by_table.items():
        ordered = sorted(wanted)
        for start in range(0, len(ordered), CHUNK):
            rows = connection.execute(rows_with(table, ordered[start : start + CHUNK]))
            found.update((table.name, tuple(row)) for row in rows)
    return found


def rows_with(table: Table, keys: Sequence[Key]) -> Select[Any]:
    """Those of the keys that are in the table, each looked up by index.

    A join with a list of keys: for `IN` with a list of tuples SQLite scans the whole table.
    """
    columns = list(table.primary_key.columns)
    wanted = values(*(column(one.name, one.type) for one in columns), name="wanted").data(list(keys)).cte("wanted")
    return select(*columns).select_from(wanted.join(table, and_(*(wanted.c[one.name] == one for one in columns))))


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
