"""Decides whether one more match on a story deserves an alert, and gives the reason either way.

In:  the match, its event and story as they are with it, how the event was last told, what is new in the text.
Out: `AlertDecision(reason, alert)`.
The time is the match's own `matched_at`.

One alert per theme and running story, with rising revision. It opens with the first fresh, live report. A further event is an update
under its own headline, whatever its text. An event already told is told again only when something material changed: a higher
severity, enough independent sources, a revised text with other evidence, new facts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import msgspec

from newsmon import ids
from newsmon.records import (
    Alert,
    AlertReason,
    AlertState,
    DateQuality,
    Event,
    Match,
    Member,
    Origin,
    Relation,
    Severity,
    SeverityReason,
    Story,
    TextSource,
    UtcDatetime,
)
from newsmon.records.outcomes import RANK
from processors.alerts.burst import BurstPolicy
from processors.alerts.severity import SeverityPolicy

_SHOWN_ARTICLES = 10


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """The operator's choices (settings section `alerts`)."""

    max_age: timedelta = timedelta(hours=48)
    update_at_sources: tuple[int, ...] = (5, 20)
    severity: SeverityPolicy = field(default_factory=SeverityPolicy)
    burst: BurstPolicy | None = field(default_factory=BurstPolicy)  # None: no burst alerts


@dataclass(frozen=True, slots=True)
class AlertDecision:
    """The reason for an alert revision, or for its absence (`alert` is None)."""

    reason: AlertReason
    alert: Alert | None


@dataclass(frozen=True, slots=True)
class Told:
    """How an event was last told: with which severity, and from how many independent sources."""

    severity: Severity
    source_count: int


@dataclass(frozen=True, slots=True)
class News:
    """What one more match brings to its event."""

    relation: Relation
    evidence_changed: bool = False  # of an update: the revised text matches through other clauses than the old one
    facts: tuple[str, ...] = ()  # new names, places and figures, if they are material
    is_sure: bool = True  # False: it may report a different event from the one it joined


def decide_alert(match: Match, news: News, *, story: Story, told: Told | None, last: Alert | None, policy: AlertPolicy) -> AlertDecision:
    """Return the decision for `match`, which led to `story` as it is now.

    `told`: how its event was last told, None if it was not; `last`: the story's newest alert, if any.
    """
    event = story.event
    assert event is not None, "a match is about an event"
    refusal = refusal_of(match, policy)
    if refusal is None and news.relation is Relation.COPY and told is not None and not news.facts:
        refusal = AlertReason.COPY_OF_MEMBER
    if refusal is not None:
        return AlertDecision(refusal, None)
    reason = _reason(match, news, event, told, last, policy)
    if reason is AlertReason.NO_MATERIAL_CHANGE:
        return AlertDecision(reason, None)
    alert = _alert(match, story, event, last, reason, news.facts if reason is AlertReason.NEW_FACTS else ())
    is_graver = RANK[event.severity] > RANK[match.severity]
    if not news.is_sure and (is_graver or reason is AlertReason.NEW_FACTS):  # its own severity, not that of what may be another event
        alert = msgspec.structs.replace(alert, severity=match.severity, severity_reason=SeverityReason.THEME_RULES)
    return AlertDecision(reason, alert)


def _reason(match: Match, news: News, event: Event, told: Told | None, last: Alert | None, policy: AlertPolicy) -> AlertReason:
    if told is None and last is None:
        return AlertReason.NEW_STORY if news.relation is Relation.OPENED else AlertReason.FIRST_FRESH_REPORT
    if told is None:
        return AlertReason.NEW_DEVELOPMENT
    if RANK[event.severity] > RANK[told.severity]:
        return AlertReason.SEVERITY_RAISED
    if any(told.source_count < step <= event.source_count for step in policy.update_at_sources):
        return AlertReason.MORE_SOURCES
    # The article's page holds more text than its feed did: the article itself was not revised.
    if news.relation is Relation.UPDATE and news.evidence_changed and match.article.text_source is TextSource.FEED:
        return AlertReason.REVISED_TEXT
    return AlertReason.NEW_FACTS if news.facts else AlertReason.NO_MATERIAL_CHANGE


def told_after(before: Told | None, decision: AlertDecision) -> Told | None:
    """Return how the event was last told, once the decision is carried out."""
    if decision.alert is None or decision.alert.event is None:
        return before
    event = decision.alert.event
    return Told(event.severity, event.source_count)


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
    """Return the last revision of an alert whose story has closed; title and evidence stay those of the revision before."""
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
        event_count=story.event_count,
        event=None,
        new_facts=(),
        articles=shown_articles(last.articles[0] if last.articles else None, story.members),
        raised_at=at,
    )


def _alert(match: Match, story: Story, event: Event, last: Alert | None, reason: AlertReason, facts: tuple[str, ...]) -> Alert:
    return Alert(
        alert_id=ids.alert_id(story.theme_id, story.story_id),
        revision=1 if last is None else last.revision + 1,
        state=AlertState.OPENED if last is None else AlertState.UPDATED,
        reason=reason,
        severity=event.severity,
        severity_reason=event.severity_reason,
        theme_id=story.theme_id,
        theme_label=match.theme_label,
        story_id=story.story_id,
        story_title=story.title,
        event_count=story.event_count,
        event=event,
        new_facts=facts,
        origin=match.article.origin,
        title=match.article.title,
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
