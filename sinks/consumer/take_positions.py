"""Takes up the partitions that have no position: decides where each resumes, stores what that changes, says it, and reads on.

In: an assignment, the stored positions. Out: positions; rows of losses, in the transaction that moves the positions past them.
I/O: Kafka, the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from newsmon.kafka.positions.resume import TROUBLE, Resume, ResumeReason
from newsmon.logs import get_logger
from newsmon.metrics import LOG_LOSSES, RECORDS_LOST, SINK_ERRORS
from sinks.consumer.assignment import Assignment
from sinks.consumer.batch import BatchFailed, failure_of
from sinks.database.engine import reading, writing
from sinks.database.faults import DATABASE_ERRORS, SinkFault
from sinks.database.losses import Loss, add_losses
from sinks.database.offsets import Advance, FencedError, advance_offsets, read_positions

if TYPE_CHECKING:
    from kafka import TopicPartition

log = get_logger(__name__)


def take_positions(engine: Engine, assignment: Assignment, *, consumer: str) -> bool:
    """Give every assigned partition its position; True when none is without one. BatchFailed when Kafka or the database is away."""
    from kafka.errors import KafkaError

    try:
        with reading(engine) as connection:
            stored = read_positions(connection, consumer)
    except DATABASE_ERRORS as error:
        raise failure_of(error) from error
    try:
        resumes = assignment.resumes(stored)
    except (KafkaError, OSError) as error:
        raise BatchFailed(SinkFault.KAFKA, f"{type(error).__name__}: {error}") from error
    _store(engine, resumes, consumer=consumer)
    assignment.set_positions(resumes)
    if resumes:
        adopted = sum(resume.reason is ResumeReason.ADOPTED for resume in resumes.values())
        log.info("offsets.resumed", partition_count=len(resumes), adopted_count=adopted)
    for partition, resume in resumes.items():
        if resume.is_trouble:
            _tell(partition, resume, consumer)
    return not assignment.without_position()


def announce_losses(consumer: str) -> None:
    """Export the counters of losses from the start, so that the first loss is an increase."""
    RECORDS_LOST.labels(consumer)
    for reason in TROUBLE:
        LOG_LOSSES.labels(consumer, reason.value)


def _store(engine: Engine, resumes: Mapping[TopicPartition, Resume], *, consumer: str) -> None:
    """Move the positions that are not where we read on, with what that loses, in one transaction."""
    moves = [
        Advance(partition.topic, partition.partition, resume.stored, resume.offset, resume.log_id, resume.leader_epoch)
        for partition, resume in resumes.items()
        if resume.changes_row
    ]
    if not moves:
        return
    now = datetime.now(UTC)
    losses = [_loss(consumer, partition, resume) for partition, resume in resumes.items() if resume.is_trouble]
    try:
        with writing(engine) as connection:
            advance_offsets(connection, consumer, moves, now=now)
            add_losses(connection, losses, now=now)
    except FencedError as error:
        raise BatchFailed(SinkFault.FENCED, str(error)) from error
    except DATABASE_ERRORS as error:
        raise failure_of(error) from error


def _loss(consumer: str, partition: TopicPartition, resume: Resume) -> Loss:
    assert resume.stored is not None  # without a row there is nothing to lose
    return Loss(
        consumer=consumer, topic=partition.topic, partition=partition.partition, reason=resume.reason.value, from_offset=resume.stored,
        to_offset=resume.offset, lost_count=resume.lost_count, log_before=resume.log_before, log_id=resume.log_id,
    )  # fmt: skip


def _tell(partition: TopicPartition, resume: Resume, consumer: str) -> None:
    SINK_ERRORS.labels(consumer, SinkFault.LOG_TRUNCATED.value).inc()
    LOG_LOSSES.labels(consumer, resume.reason.value).inc()
    RECORDS_LOST.labels(consumer).inc(resume.lost_count or 0)
    log.error(
        "offsets.records_lost", topic=partition.topic, partition=partition.partition, offset=resume.offset, reason=resume.reason.value,
        stored_offset=resume.stored, lost_count=resume.lost_count, log_before=resume.log_before, log_now=resume.log_id,
    )  # fmt: skip
