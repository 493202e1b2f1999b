"""The records that a match leads to: its event and its story, with their members, counts, severity and ids.

In:  the match, its placement, the alert policy.
Out: `Event`, `Story`, and the parts of a StoryState from which a restarted worker rebuilds its memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from newsmon import ids
from newsmon.records import AlertReason, AlertState, Event, Match, Member, Relation, Story
from newsmon.records.outcomes import RANK
from newsmon.records.shared_fields import shared_fields
from processors.alerts.decision import Told
from processors.alerts.severity import (
    UNKNOWN_TIER,
    SeverityPolicy,
    SeverityState,
    SourceReport,
    first_severity,
    severity_after,
    severity_after_copy,
    severity_after_doubtful,
)
from processors.features.of_article import Features
from processors.stories.memory import ThemeMemory
from processors.stories.placement import Placement, published_s
from processors.stories.remembered import EventMemory, StoryMemory, severity_flat, told_flat

SHOWN_MEMBERS = 10
_LONG_PUBLISHED = timedelta(hours=72)
_AHEAD = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Outlets:
    """The outlets of a story or of an event; each counts once."""

    sources: frozenset[str]  # independent ones, which wrote their own report
    carriers: frozenset[str]  # all of them, copies included


def outlets_after(match: Match, placement: Placement, before: StoryMemory | EventMemory | None) -> Outlets:
    """Return the outlets of the story or the event after `match`."""
    own = frozenset((ids.source_key(match.article.source),))
    sources = own if confirms(match, placement) else frozenset()
    if before is None:
        return Outlets(sources, own)
    return Outlets(before.sources | sources, before.outlets | own)


def confirms(match: Match, placement: Placement) -> bool:
    """True when the match is another source's own report and clearly of this event; an unknown outlet confirms nothing."""
    is_own = placement.relation not in (Relation.COPY, Relation.UPDATE) and match.article.tier < UNKNOWN_TIER
    return is_own and placement.is_sure


def severity_of(match: Match, placement: Placement, policy: SeverityPolicy, *, may_notify: bool) -> SeverityState:
    """Return the event's severity after `match`: only a match that may notify changes it."""
    report = SourceReport(ids.source_key(match.article.source), match.article.tier, published_s(match)) if may_notify else None
    if placement.event is None:
        return first_severity(match.severity, match.severity_steps, report, policy)
    before = placement.event.severity
    if report is None:
        return before
    if placement.relation is Relation.COPY or (placement.before is not None and placement.before.is_copy):
        return severity_after_copy(before, match.severity, match.severity_steps)
    if not placement.is_sure:
        return severity_after_doubtful(before, match.severity)
    return severity_after(before, match.severity, match.severity_steps, report, policy)


def is_ahead_by_hours(at: datetime, now: datetime) -> bool:
    """True when `at` was given by a clock that was ahead: no two machines differ by so much."""
    return at - now > _AHEAD


def _updated_at(before: Story | Event | None, match: Match) -> datetime:
    if before is None or is_ahead_by_hours(before.updated_at, match.matched_at):
        return match.matched_at
    return max(before.updated_at, match.matched_at)


def _with_member(before: Story | Event | None, match: Match, placement: Placement, outlets: Outlets) -> dict[str, Any]:
    """Return the fields in which a story and an event count one more member alike; `before` is None for a new one."""
    return {
        "title": match.article.title if before is None else before.title,
        "opened_at": match.matched_at if before is None else before.opened_at,
        "updated_at": _updated_at(before, match),
        "article_count": (0 if before is None else before.article_count) + (placement.relation is not Relation.UPDATE),
        "copy_count": (0 if before is None else before.copy_count) + (placement.relation is Relation.COPY),
        "source_count": max(len(outlets.sources), 1),
        "outlet_count": len(outlets.carriers),
    }


def event_after(match: Match, placement: Placement, event_id: str, outlets: Outlets, severity: SeverityState) -> Event:
    """Return the event that `match` belongs to, as it is with it."""
    before = placement.event.event if placement.event is not None else None
    return Event(
        **_with_member(before, match, placement, outlets),
        event_id=event_id,
        severity=severity.severity,
        severity_reason=severity.reason,
    )


def story_after(match: Match, placement: Placement, story_id: str, event: Event, outlets: Outlets) -> Story:
    """Return the next revision of the story that `match` belongs to."""
    member = _member(match, placement, event.event_id)
    before = placement.story.story if placement.story is not None else None
    members = (*(before.members if before is not None else ()), member)
    rises = before is None or RANK[event.severity] > RANK[before.severity]
    return Story(
        **_with_member(before, match, placement, outlets),
        story_id=story_id,
        theme_id=match.theme_id,
        revision=before.revision + 1 if before is not None else 1,
        state=AlertState.UPDATED if before is not None else AlertState.OPENED,
        languages=tuple(sorted({*(before.languages if before is not None else ()), match.article.language})),
        severity=event.severity if before is None or rises else before.severity,
        severity_reason=event.severity_reason if before is None or rises else before.severity_reason,
        event_count=(before.event_count if before is not None else 0) + (placement.event is None),
        event=event,
        latest=member,
        alert_decision=AlertReason.NO_MATERIAL_CHANGE,  # the decision replaces it
        members=members if len(members) <= SHOWN_MEMBERS else members[:1] + members[1 - SHOWN_MEMBERS :],
    )


def _member(match: Match, placement: Placement, event_id: str) -> Member:
    return Member(
        **shared_fields(match.article, Member),
        event_id=event_id,
        match_id=match.match_id,
        relation=placement.relation,
        copy_of=placement.copy_of,
        score=match.score,
        likeness=placement.likeness,
    )


def ids_after(match: Match, placement: Placement, theme: ThemeMemory, gone: frozenset[str]) -> tuple[str, str]:
    """Return the ids of the match's story and event; new ones are those of no live story or event and of none in `gone`."""
    new_id = _new_story_id(match, gone) if placement.event is None else ""
    story_id = placement.story.story.story_id if placement.story is not None else new_id
    if placement.event is not None:
        return story_id, placement.event.event.event_id
    # an older revision of the article opened an event that outlived it, or a story that parted from the event and goes on
    if theme.story_of_event(ids.event_id(new_id)) is not None or new_id in theme.stories:
        new_id = ids.story_id(match.theme_id, f"{match.article.revision_id}@{match.matched_at.isoformat()}")
        story_id = story_id if placement.story is not None else new_id
    return story_id, ids.event_id(new_id)


def _new_story_id(match: Match, gone: frozenset[str]) -> str:
    """Return an id derived from the first member, so that a replay gives the same.

    An article may outlive its story: revised, or shown days later by another feed. It must not take the closed story's id
    again, because receivers would drop the alert as a repeat. So a revision, and an article first seen long after its
    publication or without a date of publication, adds something that makes the id different.

    So does an article from a feed's first poll. When Kafka is lost, every feed is polled as if for the first time: the same articles
    open stories again, in another order, and revision 2 of such a story is not what revision 2 of its namesake told.
    """
    article = match.article
    first_id = article.article_id
    if article.revision > 1 or ids.story_id(match.theme_id, first_id) in gone:
        first_id = article.revision_id
    if article.baseline:
        first_id = f"{first_id}@{article.first_seen_at.isoformat()}"
    elif article.published_at is None or article.first_seen_at - article.published_at > _LONG_PUBLISHED:
        first_id = f"{first_id}@{article.first_seen_at.date().isoformat()}"
    return ids.story_id(match.theme_id, first_id)


def kept_features(
    match: Match, placement: Placement, features: Features, story: Outlets, event: Outlets, severity: SeverityState, told: Told | None
) -> dict[str, list[str]]:
    """Return what a StoryState keeps besides the story itself; `ThemeMemory.remember` reads it back."""
    return features.flat() | {
        "at": [str(published_s(match))],
        "clauses": sorted({evidence.clause for evidence in match.evidence}),
        **({} if placement.is_sure else {"doubtful": ["1"]}),
        "sources": sorted(story.sources),
        "outlets": sorted(story.carriers),
        "event_sources": sorted(event.sources),
        "event_outlets": sorted(event.carriers),
        **severity_flat(severity),
        "told": told_flat(told),
    }
