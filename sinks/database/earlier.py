"""Decisions on matches that later ones replaced, and what they explain.

Within one log a match is decided once. It is decided again when its story had closed, or after a loss: the processor has forgotten its
stories, the feeds are read again, and the articles form other stories, because their order is another. The member's row then tells the
later decision; here the earlier one stays, so that what was told is not told again and the stories left behind are known as such.

In: members as they are about to be stored, tables to ask about. Out: rows, conditions. I/O: the caller's connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, and_, exists, or_, select

from newsmon.records import AlertReason, AlertState
from newsmon.records.resume_reasons import ResumeReason
from newsmon.topics import ARTICLES, MATCHES, STORIES, STORY_STATE
from sinks.database.tables import alerts, earlier_decisions, losses, members, moves, stories
from sinks.database.upsert import insert_new

KEPT_COLUMNS = ("match_id", "story_id", "theme_id", "event_id", "relation", "alert_decision", "decided_at")
LOOKED_UP_AT_ONCE = 500

_READ_AGAIN = (ResumeReason.LOG_REPLACED.value, ResumeReason.LOG_TRUNCATED.value)
_DECIDES_AGAIN = (ARTICLES, MATCHES, STORY_STATE, STORIES)  # without one of these logs the processor may decide again


def keep_earlier(connection: Connection, arriving: Iterable[Mapping[str, Any]]) -> int:
    """Keep the decisions that these rows of members are about to replace with another story; returns how many were not known yet."""
    later = {row["match_id"]: row for row in arriving}
    found: list[dict[str, Any]] = []
    ordered = sorted(later)
    for start in range(0, len(ordered), LOOKED_UP_AT_ONCE):
        chunk = ordered[start : start + LOOKED_UP_AT_ONCE]
        query = select(*(members.c[name] for name in KEPT_COLUMNS)).where(members.c.match_id.in_(chunk))
        for row in connection.execute(query).mappings():
            by = later[row["match_id"]]
            if row["story_id"] != by["story_id"] and row["decided_at"] <= by["decided_at"]:
                found.append({**row, "replaced_at": by["decided_at"]})
    return insert_new(connection, earlier_decisions, found)


def is_explained(earlier: FromClause = earlier_decisions) -> ColumnElement[bool]:
    """The match could be decided again: a log was lost after its decision, or its story had closed."""
    topic = losses.alias("lost").c
    lost = exists().where(
        topic.reason.in_(_READ_AGAIN), topic.noticed_at >= earlier.c.decided_at,
        or_(*(topic.topic.endswith(one.base_name, autoescape=True) for one in _DECIDES_AGAIN)),
    )  # fmt: skip
    before = stories.alias("before").c
    return or_(lost, exists().where(before.story_id == earlier.c.story_id, before.closed_at <= earlier.c.replaced_at))


def is_superseded(story: FromClause = stories) -> ColumnElement[bool]:
    """The story was left behind: it never closed, some of its articles were decided again into others, and nothing joined it since."""
    one = earlier_decisions.alias("left").c
    return and_(
        story.c.state != AlertState.CLOSED.value, exists().where(one.story_id == story.c.story_id, one.replaced_at > story.c.updated_at)
    )  # fmt: skip


def is_void(move: FromClause = moves) -> ColumnElement[bool]:
    """A correction moved the match before it was decided again: the stories that it was moved between are left behind."""
    one = earlier_decisions.alias("voided").c
    return exists().where(one.match_id == move.c.match_id, one.replaced_at > move.c.moved_at)


def told_earlier(alert: FromClause) -> ColumnElement[bool]:
    """An alert told the event of this alert's match by an earlier decision on that match."""
    one, told = earlier_decisions.alias("decided").c, alerts.alias("told").c
    same_event = and_(one.event_id.is_not(None), told.event_id == one.event_id)
    return exists().where(
        one.match_id == alert.c.match_id, one.decided_at < alert.c.raised_at, one.story_id != alert.c.story_id,
        alert.c.reason != AlertReason.BURST.value,
        told.theme_id == alert.c.theme_id, told.raised_at < alert.c.raised_at, told.story_id == one.story_id,
        or_(same_event, told.match_id == one.match_id), told.reason != AlertReason.BURST.value,
    )  # fmt: skip
