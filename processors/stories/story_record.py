"""The story record that a match leads to: its members, counts, severity and id.

In:  the match, its placement, the alert policy.
Out: `Story`, and the parts of a StoryState from which a restarted worker rebuilds its memory.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from newsmon import ids
from newsmon.records import AlertReason, AlertState, Match, Member, Relation, Story
from newsmon.records.shared_fields import shared_fields
from processors.alerts.severity import SeverityPolicy, SeverityState, SourceReport, first_severity, severity_after, severity_after_copy
from processors.stories.features import Features
from processors.stories.placement import Placement, published_s

_SHOWN_MEMBERS = 10
_LONG_PUBLISHED = timedelta(hours=72)
_AHEAD = timedelta(hours=3)


def sources_and_outlets(match: Match, placement: Placement) -> tuple[frozenset[str], frozenset[str]]:
    """Return the independent sources and all outlets of the story after `match`; an outlet counts once."""
    own = frozenset((ids.source_key(match.article.source),))
    if placement.memory is None:
        return own, own
    sources = placement.memory.sources | own if placement.relation is Relation.JOINED else placement.memory.sources
    return sources, placement.memory.outlets | own


def severity_of(match: Match, placement: Placement, policy: SeverityPolicy, *, may_notify: bool) -> SeverityState:
    """Return the story's severity after `match`: only a match that may notify changes it."""
    report = SourceReport(ids.source_key(match.article.source), match.article.tier, published_s(match)) if may_notify else None
    if placement.memory is None:
        return first_severity(match.severity, match.severity_steps, report, policy)
    before = placement.memory.severity
    if report is None:
        return before
    if placement.relation is Relation.COPY or (placement.before is not None and placement.before.is_copy):
        return severity_after_copy(before, match.severity, match.severity_steps)
    return severity_after(before, match.severity, match.severity_steps, report, policy)


def is_ahead_by_hours(at: datetime, now: datetime) -> bool:
    """True when `at` was given by a clock that was ahead: no two machines differ by so much."""
    return at - now > _AHEAD


def _updated_at(before: Story | None, match: Match) -> datetime:
    if before is None or is_ahead_by_hours(before.updated_at, match.matched_at):
        return match.matched_at
    return max(before.updated_at, match.matched_at)


def story_after(
    match: Match, placement: Placement, sources: frozenset[str], outlets: frozenset[str], severity: SeverityState, gone: frozenset[str]
) -> Story:
    """Return the next revision of the story that `match` belongs to; none of the stories `gone` gives it its id."""
    article = match.article
    member = _member(match, placement)
    before = placement.memory.story if placement.memory is not None else None
    members = (*(before.members if before is not None else ()), member)
    is_new_article = placement.relation is not Relation.UPDATE
    return Story(
        story_id=before.story_id if before is not None else _new_story_id(match, gone),
        theme_id=match.theme_id,
        revision=before.revision + 1 if before is not None else 1,
        state=AlertState.UPDATED if before is not None else AlertState.OPENED,
        title=before.title if before is not None else article.title,
        opened_at=before.opened_at if before is not None else match.matched_at,
        updated_at=_updated_at(before, match),
        article_count=(before.article_count if before is not None else 0) + is_new_article,
        copy_count=(before.copy_count if before is not None else 0) + (placement.relation is Relation.COPY),
        source_count=len(sources),
        outlet_count=len(outlets),
        languages=tuple(sorted({*(before.languages if before is not None else ()), article.language})),
        severity=severity.severity,
        severity_reason=severity.reason,
        latest=member,
        alert_decision=AlertReason.NO_MATERIAL_CHANGE,  # the decision replaces it
        members=members if len(members) <= _SHOWN_MEMBERS else members[:1] + members[1 - _SHOWN_MEMBERS :],
    )


def _member(match: Match, placement: Placement) -> Member:
    return Member(
        **shared_fields(match.article, Member),
        match_id=match.match_id,
        relation=placement.relation,
        copy_of=placement.copy_of,
        score=match.score,
    )


def _new_story_id(match: Match, gone: frozenset[str]) -> str:
    """Return an id derived from the first member, so that a replay gives the same.

    An article may outlive its story: revised, or shown days later by another feed. It must not take the closed story's id
    again, because receivers would drop the alert as a repeat. So a revision, and an article first seen long after its
    publication or without a date of publication, adds something that makes the id different.
    """
    article = match.article
    first_id = article.article_id
    if article.revision > 1 or ids.story_id(match.theme_id, first_id) in gone:
        first_id = article.revision_id
    if article.published_at is None or article.first_seen_at - article.published_at > _LONG_PUBLISHED:
        first_id = f"{first_id}@{article.first_seen_at.date().isoformat()}"
    return ids.story_id(match.theme_id, first_id)


def kept_features(
    match: Match, features: Features, clauses: frozenset[str], sources: frozenset[str], outlets: frozenset[str], severity: SeverityState
) -> dict[str, list[str]]:
    """Return what a StoryState keeps besides the story itself; `ThemeMemory.remember` reads it back."""
    return features.flat() | {
        "at": [str(published_s(match))],
        "clauses": sorted(clauses),
        "sources": sorted(sources),
        "outlets": sorted(outlets),
        "heard": [one.flat() for one in severity.reports],
        "awaited": [f"{step.severity} {step.min_sources or ''}" for step in severity.awaited],
    }
