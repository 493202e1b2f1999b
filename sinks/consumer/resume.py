"""Decides where to resume a partition, from the stored position and what the log is and still holds.

In: a stored position, the log's identity and bounds. Out: an offset and the reason for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from newsmon.kafka.identity import same_log
from sinks.database.offsets import StoredPosition


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


@dataclass(frozen=True, slots=True)
class Resume:
    """`offset` is the next to read, `stored` the offset in the database (None: no row), `log_id` the log they count in from now on.

    `lost_count` is how many records went unread; None: nobody can know.
    """

    offset: int
    stored: int | None
    reason: ResumeReason
    lost_count: int | None = 0
    log_id: str | None = None
    log_before: str | None = None
    leader_epoch: int | None = None

    @property
    def is_trouble(self) -> bool:
        """Something is to be told, and must stay visible."""
        return self.reason in TROUBLE

    @property
    def changes_row(self) -> bool:
        """The database must learn of it before anything is read."""
        return self.stored is not None and self.reason is not ResumeReason.STORED


def resume_at(stored: StoredPosition | None, *, beginning: int, end: int, log_id: str | None = None, truncated: bool = False) -> Resume:
    """Where to resume a log that holds the offsets from `beginning` up to, not including, `end`.

    `truncated`: Kafka says that the log does not continue what was read of it. Wherever the past is in doubt, all of it is read again:
    a repeat changes nothing in the database, a gap would be for good.
    """
    if stored is None:
        return Resume(beginning, None, ResumeReason.FIRST_TIME, log_id=log_id)

    def again(reason: ResumeReason, lost_count: int | None) -> Resume:
        return Resume(beginning, stored.next_offset, reason, lost_count, log_id or stored.log_id, stored.log_id)

    known = stored.log_id is not None and log_id is not None
    if not same_log(stored.log_id, log_id):
        return again(ResumeReason.LOG_REPLACED, None)
    if not stored.is_intact:
        return again(ResumeReason.OFFSET_CHANGED, 0)
    if stored.next_offset > end:
        return again(ResumeReason.LOG_TRUNCATED if known else ResumeReason.LOG_REPLACED, None)
    if stored.next_offset < beginning:
        return again(ResumeReason.EXPIRED, beginning - stored.next_offset)
    if truncated:
        return again(ResumeReason.LOG_TRUNCATED, None)
    reason = ResumeReason.STORED if log_id is None or stored.log_id == log_id else ResumeReason.ADOPTED
    log = stored.log_id if reason is ResumeReason.STORED else log_id
    return Resume(stored.next_offset, stored.next_offset, reason, 0, log, stored.log_id, stored.leader_epoch)
