"""Decides what a silence keeps back, whenever something is about to be sent.

In: the active silences, what a message says, the time. Out: the Silence that covers it, and what then becomes of it. A silence names its
author and its end, at most 30 days away. A message must match everything the silence gives: theme, receiver, source, story, words,
severity. A notice has only a receiver and a severity, so only a silence without theme, source, story and words covers it; a heartbeat
is never covered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from newsmon.records import Alert, NoticeState, Severity
from newsmon.records.delivery_states import OutboxKind
from newsmon.records.outcomes import RANK
from newsmon.text.fold import fold
from sinks.message.alert_body import LABEL_BYTES, shorten
from sinks.message.stored_body import StoredBody

LONGEST = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """One silence as stored; None means any."""

    silence_id: str
    author: str
    comment: str
    created_at: datetime
    ends_at: datetime
    theme_id: str | None = None
    receiver: str | None = None
    source: str | None = None
    story_id: str | None = None
    words: str | None = None
    max_severity: Severity = Severity.FLASH  # a higher severity passes


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The parts of one message to one receiver that silences are compared with; None: it has no such thing."""

    receiver: str
    severity: Severity
    theme_id: str | None = None
    story_id: str | None = None
    source: str | None = None
    words: str | None = None


class Withheld(StrEnum):
    """What becomes of a message that a silence covers."""

    SUPPRESSED = "suppressed"  # never sent: an opening, an update, an escalation
    DEFERRED = "deferred"  # sent when the silence is over: an end, so that nobody keeps an incident open


def subject_of(alert: Alert, receiver: str) -> Subject:
    """The subject of an alert as it arrives."""
    source = alert.articles[0].source if alert.articles else None
    return Subject(
        receiver=receiver, severity=alert.severity, theme_id=alert.theme_id, story_id=alert.story_id, source=_as_sent(source),
        words=f"{alert.title}\n{alert.lead}",
    )  # fmt: skip


def stored_subject(kind: OutboxKind, receiver: str, severity: Severity, body: StoredBody) -> Subject | None:
    """The subject of a message in the outbox; None for a heartbeat, which no silence covers, and for a digest, whose parts are asked."""
    if kind is OutboxKind.NOTICE:
        return Subject(receiver=receiver, severity=severity)
    if kind not in (OutboxKind.ALERT, OutboxKind.ESCALATION):
        return None
    data = body.data
    articles: list[dict[str, Any]] = data.get("articles") or []
    return Subject(
        receiver=receiver, severity=severity, theme_id=data["theme"]["id"], story_id=data["story"]["id"],
        source=articles[0]["source"] if articles else None, words=f"{data['title']}\n{data['lead']}",
    )  # fmt: skip


def covers(silence: Silence, subject: Subject, *, now: datetime) -> bool:
    """True when the silence is not over and the subject matches all that it gives."""
    if now >= silence.ends_at or RANK[subject.severity] > RANK[silence.max_severity]:
        return False
    given = (
        (silence.theme_id, subject.theme_id),
        (silence.receiver, subject.receiver),
        (silence.story_id, subject.story_id),
        (_as_sent(silence.source), subject.source),
    )
    if any(wanted is not None and wanted != found for wanted, found in given):
        return False
    return silence.words is None or (subject.words is not None and fold(silence.words) in fold(subject.words))


def silenced_by(silences: Iterable[Silence], subject: Subject, *, now: datetime) -> Silence | None:
    """Of the silences that cover the subject, the one that is over last."""
    return max((one for one in silences if covers(one, subject, now=now)), key=lambda one: one.ends_at, default=None)


def withheld(kind: OutboxKind, body: StoredBody) -> Withheld:
    """What becomes of a silenced message: the end of an alert, or of a notice's trouble, waits; everything else is never sent."""
    ends = body.closes_alert if kind is OutboxKind.ALERT else body.data.get("state") == NoticeState.RESOLVED.value
    return Withheld.DEFERRED if ends and kind in (OutboxKind.ALERT, OutboxKind.NOTICE) else Withheld.SUPPRESSED


def _as_sent(source: str | None) -> str | None:
    """The source as messages show it: a very long name is shortened there."""
    return None if source is None else shorten(source, LABEL_BYTES)
