"""A loss as the details of a notice: how the processor, which has no database, hands its losses to the store."""

from __future__ import annotations

import re
from dataclasses import dataclass

from newsmon.kafka.positions.resume import Resume
from newsmon.records.resume_reasons import ResumeReason

_DETAIL = re.compile(r"(?P<reason>[a-z_]+): offset (?P<from>\d+) to (?P<to>\d+), (?P<count>\d+|unknown) lost")


@dataclass(frozen=True, slots=True)
class LossDetail:
    """One partition's loss."""

    topic: str
    partition: int
    reason: ResumeReason
    from_offset: int
    to_offset: int
    lost_count: int | None


def loss_detail(topic: str, partition: int, resume: Resume) -> tuple[str, str]:
    """Name and text of the detail."""
    count = "unknown" if resume.lost_count is None else str(resume.lost_count)
    return f"{topic}/{partition}", f"{resume.reason.value}: offset {resume.stored or 0} to {resume.offset}, {count} lost"


def loss_of_detail(name: str, text: str) -> LossDetail | None:
    """The loss that a detail tells; None for any other detail."""
    topic, slash, partition = name.rpartition("/")
    said = _DETAIL.fullmatch(text)
    if not slash or not partition.isdigit() or said is None or said["reason"] not in set(ResumeReason):
        return None
    count = None if said["count"] == "unknown" else int(said["count"])
    return LossDetail(topic, int(partition), ResumeReason(said["reason"]), int(said["from"]), int(said["to"]), count)
