"""From what is wrong now to what must be said about it: raised once, repeated daily while it lasts, resolved when it is over; pure.

In: the troubles of now, the notices that are open. Out: notice revisions. The same troubles over the same notices say nothing new.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsmon import ids
from newsmon.records import Notice, NoticeKind, NoticeState, Severity

STAGE = "deliver"
REPEAT_AFTER = timedelta(days=1)
GROWING_COUNT, GROWING_WITHIN = 10, timedelta(minutes=15)
QUIET_FOR = timedelta(hours=1)  # nothing new in quarantine for so long: it no longer grows


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong now; `subject` names what, e.g. `receiver:desk`."""

    kind: NoticeKind
    subject: str
    text: str
    since: datetime
    severity: Severity = Severity.NOTICE


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


def notices_of(troubles: Collection[Trouble], open_notices: Sequence[OpenNotice], *, now: datetime) -> tuple[Notice, ...]:
    """What is to be said now."""
    known = {(one.kind, one.subject): one for one in open_notices}
    said = []
    for trouble in troubles:
        before = known.pop((trouble.kind, trouble.subject), None)
        if before is None:
            notice_id = ids.notice_id(trouble.kind.value, trouble.subject, trouble.since.isoformat())
            said.append(_notice(notice_id, 1, NoticeState.RAISED, trouble, trouble.since, now))
        elif now - before.said_at >= REPEAT_AFTER:
            said.append(_notice(before.notice_id, before.revision + 1, NoticeState.REPEATED, trouble, before.opened_at, now))
    for over in known.values():
        text = f"Over: {over.text.removeprefix('Over: ')}"
        trouble = Trouble(over.kind, over.subject, text, over.opened_at, over.severity)
        said.append(_notice(over.notice_id, over.revision + 1, NoticeState.RESOLVED, trouble, over.opened_at, now))
    return tuple(said)


def quarantine_trouble(*, lately_count: int, last_at: datetime | None, is_open: bool, now: datetime) -> Trouble | None:
    """Whether the quarantine grows: many within a quarter of an hour, until an hour brings nothing. `lately_count` is of that quarter."""
    grows = lately_count >= GROWING_COUNT or (is_open and last_at is not None and now - last_at < QUIET_FOR)
    if not grows or last_at is None:
        return None
    text = f"The quarantine grows: {lately_count} records in the last {GROWING_WITHIN.seconds // 60} minutes could not be read or handled; "
    text += "see newsmon quarantine list."
    return Trouble(NoticeKind.QUARANTINE_GROWING, "quarantine", text, last_at, Severity.URGENT)


def disabled_trouble(receiver: str, reason: str, since: datetime) -> Trouble:
    """A receiver that gets nothing any more."""
    text = f"Receiver {receiver} was disabled ({reason}): it gets nothing until newsmon receivers enable {receiver}."
    return Trouble(NoticeKind.RECEIVER_DISABLED, f"receiver:{receiver}", text, since, Severity.URGENT)


def _notice(notice_id: str, revision: int, state: NoticeState, trouble: Trouble, opened_at: datetime, now: datetime) -> Notice:
    return Notice(
        notice_id=notice_id, revision=revision, kind=trouble.kind, state=state, subject=trouble.subject, severity=trouble.severity,
        text=trouble.text, opened_at=opened_at, at=now, stage=STAGE,
    )  # fmt: skip
