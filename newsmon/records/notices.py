"""System notices: newsmon's messages to its operators about itself, on the channels where they read alerts."""

from __future__ import annotations

from enum import StrEnum

from newsmon.records.base import Record, UtcDatetime
from newsmon.records.outcomes import Severity


class NoticeKind(StrEnum):
    """The subject of a notice; `text` has one sentence for people about it."""

    FEED_FAILING = "feed_failing"  # polls have failed several times in a row
    FEED_SILENT = "feed_silent"  # answers, but has been quiet for longer than ever before
    FEED_LATE = "feed_late"  # due but not polled
    FEED_GAP = "feed_gap"  # articles were probably lost between two polls
    FEED_MOVED = "feed_moved"  # redirects permanently, again and again: change its address
    FEED_LIES = "feed_lies"  # its validators said "unchanged" although it changed
    FEED_REJECTS = "feed_rejects"  # entries of it are rejected poll after poll
    THEMES_REFUSED = "themes_refused"  # changed theme files cannot be used: the previous themes stay active
    NETWORK_OUTAGE = "network_outage"  # most hosts fail at once: our own network is down
    QUARANTINE_GROWING = "quarantine_growing"  # many records could not be read, and their number grows
    RECEIVER_DISABLED = "receiver_disabled"  # gets nothing until someone enables it
    KAFKA_UNREACHABLE = "kafka_unreachable"  # nothing can be published or read until the broker is back
    DISK_LOW = "disk_low"  # the disk of the state directory or the database is almost full
    STAGE_STALLED = "stage_stalled"  # a stage did no work although it could, and was restarted
    RECORDS_LOST = "records_lost"  # records expired or were deleted before they were read
    LOG_REPLACED = "log_replaced"  # a topic was created anew: read again from its beginning
    DELIVERIES_HELD = "deliveries_held"  # old alerts without proof of delivery wait for a decision
    CLOCK_STEPPED = "clock_stepped"  # the system clock jumped


class NoticeState(StrEnum):
    """The state of a notice: raised once, repeated while the problem lasts, resolved when it is over."""

    RAISED = "raised"
    REPEATED = "repeated"
    RESOLVED = "resolved"


class Notice(Record, frozen=True, kw_only=True, tag="notice/3"):
    """One revision of one notice; `notice_id` is the same from raised to resolved, `revision` counts up from 1."""

    notice_id: str  # ids.notice_id(kind, subject, episode): the same problem always gets the same id
    revision: int
    kind: NoticeKind
    state: NoticeState
    subject: str  # "feed:<feed_id>", "receiver:<id>", or the name of a stage
    severity: Severity = Severity.NOTICE
    text: str  # one sentence for people, without secrets
    opened_at: UtcDatetime  # when the problem began, as far as known
    at: UtcDatetime  # of this revision
    stage: str  # the stage that sent it: producer, processor, store, deliver
    details: dict[str, str] = {}  # noqa: RUF012  (msgspec copies an empty default)
