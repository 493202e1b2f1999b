"""Decides where to resume a partition, from the stored offset and what the log still holds.

In: offsets. Out: an offset and the reason for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ResumeReason(StrEnum):
    """The reason for the offset at which reading resumes; the last two mean that records were lost, and are logged as errors."""

    FIRST_TIME = "first_time"  # nothing stored yet: from the earliest record
    STORED = "stored"
    EXPIRED = "expired"  # retention took records before they were read
    LOG_REPLACED = "log_replaced"  # the log ends before the stored offset: the topic was created again


@dataclass(frozen=True, slots=True)
class Resume:
    """`offset` is the next to read, `stored` the offset in the database (None: no row), `lost_count` how many records are gone."""

    offset: int
    stored: int | None
    reason: ResumeReason
    lost_count: int | None = 0  # None: unknown

    @property
    def lost(self) -> bool:
        return self.reason in (ResumeReason.EXPIRED, ResumeReason.LOG_REPLACED)


def resume_at(stored: int | None, *, beginning: int, end: int) -> Resume:
    """Return where to resume a log that holds the offsets from `beginning` up to, not including, `end`."""
    if stored is None:
        return Resume(beginning, None, ResumeReason.FIRST_TIME)
    if stored < beginning:
        return Resume(beginning, stored, ResumeReason.EXPIRED, beginning - stored)
    if stored > end:
        return Resume(beginning, stored, ResumeReason.LOG_REPLACED, None)
    return Resume(stored, stored, ResumeReason.STORED)
