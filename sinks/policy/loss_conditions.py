"""Losses as conditions: what left a log unread, or is read again, is told once and stays open until a person acknowledges it.

In: the losses that nobody has acknowledged. Out: at most one condition per kind and reader, whatever the number of partitions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsmon.clock import is_ahead
from newsmon.records import NoticeKind, Severity
from newsmon.records.resume_reasons import ResumeReason
from newsmon.topics import ARTICLES, FEED_KNOWN, FEED_STATE, STORY_STATE
from sinks.policy.conditions import Condition

SETTLED = timedelta(seconds=20)  # what hits one partition mostly hits all: wait for the others, and tell it as one
SINKS = ("store", "deliver")
SUBJECT = "kafka"
NAMED_AT_MOST = 6
# What it means when the topics with these base names are new.
MEANS = {
    FEED_STATE.base_name: "The producer remembers no feed: everything a feed shows at its first poll counts as already known.",
    FEED_KNOWN.base_name: "The producer has forgotten older entries of some feeds, which may come up again as new.",
    STORY_STATE.base_name: "The processor has forgotten the running stories: further articles open new ones.",
    ARTICLES.base_name: "Articles that were waiting to be read are lost unless their feeds still show them.",
}
HOW = "See `newsmon losses list`; `newsmon losses acknowledge` ends this notice."


@dataclass(frozen=True, slots=True)
class OpenLoss:
    """One partition's loss, which nobody has acknowledged yet."""

    consumer: str
    topic: str
    reason: ResumeReason
    lost_count: int | None
    noticed_at: datetime


def loss_conditions(losses: Collection[OpenLoss], *, now: datetime) -> tuple[Condition, ...]:
    """The conditions of losses that have settled."""
    settled = [one for one in losses if _has_settled(one, now)]
    groups: dict[tuple[NoticeKind, str], list[OpenLoss]] = {}
    for one in settled:
        groups.setdefault((_kind(one.reason), subject_of(one.consumer)), []).append(one)
    return tuple(_condition(kind, subject, group) for (kind, subject), group in sorted(groups.items()))


def _has_settled(one: OpenLoss, now: datetime) -> bool:
    """Whether the other partitions have been looked at, too. The processor tells its losses itself, all at once: there is nothing to
    wait for, and its notice would be resolved meanwhile. A clock that was ahead must not keep a loss untold until it is caught up."""
    return one.consumer not in SINKS or now - one.noticed_at >= SETTLED or is_ahead(one.noticed_at, now=now)


def subject_of(consumer: str) -> str:
    """The subject of the notice about a reader's losses: the sinks share one, for they read the same topics."""
    return SUBJECT if consumer in SINKS else consumer


def loss_text(losses: Sequence[OpenLoss]) -> str:
    """What happened to these losses of one kind, for people."""
    if all(one.reason is ResumeReason.EXPIRED for one in losses):
        text = f"{_record_count(losses):,} records left Kafka before newsmon had read them, in {_topics(losses)}. They are lost."
    else:
        changed = [one for one in losses if one.reason is ResumeReason.OFFSET_CHANGED]
        other = [one for one in losses if one.reason is not ResumeReason.OFFSET_CHANGED]
        text = ""
        if other:
            text = f"Kafka no longer has the log that newsmon was reading, in {_topics(other)}: topics were deleted, recreated or restored."
            text += " newsmon reads them from the beginning; records that were still unread in the old log are lost."
        if changed:
            text += " " if text else ""
            text += f"newsmon's positions in {_topics(changed)} were changed from outside; it reads these topics from the beginning."
    names = {one.topic for one in losses if one.reason in (ResumeReason.LOG_REPLACED, ResumeReason.LOG_TRUNCATED)}
    meanings = [means for base, means in MEANS.items() if any(name.endswith(base) for name in names)]
    return " ".join([text, *meanings, HOW])


def _record_count(losses: Sequence[OpenLoss]) -> int:
    """How many records are lost; what several readers had not read is the same records."""
    by_reader: Counter[tuple[str, str]] = Counter()
    for one in losses:
        by_reader[one.topic, one.consumer] += one.lost_count or 0
    return sum(max(count for (topic, _reader), count in by_reader.items() if topic == name) for name in {one.topic for one in losses})


def _kind(reason: ResumeReason) -> NoticeKind:
    return NoticeKind.RECORDS_LOST if reason is ResumeReason.EXPIRED else NoticeKind.LOG_REPLACED


def _condition(kind: NoticeKind, subject: str, losses: Sequence[OpenLoss]) -> Condition:
    times = [one.noticed_at for one in losses]
    return Condition(kind, subject, loss_text(losses), min(times), Severity.URGENT, changed_at=max(times))


def _topics(losses: Sequence[OpenLoss]) -> str:
    names = sorted({one.topic for one in losses})
    rest = len(names) - NAMED_AT_MOST
    return ", ".join(names[:NAMED_AT_MOST]) + (f" and {rest} more" if rest > 0 else "")
