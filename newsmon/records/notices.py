"""System notices: what newsmon itself has to tell its operators, on the channels where they read alerts."""

from __future__ import annotations

from enum import StrEnum

from newsmon.records.base import Record, UtcDatetime
from newsmon.records.outcomes import Severity


class NoticeKind(StrEnum):
    """What the notice is about; each kind has one sentence for people in `text`."""

    FEED_FAILING = "feed_failing"  # polls have failed several times in a row
    FEED_SILENT = "feed_silent"  # answers, but nothing new for longer than it has ever been quiet
    FEED_LATE = "feed_late"  # due, and not polled
    FEED_GAP = "feed_gap"  # articles were probably lost between two polls
    FEED_MOVED = "feed_moved"  # a permanent redirect, stated again and again: change the address
    FEED_LIES = "feed_lies"  # its validators said "unchanged" while it changed
    THEMES_REFUSED = "themes_refused"  # theme files were changed and cannot be used: the themes before stay active
    NETWORK_OUTAGE = "network_outage"  # most hosts fail at once: it is us
    QUARANTINE_GROWING = "quarantine_growing"  # many records that could not be read, and more of them
    RECEIVER_DISABLED = "receiver_disabled"  # it gets nothing until somebody enables it


class NoticeState(StrEnum):
    """Where a notice stands: raised once, repeated while the trouble lasts, resolved when it is over."""

    RAISED = "raised"
    REPEATED = "repeated"
    RESOLVED = "resolved"


class Notice(Record, frozen=True, kw_only=True, tag="notice/1"):
    """One revision of one notice; `notice_id` is the same from raised to resolved, `revision` counts up from 1."""

    notice_id: str  # ids.notice_id(kind, subject, episode): the same trouble always gets the same id
    revision: int
    kind: NoticeKind
    state: NoticeState
    subject: str  # "feed:<feed_id>", "receiver:<id>", or the name of a stage
    severity: Severity = Severity.NOTICE
    text: str  # one sentence for people, without secrets
    opened_at: UtcDatetime  # when the trouble began, as far as known
    at: UtcDatetime  # of this revision
    stage: str  # who says so: producer, processor, store, deliver
    details: dict[str, str] = {}  # noqa: RUF012  (msgspec copies an empty default)
