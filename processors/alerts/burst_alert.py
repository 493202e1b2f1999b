"""The alert of a burst: which matches count for a theme's pulse, and its text when a burst begins or is over.

In:  a match with its decision, the pulses before. Out: the pulses after, and an alert if a burst began or ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from newsmon import ids
from newsmon.records import Alert, AlertReason, AlertState, Match, Origin, Relation, Severity, SeverityReason, Story, ThemePulse
from processors.alerts.burst import BurstChange, BurstPolicy, BurstStep, Window, after_story, after_time, new_pulse
from processors.alerts.season import HOUR_S, LATE_H

NEWS_AGE = timedelta(hours=LATE_H)  # an event published longer before its match came with a backlog and says nothing about now
KEPT_ORPHANS = 32  # pulses of themes without a live story, carried along so that weeks of learning survive a restart


def counts_for_burst(match: Match, relation: Relation, refusal: AlertReason | None) -> bool:
    """True for a new event that is current: the match opened it, may notify and is not part of a backlog."""
    if relation not in (Relation.OPENED, Relation.CONTINUED) or refusal is not None or match.article.baseline:
        return False
    published_at = match.article.published_at
    return published_at is None or match.matched_at - published_at <= NEWS_AGE


def pulse_after(
    match: Match, story: Story, before: ThemePulse | None, *, counts: bool, policy: BurstPolicy
) -> tuple[ThemePulse, Alert | None]:
    """The theme's pulse after the match, and the alert when a burst begins or is over."""
    pulse = before if before is not None else new_pulse(match.theme_id, match.matched_at)
    if counts:
        step = after_story(
            pulse, at=match.matched_at, source=ids.source_key(match.article.source), published_at=match.article.published_at, policy=policy
        )
    elif pulse.burst_hour is not None and match.article.origin is Origin.LIVE:
        step = after_time(pulse, at=match.matched_at, policy=policy)
    else:
        return pulse, None
    if step.change is BurstChange.OPENED:
        assert step.pulse.burst_hour is not None
        return step.pulse, _alert(match, story, step, step.pulse.burst_hour, policy.severity)
    if step.change is BurstChange.CLOSED:
        assert pulse.burst_hour is not None
        return step.pulse, _alert(match, story, step, pulse.burst_hour, policy.severity)
    return step.pulse, None


def carried(pulses: Mapping[str, ThemePulse], own: ThemePulse, live_themes: Iterable[str]) -> tuple[ThemePulse, ...]:
    """The pulses that a state must hold: the theme's own, and those whose own states may be gone."""
    live = frozenset(live_themes)
    orphans = sorted((one for name, one in pulses.items() if name not in live and name != own.theme_id), key=lambda one: -one.hour)
    return (own, *sorted(orphans[:KEPT_ORPHANS], key=lambda one: one.theme_id))


def _alert(match: Match, story: Story, step: BurstStep, began_hour: int, severity: Severity) -> Alert:
    is_over = step.change is BurstChange.CLOSED
    began_at = datetime.fromtimestamp(began_hour * HOUR_S, UTC)
    burst_id = ids.story_id(match.theme_id, f"burst@{began_at.isoformat()}")
    window = step.window
    return Alert(
        alert_id=ids.alert_id(match.theme_id, burst_id),
        revision=2 if is_over else 1,
        state=AlertState.CLOSED if is_over else AlertState.OPENED,
        reason=AlertReason.BURST_OVER if is_over else AlertReason.BURST,
        severity=severity,
        severity_reason=SeverityReason.BURST,
        theme_id=match.theme_id,
        theme_label=match.theme_label,
        story_id=burst_id,
        story_title=_title(match.theme_label, window, is_over=is_over),
        event_count=window.story_count,
        event=None,
        origin=match.article.origin,
        title=_title(match.theme_label, window, is_over=is_over),
        score=float(window.story_count),
        threshold=round(window.expected, 2),
        theme_version=match.theme_version,
        generation=match.generation,
        evidence=(),
        article_count=window.story_count,
        source_count=window.source_count,
        outlet_count=window.source_count,
        articles=(story.latest,) if story.latest is not None else (),
        lead=_lead(window),
        opened_at=began_at if is_over else match.matched_at,
        raised_at=match.matched_at,
    )


def _title(label: str, window: Window, *, is_over: bool) -> str:
    if is_over:
        return f"{label}: as many new events as usual again"
    hours = "hour" if window.hours == 1 else f"{window.hours} hours"
    return f"{label}: {window.story_count} new events in the last {hours}, about {window.expected:.1f} are usual"


def _lead(window: Window) -> str:
    return (
        f"{window.story_count} distinct events from {window.source_count} independent sources; expected at this hour of this weekday: "
        f"{window.expected:.1f}. The same window yesterday had {window.yesterday_count}, a week ago {window.last_week_count}. "
        f"So many or more by chance: {window.probability:.2g}."
    )
