"""Decides where to resume a partition, from the stored position and what the log is and still holds.

In: a stored position, the log's identity and bounds. Out: an offset and the reason for it. Every reader decides by this: the sinks, whose
positions are in the database, and the processor, whose positions are Kafka's commits.
"""

from __future__ import annotations

from dataclasses import dataclass

from newsmon.kafka.positions.identity import same_log
from newsmon.records.resume_reasons import TROUBLE, ResumeReason

__all__ = ["TROUBLE", "Resume", "ResumeReason", "StoredPosition", "resume_at"]


@dataclass(frozen=True, slots=True)
class StoredPosition:
    """A position as stored: `log_id` names the log it belongs to (None: stored before newsmon kept it).

    `leader_epoch` is that of the last record read. `is_intact`: nobody else has changed the row since newsmon wrote it.
    """

    next_offset: int
    log_id: str | None = None
    leader_epoch: int | None = None
    is_intact: bool = True


@dataclass(frozen=True, slots=True)
class Resume:
    """`offset` is the next to read, `stored` the offset that was stored (None: none), `log_id` the log they count in from now on.

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
