"""Turns quarantine messages into rows: what the headers say, and which record the bytes are if they can be read after all.

A message whose headers cannot be read is itself stored as a quarantined record, so that nothing circulates forever.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from newsmon.codec import decode_one_of
from newsmon.errors import RecordError
from newsmon.quarantine import QuarantineReason, Stage
from newsmon.records import Alert, Article, Classification, Corrected, Correction, Match, Record, Story
from newsmon.topics import ALL_TOPICS, Topic
from sinks.consumer.kafka_record import KafkaRecord
from sinks.store.rows import Row, storable

SUBJECT_JOINT = "#"


def quarantine_row(received: KafkaRecord, *, topic_prefix: str, now: datetime) -> Row:
    """The row of one message on the quarantine topic; `now` stands in when the message has no time."""
    try:
        row = _from_headers(dict(received.headers))
    except (KeyError, ValueError) as error:
        row = {
            "stage": Stage.STORE.value,
            "topic": received.topic_name,
            "partition": received.partition,
            "offset": received.offset,
            "reason": QuarantineReason.WRONG_SHAPE.value,
            "error": f"the headers of the quarantine message cannot be read: {type(error).__name__}: {error}",
            "quarantined_at": now,
            "worker": "",
        }
    topics = {topic.named(topic_prefix): topic for topic in ALL_TOPICS}
    row |= {"key": received.key, "value": received.value, "kafka_partition": received.partition, "kafka_offset": received.offset}
    row |= subject_of(topics.get(row["topic"]), received.value)
    stored: Row = storable(row)
    return stored


def subject_of(topic: Topic | None, value: bytes | None) -> Row:
    """The columns `subject`, `feed_id` and `poll_seq`, if the bytes are a readable record; else nulls."""
    nobody: Row = {"subject": None, "feed_id": None, "poll_seq": None}
    if topic is None or topic.record is None:
        return nobody
    try:
        record = decode_one_of(value, topic.records)
    except RecordError:
        return nobody
    if isinstance(record, Article | Classification):
        return {"subject": record.revision_id, "feed_id": record.feed_id, "poll_seq": record.poll_seq}
    return nobody | {"subject": _identity(record)}


def alert_subject(alert_id: str, revision: int) -> str:
    """The name of an alert revision in one string."""
    return f"{alert_id}{SUBJECT_JOINT}{revision}"


def _identity(record: Record) -> str | None:
    match record:
        case Match():
            return record.match_id
        case Alert():
            return alert_subject(record.alert_id, record.revision)
        case Story():
            return record.latest.match_id if record.latest is not None else record.story_id
        case Correction():
            return record.correction_id
        case Corrected():
            return record.correction.correction_id
    return None


def _from_headers(headers: Mapping[str, bytes]) -> Row:
    def text(name: str) -> str:
        return headers[f"newsmon-{name}"].decode("utf-8")

    at = datetime.fromisoformat(text("at"))
    if at.tzinfo is None:
        raise ValueError("newsmon-at has no zone")
    return {
        "stage": Stage(text("stage")).value,
        "topic": text("topic"),
        "partition": _within(text("partition"), 2**31),
        "offset": _within(text("offset"), 2**63),
        "reason": QuarantineReason(text("reason")).value,
        "error": text("error"),
        "quarantined_at": at.astimezone(UTC),
        "worker": text("worker"),
    }


def _within(digits: str, limit: int) -> int:
    number = int(digits)
    if not 0 <= number < limit:
        raise ValueError(f"{number} is out of range")
    return number
