"""Lists stories, and shows one with its events, members, alerts and corrections.

In: the database. Out: rows and plain values. I/O: the caller's connection. A member is in the story of its decision, unless a person's
correction has moved it since (`moves`).

A story that a loss left behind is SUPERSEDED: it never closes, and its articles are in other stories now. It is a state of its own, not
"closed", because nothing says that the news is over: it goes on in the stories that the articles were decided into.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, func, literal, or_, select

from sinks.database.earlier import is_superseded, is_void
from sinks.database.outbox_tables import OutboxKind, OutboxState, outbox
from sinks.database.tables import alerts, corrected, corrections, earlier_decisions, events, matches, members, moves, stories

NAMED_AT_MOST = 5
SUPERSEDED = "superseded"

# Where a member is now: where the last correction that moved it put it, else where grouping did.
_MOVED = and_(moves.c.match_id == members.c.match_id, ~is_void())
_STORY = func.coalesce(moves.c.to_story_id, members.c.story_id)
# A story from before events has one, named as `newsmon.ids.event_id` does.
_EVENT = func.coalesce(moves.c.event_id, members.c.event_id, literal("e_").concat(func.substr(members.c.story_id, 3)))
_COLUMNS: tuple[Any, ...] = (
    members.c.match_id, members.c.article_id, members.c.revision_id, members.c.relation, members.c.copy_of, members.c.alert_decision,
    members.c.source, members.c.tier, members.c.url, members.c.title, members.c.language, members.c.score, members.c.published_at,
    members.c.first_seen_at, members.c.decided_at, members.c.story_id.label("decided_story_id"), moves.c.correction_id,
    _EVENT.label("event_id"), members.c.likeness, matches.c.evidence,
    matches.c.threshold,
)  # fmt: skip


STATE = case((is_superseded(), SUPERSEDED), else_=stories.c.state).label("state")
ROW: tuple[Any, ...] = tuple(STATE if column.name == "state" else column for column in stories.c)  # a story as it is shown


def list_stories(
    connection: Connection, *, theme_id: str | None, state: str | None, since: datetime | None, before: str | None, limit: int
) -> Sequence[Row[Any]]:
    """Stories, last changed first; `before`: only those that come after this one in that order, which is the next page.

    `state`: "open", "closed" or SUPERSEDED; None: open and closed ones.
    """
    query = select(*ROW).order_by(stories.c.updated_at.desc(), stories.c.story_id).limit(limit)
    if theme_id is not None:
        query = query.where(stories.c.theme_id == theme_id)
    if state in ("open", "closed"):
        query = query.where(stories.c.state == "closed" if state == "closed" else stories.c.state != "closed")
    query = query.where(is_superseded() if state == SUPERSEDED else ~is_superseded())
    if since is not None:
        query = query.where(stories.c.updated_at >= since)
    if before is not None:
        at = select(stories.c.updated_at).where(stories.c.story_id == before).scalar_subquery()
        query = query.where(or_(stories.c.updated_at < at, and_(stories.c.updated_at == at, stories.c.story_id > before)))
    return connection.execute(query).all()


def named(connection: Connection, prefix: str) -> list[str]:
    """The ids of stories that start with `prefix`, at most NAMED_AT_MOST."""
    begins = stories.c.story_id.startswith(prefix, autoescape=True)
    return list(connection.scalars(select(stories.c.story_id).where(begins).order_by(stories.c.story_id).limit(NAMED_AT_MOST)))


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything known about one story; `members` are at most as many as asked for, of `member_count`."""

    story: Row[Any]
    events: Sequence[Row[Any]]
    members: Sequence[Row[Any]]
    member_count: int
    told: Sequence[Row[Any]]  # alert revisions of the story or of its events
    deliveries: dict[tuple[str, int], dict[str, int]]  # by alert revision: how many in each state
    delivered_at: dict[tuple[str, int], datetime]  # the first
    corrections: Sequence[Row[Any]]
    went_to: dict[str, int]  # of a superseded story: how many of its members were decided again into which stories


def show_story(connection: Connection, story_id: str, *, limit: int) -> Shown | None:
    """The story, or None. Events by the time they began, members by the time they joined."""
    story = connection.execute(select(*ROW).where(stories.c.story_id == story_id)).one_or_none()
    if story is None:
        return None
    found = members_of(connection, story_id, limit=limit)
    mine = sorted({row.event_id for row in found if row.event_id is not None})
    of_events = connection.execute(select(events).where(events.c.event_id.in_(mine)).order_by(events.c.opened_at, events.c.event_id)).all()
    told = connection.execute(
        select(alerts)
        .where(or_(alerts.c.story_id == story_id, alerts.c.event_id.in_(mine)))
        .order_by(alerts.c.raised_at, alerts.c.revision)
    ).all()
    deliveries, delivered_at = _deliveries(connection, {row.alert_id for row in told})
    return Shown(
        story, of_events, found, member_count(connection, story_id), told, deliveries, delivered_at, corrections_of(connection, story_id),
        went_to(connection, story_id) if story.state == SUPERSEDED else {},
    )  # fmt: skip


def went_to(connection: Connection, story_id: str) -> dict[str, int]:
    """Where the members of a story that a loss left behind are now: how many in which story, most first."""
    query = (
        select(_STORY, func.count()).select_from(earlier_decisions)
        .join(members, members.c.match_id == earlier_decisions.c.match_id).outerjoin(moves, _MOVED)
        .where(earlier_decisions.c.story_id == story_id).group_by(_STORY).order_by(func.count().desc(), _STORY)
    )  # fmt: skip
    return {name: count for name, count in connection.execute(query) if name != story_id}


def members_of(connection: Connection, story_id: str, *, limit: int | None = None) -> Sequence[Row[Any]]:
    """The story's members as they are now, by the time they joined, each with the evidence of its match."""
    chosen = _match_ids(story_id).subquery()
    query = (
        select(*_COLUMNS).select_from(members).join(chosen, chosen.c.match_id == members.c.match_id)
        .outerjoin(moves, _MOVED).outerjoin(matches, matches.c.match_id == members.c.match_id)
        .order_by(members.c.decided_at, members.c.story_revision, members.c.match_id).limit(limit)
    )  # fmt: skip
    return connection.execute(query).all()


def member_count(connection: Connection, story_id: str) -> int:
    """The number of members that the story has now."""
    return connection.execute(select(func.count()).select_from(_match_ids(story_id).subquery())).scalar_one()


def _match_ids(story_id: str) -> Any:
    """The matches in the story: those decided into it that have not been moved, and those moved there. Both parts use an index."""
    moved = select(moves.c.match_id).where(_MOVED, moves.c.to_story_id != story_id)
    stayed: Select[Any] = select(members.c.match_id).where(members.c.story_id == story_id, ~moved.exists())
    return stayed.union(select(moves.c.match_id).where(moves.c.to_story_id == story_id, ~is_void()))


def _deliveries(
    connection: Connection, alert_ids: set[str]
) -> tuple[dict[tuple[str, int], dict[str, int]], dict[tuple[str, int], datetime]]:
    counted: dict[tuple[str, int], dict[str, int]] = {}
    delivered: dict[tuple[str, int], datetime] = {}
    mine = and_(outbox.c.alert_id.in_(sorted(alert_ids)), outbox.c.kind == OutboxKind.ALERT.value)
    columns = (outbox.c.alert_id, outbox.c.revision, outbox.c.state, func.count(), func.min(outbox.c.delivered_at))
    query = select(*columns).where(mine).group_by(outbox.c.alert_id, outbox.c.revision, outbox.c.state)
    for alert_id, revision, state, count, first_at in connection.execute(query):
        counted.setdefault((alert_id, revision), {})[state] = count
        if state == OutboxState.DELIVERED.value and first_at is not None:
            delivered[alert_id, revision] = first_at
    return counted, delivered


def corrections_of(connection: Connection, story_id: str) -> Sequence[Row[Any]]:
    """The corrections that named the story or made it, oldest first, each with its outcome (None: not answered yet)."""
    answer = corrected.c.correction_id == corrections.c.correction_id
    columns = (*corrections.c, corrected.c.outcome, corrected.c.moved_count, corrected.c.new_story_id)
    about = or_(
        corrections.c.story_id == story_id, corrections.c.other_story_id == story_id,
        corrections.c.correction_id.in_(select(corrected.c.correction_id).where(corrected.c.new_story_id == story_id)),
    )  # fmt: skip
    query = select(*columns).select_from(corrections.outerjoin(corrected, answer)).where(about)
    return connection.execute(query.order_by(corrections.c.made_at, corrections.c.correction_id)).all()


def stories_of_article(connection: Connection, article_id: str) -> Sequence[Row[Any]]:
    """Theme, match, story and event of every revision of an article that is a member of a story now, the newest last."""
    columns: tuple[Any, ...] = (
        members.c.theme_id, members.c.match_id, members.c.relation, _STORY.label("story_id"), _EVENT.label("event_id"),
    )  # fmt: skip
    query = (
        select(*columns).select_from(members.outerjoin(moves, _MOVED))
        .where(members.c.article_id == article_id).order_by(members.c.decided_at, members.c.match_id)
    )  # fmt: skip
    return connection.execute(query).all()
