"""Stores a batch of records with their offsets in one transaction, and quarantines those that cannot be read or stored.

A record is stored exactly when the offset behind it is: both are in the same transaction.

- A record that cannot be read goes to the quarantine topic, acknowledged, before the transaction that moves past it.
- When the database refuses a value in a batch, each record is tried alone, and only the bad ones are quarantined.

In: a Batch. Out: rows, by the sink's handler. I/O: the database, the quarantine topic.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine

from newsmon.errors import PublishError, RecordError, RefusedError
from newsmon.metrics import SINK_BATCH_DURATION, SINK_ERRORS, SINK_ROWS
from newsmon.quarantine import Stage
from sinks.consumer.assignment import Position
from sinks.consumer.kafka_record import KafkaRecord, read_record, to_quarantine
from sinks.consumer.quarantine_writer import QuarantineWriter
from sinks.database.engine import writing
from sinks.database.faults import DATABASE_ERRORS, SinkFault, fault_of
from sinks.database.offsets import Advance, FencedError, advance_offsets

if TYPE_CHECKING:
    from kafka import TopicPartition

# Writes the batch on the connection and returns how many rows that made. It must do nothing else: it may be called
# again with the same records, and what it wrote may be rolled back.
Handler = Callable[[Connection, Sequence[KafkaRecord]], int]


class BatchFailed(Exception):
    """Nothing of the batch was stored and nothing is skipped; try again later."""

    def __init__(self, fault: SinkFault, detail: str) -> None:
        self.fault = fault
        self.detail = detail
        super().__init__(f"{fault}: {detail}")


@dataclass(frozen=True, slots=True)
class Move:
    """From a position to the offset after the last record of a batch, which was written under `leader_epoch`."""

    position: Position
    next_offset: int
    leader_epoch: int | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Records in order, and for each partition the move that they make."""

    records: tuple[KafkaRecord, ...]
    moves: dict[TopicPartition, Move]


class BatchWriter:
    """Stores the batches of one sink; `beat` is called while records are tried one by one, which may take long."""

    def __init__(
        self, engine: Engine, handler: Handler, quarantine: QuarantineWriter, *, name: str, stage: Stage, worker: str,
        beat: Callable[[], None],
    ) -> None:  # fmt: skip
        self._engine = engine
        self._handler = handler
        self._quarantine_writer = quarantine
        self._name = name
        self._stage = stage
        self._worker = worker
        self._beat = beat

    def store(self, batch: Batch) -> None:
        """Store the batch; BatchFailed when that has to wait, RefusedError when it can never work."""
        good: list[KafkaRecord] = []
        bad: list[tuple[KafkaRecord, BaseException]] = []
        for received in batch.records:
            try:
                good.append(replace(received, record=read_record(received.topic, received.value)))
            except RecordError as error:
                bad.append((received, error))
        self._quarantine(bad)
        while not self._stored(batch, good):
            refused = self._refused(good)
            if not refused:  # each alone was accepted: the cause has gone
                raise BatchFailed(SinkFault.DATA, "the database refused the batch but none of its records alone")
            self._quarantine(refused)
            gone = {id(received) for received, _error in refused}
            good = [received for received in good if id(received) not in gone]

    def _stored(self, batch: Batch, good: Sequence[KafkaRecord]) -> bool:
        """Store the records and the offsets. False: a value was refused and nothing is stored."""
        moves = [
            Advance(partition.topic, partition.partition, move.position.stored, move.next_offset, move.position.log_id, move.leader_epoch)
            for partition, move in batch.moves.items()
        ]
        started = time.monotonic()
        try:
            with writing(self._engine) as connection:
                advance_offsets(connection, self._name, moves, now=datetime.now(UTC))
                row_count = self._handler(connection, good) if good else 0
        except FencedError as error:
            raise BatchFailed(SinkFault.FENCED, str(error)) from error
        except DATABASE_ERRORS as error:
            if fault_of(error) is SinkFault.DATA:
                SINK_ERRORS.labels(self._name, SinkFault.DATA.value).inc()
                return False
            raise failure_of(error) from error
        SINK_BATCH_DURATION.labels(self._name).observe(time.monotonic() - started)
        SINK_ROWS.labels(self._name).inc(row_count)
        return True

    def _refused(self, records: Sequence[KafkaRecord]) -> list[tuple[KafkaRecord, BaseException]]:
        """Try each record alone, roll everything back, and return the records the database refuses."""
        refused: list[tuple[KafkaRecord, BaseException]] = []
        try:
            with self._engine.connect() as connection, connection.begin() as outer:
                for received in records:
                    self._beat()
                    try:
                        with connection.begin_nested():
                            self._handler(connection, [received])
                    except DATABASE_ERRORS as error:
                        if fault_of(error) is not SinkFault.DATA:
                            raise
                        refused.append((received, error))
                outer.rollback()
        except DATABASE_ERRORS as error:
            raise failure_of(error) from error
        return refused

    def _quarantine(self, bad: Sequence[tuple[KafkaRecord, BaseException]]) -> None:
        if not bad:
            return
        now = datetime.now(UTC)
        try:
            self._quarantine_writer.put(
                [to_quarantine(received, error, stage=self._stage, worker=self._worker, now=now) for received, error in bad]
            )
        except PublishError as error:
            raise BatchFailed(SinkFault.QUARANTINE, str(error)) from error


def failure_of(error: BaseException) -> BatchFailed:
    """The BatchFailed of one of DATABASE_ERRORS; raises RefusedError when only an operator can help."""
    fault = fault_of(error)
    detail = str(getattr(error, "orig", None) or error).strip()
    if fault is SinkFault.SCHEMA:
        raise RefusedError("database", f"its tables do not match this version of newsmon: {detail}") from error
    return BatchFailed(fault, detail)
