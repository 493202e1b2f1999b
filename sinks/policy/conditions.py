"""Conditions the deliver stage notices, and their notices: raised once, repeated daily or when they get worse, resolved at their end.

In: the conditions that hold now, the notices that are open. Out: notice revisions; none when nothing changed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsmon import ids
from newsmon.clock import is_ahead
from newsmon.records import Notice, NoticeKind, NoticeState, Severity
from newsmon.records.outcomes import RANK

STAGE = "deliver"
REPEAT_AFTER = timedelta(days=1)
CHANGED_AFTER = timedelta(hours=1)  # what has become worse is said again, but not at every step
GROWING_COUNT, GROWING_WITHIN = 10, timedelta(minutes=15)
KAFKA_SILENT_FOR = timedelta(minutes=1)  # `newsmon run` restarts a broker that died within this time
QUIET_FOR = timedelta(hours=1)  # the quarantine stops growing when nothing new has arrived for this long


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is wrong now; `subject` names where, e.g. `receiver:desk`; `changed_at` is when its text last became another."""

    kind: NoticeKind
    subject: str
    text: str
    since: datetime
    severity: Severity = Severity.NOTICE
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """The newest revision of a notice that was raised and not resolved."""

    notice_id: str
    revision: int
    kind: NoticeKind
    subject: str
    text: str
    severity: Severity
    opened_at: datetime
    said_at: datetime


def notices_of(conditions: Collection[Condition], open_notices: Sequence[OpenNotice], *, now: datetime) -> tuple[Notice, ...]:
    """The notice revisions to publish now."""
    known = {(one.kind, one.subject): one for one in open_notices}
    said = []
    for condition in conditions:
        before = known.pop((condition.kind, condition.subject), None)
        if before is None:
            notice_id = ids.notice_id(condition.kind.value, condition.subject, condition.since.isoformat())
            said.append(_notice(notice_id, 1, NoticeState.RAISED, condition, condition.since, now))
        elif now - before.said_at >= REPEAT_AFTER or is_ahead(before.said_at, now=now) or _has_grown(condition, before, now):
            said.append(_notice(before.notice_id, before.revision + 1, NoticeState.REPEATED, condition, before.opened_at, now))
    for over in known.values():
        text = f"Resolved: {over.text.removeprefix('Resolved: ')}"
        condition = Condition(over.kind, over.subject, text, over.opened_at, over.severity)
        said.append(_notice(over.notice_id, over.revision + 1, NoticeState.RESOLVED, condition, over.opened_at, now))
    return tuple(said)


def _has_grown(condition: Condition, before: OpenNotice, now: datetime) -> bool:
    if RANK[condition.severity] > RANK[before.severity]:
        return True
    since_said = condition.changed_at is not None and condition.changed_at > before.said_at
    return since_said and condition.text != before.text and now - before.said_at >= CHANGED_AFTER


def quarantine_condition(*, recent_count: int, last_at: datetime | None, is_open: bool, now: datetime) -> Condition | None:
    """The condition of a growing quarantine: from GROWING_COUNT records within GROWING_WITHIN until QUIET_FOR passes without one.

    `recent_count` counts those within GROWING_WITHIN.
    """
    grows = recent_count >= GROWING_COUNT or (is_open and last_at is not None and now - last_at < QUIET_FOR)
    if not grows or last_at is None:
        return None
    minutes = GROWING_WITHIN.seconds // 60
    text = f"The quarantine is growing: {recent_count} records in the last {minutes} minutes could not be read or handled."
    text += " See `newsmon quarantine list`."
    return Condition(NoticeKind.QUARANTINE_GROWING, "quarantine", text, last_at, Severity.URGENT)


def receiver_condition(receiver: str, reason: str, since: datetime) -> Condition:
    """The condition of a disabled receiver."""
    text = f"Receiver {receiver} is disabled ({reason}). It gets nothing until you run `newsmon receivers enable {receiver}`."
    return Condition(NoticeKind.RECEIVER_DISABLED, f"receiver:{receiver}", text, since, Severity.URGENT)


def disk_condition(subject: str, disk: str, *, critical: bool, since: datetime) -> Condition:
    """The condition of a disk with little free space; `disk` says which, with its figures."""
    if critical:
        text = f"Almost no disk space left: {disk}. Make room now: when it is full, nothing can be stored, not even a notice about it."
    else:
        text = f"Disk space is getting low: {disk}. Make room before newsmon has to stop."
    return Condition(NoticeKind.DISK_LOW, subject, text, since, Severity.URGENT if critical else Severity.NOTICE)


def kafka_condition(since: datetime, reason: str, *, now: datetime) -> Condition | None:
    """The condition of a broker that has been away for KAFKA_SILENT_FOR."""
    if now - since < KAFKA_SILENT_FOR:
        return None
    text = f"Kafka has not answered since {since:%H:%M} UTC: {reason}. Until it is back, no news is read and no new alerts are raised."
    text += " Alerts that were already raised are still delivered."
    return Condition(NoticeKind.KAFKA_UNREACHABLE, "kafka", text, since, Severity.URGENT)


def _notice(notice_id: str, revision: int, state: NoticeState, condition: Condition, opened_at: datetime, now: datetime) -> Notice:
    return Notice(
        notice_id=notice_id, revision=revision, kind=condition.kind, state=state, subject=condition.subject, severity=condition.severity,
        text=condition.text, opened_at=opened_at, at=now, stage=STAGE,
    )  # fmt: skip
