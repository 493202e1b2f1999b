"""Decides whether one more match on a story deserves an alert, and gives the reason either way.

In:  the match, the story before and after it, the last alert of the story.
Out: `AlertDecision(reason, alert)`.
The time is the match's own `matched_at`.

One alert per theme and story, with rising revision. It opens with the first fresh, live report, and is updated only
when something material changed: more independent sources, a higher severity, a revised text with other evidence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import msgspec

from newsmon import ids
from newsmon.records import Alert, AlertReason, AlertState, DateQuality, Match, Member, Origin, Relation, Story, TextSource, UtcDatetime
from processors.alerts.burst import BurstPolicy
from processors.alerts.severity import SeverityPolicy
from processors.matching.levels import RANK

_SHOWN_ARTICLES = 10


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """The operator's choices (settings section `alerts`)."""

    max_age: timedelta = timedelta(hours=48)
    update_at_sources: tuple[int, ...] = (3, 5, 10, 20, 40)
    severity: SeverityPolicy = field(default_factory=SeverityPolicy)
    burst: BurstPolicy | None = field(default_factory=BurstPolicy)  # None: no burst alerts


@dataclass(frozen=True, slots=True)
class AlertDecision:
    """The reason for an alert revision, or for its absence (`alert` is None)."""

    reason: AlertReason
    alert: Alert | None


def decide_alert(
    match: Match, *, relation: Relation, story: Story, last: Alert | None, evidence_changed: bool, policy: AlertPolicy
) -> AlertDecision:
    """Return the decision for `match`, which led to `story` as it is now; `last` is the story's newest alert, if any.

    `evidence_changed` is for updates: True when the revised text matches by other clauses than the text before.
    """
    refusal = AlertReason.COPY_OF_MEMBER if relation is Relation.COPY else refusal_of(match, policy)
    if refusal is not None:
        return AlertDecision(refusal, None)
    # The article's page holds more text than its feed did: the article itself was not revised.
    changed = evidence_changed and match.article.text_source is TextSource.FEED
    reason = _reason(relation, story, last, evidence_changed=changed, policy=policy)
    if reason is AlertReason.NO_MATERIAL_CHANGE:
        return AlertDecision(reason, None)
    return AlertDecision(reason, _alert(match, story, last, reason))


def _reason(relation: Relation, story: Story, last: Alert | None, *, evidence_changed: bool, policy: AlertPolicy) -> AlertReason:
    if last is None:
        return AlertReason.NEW_STORY if relation is Relation.OPENED else AlertReason.FIRST_FRESH_REPORT
    if RANK[story.severity] > RANK[last.severity]:
        return AlertReason.SEVERITY_RAISED
    if any(last.source_count < step <= story.source_count for step in policy.update_at_sources):
        return AlertReason.MORE_SOURCES
    if relation is Relation.UPDATE and evidence_changed:
        return AlertReason.REVISED_TEXT
    return AlertReason.NO_MATERIAL_CHANGE


def refusal_of(match: Match, policy: AlertPolicy) -> AlertReason | None:
    """Return the reason why `match` may not notify anybody, or None if it may."""
    article = match.article
    if article.origin is not Origin.LIVE:
        return AlertReason.NOT_LIVE
    if article.reidentified:
        return AlertReason.REIDENTIFIED
    if article.published_at is None:
        if article.date_quality is DateQuality.FUTURE:
            return AlertReason.STALE  # an announcement of what is days ahead, not a report
        return AlertReason.UNDATED_BASELINE if article.baseline else None
    return AlertReason.STALE if match.matched_at - article.published_at > policy.max_age else None


def closing_alert(last: Alert, story: Story, *, at: UtcDatetime) -> Alert:
    """Return the last revision of an alert whose story has closed."""
    return msgspec.structs.replace(
        last,
        revision=last.revision + 1,
        state=AlertState.CLOSED,
        reason=AlertReason.STORY_CLOSED,
        severity=story.severity,
        severity_reason=story.severity_reason,
        article_count=story.article_count,
        source_count=story.source_count,
        outlet_count=story.outlet_count,
        articles=shown_articles(None, story.members),
        raised_at=at,
    )


def _alert(match: Match, story: Story, last: Alert | None, reason: AlertReason) -> Alert:
    return Alert(
        alert_id=ids.alert_id(story.theme_id, story.story_id),
        revision=1 if last is None else last.revision + 1,
        state=AlertState.OPENED if last is None else AlertState.UPDATED,
        reason=reason,
        severity=story.severity,
        severity_reason=story.severity_reason,
        theme_id=story.theme_id,
        theme_label=match.theme_label,
        story_id=story.story_id,
        origin=match.article.origin,
        title=story.title,
        score=match.score,
        threshold=match.threshold,
        theme_version=match.theme_version,
        generation=match.generation,
        evidence=match.evidence,
        also_matched=match.also_matched,
        article_count=story.article_count,
        source_count=story.source_count,
        outlet_count=story.outlet_count,
        articles=shown_articles(story.latest, story.members),
        lead=match.article.lead,
        opened_at=match.matched_at if last is None else last.opened_at,
        raised_at=match.matched_at,
    )


def shown_articles(cause: Member | None, members: tuple[Member, ...]) -> tuple[Member, ...]:
    """Return at most ten members: the one that caused the alert, the first of the story, then the newest."""
    ordered = [*([cause] if cause is not None else []), *members[:1], *reversed(members[1:])]
    unique = {member.match_id: member for member in reversed(ordered)}  # the first of each id, in reversed order
    kept = dict.fromkeys(member.match_id for member in ordered)
    return tuple(unique[match_id] for match_id in kept)[:_SHOWN_ARTICLES]
