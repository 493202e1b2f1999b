"""The reasons for the offset at which a reader of Kafka resumes: one closed set of words for rows, notices, logs and metric labels."""

from __future__ import annotations

from enum import StrEnum


class ResumeReason(StrEnum):
    """The reason for the offset at which reading resumes. The words are also stored with a loss, logged, and metric labels."""

    FIRST_TIME = "first_time"  # nothing stored yet: from the earliest record
    STORED = "stored"
    ADOPTED = "adopted"  # the position names no log yet, and nothing contradicts that it belongs to this one
    EXPIRED = "expired"  # records left the log before they were read: retention, or a person
    LOG_REPLACED = "log_replaced"  # the position belongs to another log: the topic was created again
    LOG_TRUNCATED = "log_truncated"  # the same log has lost records at its end: a restored copy, an unclean leader election
    OFFSET_CHANGED = "offset_changed"  # somebody else than newsmon has changed the stored position


TROUBLE = (ResumeReason.EXPIRED, ResumeReason.LOG_REPLACED, ResumeReason.LOG_TRUNCATED, ResumeReason.OFFSET_CHANGED)
