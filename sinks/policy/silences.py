"""Silences: alerts that someone has muted for a while.

A silence names its author and its end, at most 30 days away. An alert must match everything it gives: theme, receiver, source, story,
words, severity.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsmon.records import Alert, Severity
from newsmon.text.fold import fold
from sinks.policy.routing import RANK

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


def silences_alert(silence: Silence, alert: Alert, receiver: str, *, now: datetime) -> bool:
    """True when the silence covers this alert for this receiver now."""
    if not silence.created_at <= now < silence.ends_at or RANK[alert.severity] > RANK[silence.max_severity]:
        return False
    cause = alert.articles[0] if alert.articles else None
    given = (
        (silence.theme_id, alert.theme_id),
        (silence.receiver, receiver),
        (silence.story_id, alert.story_id),
        (silence.source, cause.source if cause is not None else None),
    )
    if any(wanted is not None and wanted != found for wanted, found in given):
        return False
    return silence.words is None or fold(silence.words) in fold(f"{alert.title}\n{alert.lead}")


def silenced_by(silenced: Iterable[Silence], alert: Alert, receiver: str, *, now: datetime) -> Silence | None:
    """The first silence that covers the alert for the receiver."""
    return next((one for one in silenced if silences_alert(one, alert, receiver, now=now)), None)
