"""Decides the severity of an event from its theme's rules and from the number of independent sources that report it.

In:  the severity before, one more match, the reports so far and the levels that wait for more of them, the operator's policy.
Out: the severity after, never lower than before, and its reason.
Times are those of publication (if unknown: of first sight).

The text of an article decides how high its event can rise; other sources decide whether it does. Flash wakes people, so a theme's
rules alone do not reach it (unless they say `min_sources = 1`). Many sources alone do not reach it either: they make a story urgent.
Copies, articles that may not notify (backfill, stale ones) and outlets of the lowest tier (an aggregator that names no publisher, an
outlet nobody has ranked) confirm nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from newsmon.records import Severity, SeverityReason, SeverityStep
from newsmon.records.outcomes import RANK

MAX_REPORTS = 64  # independent sources remembered per event, the newest
UNKNOWN_TIER = 4


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The independent sources, or the sources of the first tier, needed within a time; a count of 0 never holds."""

    sources: int
    top_sources: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class SeverityPolicy:
    """The operator's choices (settings sections `alerts.urgent` and `alerts.flash`)."""

    urgent_at_sources: int = 8
    urgent_at_top_sources: int = 3
    urgent_at_once: int = 5
    urgent_within: timedelta = timedelta(minutes=30)
    flash: Confirmation = field(default_factory=lambda: Confirmation(sources=3, top_sources=2, within=timedelta(hours=6)))


@dataclass(frozen=True, slots=True)
class SourceReport:
    """The first report of one independent source on an event."""

    source: str
    tier: int
    at_s: float

    def flat(self) -> str:
        return f"{self.at_s:.0f} {self.tier} {self.source}"

    @staticmethod
    def from_flat(text: str) -> SourceReport:
        at_s, tier, source = text.split(" ", 2)
        return SourceReport(source, int(tier), float(at_s))


@dataclass(frozen=True, slots=True)
class SeverityState:
    """An event's severity, its reason, and what may still raise it."""

    severity: Severity
    reason: SeverityReason
    reports: tuple[SourceReport, ...] = ()
    awaited: tuple[SeverityStep, ...] = ()


def first_severity(severity: Severity, steps: Iterable[SeverityStep], report: SourceReport | None, policy: SeverityPolicy) -> SeverityState:
    """The severity of a new event; `report` is its first report, None if that one may not notify."""
    reports = _heard((), report)
    return _raised(SeverityState(severity, SeverityReason.THEME_RULES, reports, tuple(steps)), report, policy)


def severity_after(
    before: SeverityState, severity: Severity, steps: Iterable[SeverityStep], report: SourceReport, policy: SeverityPolicy
) -> SeverityState:
    """The severity after one more report in its own words that may notify."""
    higher = RANK[severity] > RANK[before.severity]
    return _raised(
        SeverityState(
            severity if higher else before.severity,
            SeverityReason.THEME_RULES if higher else before.reason,
            _heard(before.reports, report),
            _ordered((*before.awaited, *steps)),
        ),
        report,
        policy,
    )


def _heard(before: tuple[SourceReport, ...], report: SourceReport | None) -> tuple[SourceReport, ...]:
    """The reports that confirm the event, with one more if it does."""
    if report is None or report.tier >= UNKNOWN_TIER or any(one.source == report.source for one in before):
        return before
    return (*before, report)[-MAX_REPORTS:]


def severity_after_copy(before: SeverityState, severity: Severity, steps: Iterable[SeverityStep]) -> SeverityState:
    """The severity after a copy. A copy alerts no one and confirms nothing: the level of its headline waits for a report in other words."""
    claimed = () if RANK[severity] <= RANK[before.severity] else (SeverityStep(severity=severity, min_sources=1),)
    return replace(before, awaited=_ordered((*before.awaited, *claimed, *steps), above=before.severity))


def severity_after_doubtful(before: SeverityState, severity: Severity) -> SeverityState:
    """The severity after a report that may be of another event: as grave as its own words; it confirms nothing, nothing confirms it."""
    if RANK[severity] <= RANK[before.severity]:
        return before
    return replace(before, severity=severity, reason=SeverityReason.THEME_RULES, awaited=_ordered(before.awaited, above=severity))


def _ordered(steps: Iterable[SeverityStep], above: Severity = Severity.NOTICE) -> tuple[SeverityStep, ...]:
    higher = {step for step in steps if RANK[step.severity] > RANK[above]}
    return tuple(sorted(higher, key=lambda step: (RANK[step.severity], step.min_sources or 0)))


def _raised(state: SeverityState, last: SourceReport | None, policy: SeverityPolicy) -> SeverityState:
    """The state raised to the highest level that holds, without the steps already reached."""
    severity, reason = state.severity, state.reason
    if last is not None:
        for step in state.awaited:
            if RANK[step.severity] > RANK[severity] and _is_confirmed(step, state.reports, last, policy):
                severity, reason = step.severity, SeverityReason.CONFIRMED
        by_sources = None if severity is not Severity.NOTICE else _by_sources_alone(state.reports, last, policy)
        if by_sources is not None:
            severity, reason = Severity.URGENT, by_sources
    awaited = tuple(step for step in state.awaited if RANK[step.severity] > RANK[severity])
    return SeverityState(severity, reason, state.reports, awaited)


def _is_confirmed(step: SeverityStep, reports: Sequence[SourceReport], last: SourceReport, policy: SeverityPolicy) -> bool:
    if step.min_sources is not None:
        return len(reports) >= step.min_sources
    sources, top_sources = _most_within(reports, last, policy.flash.within)
    return _reaches(sources, policy.flash.sources) or _reaches(top_sources, policy.flash.top_sources)


def _by_sources_alone(reports: Sequence[SourceReport], last: SourceReport, policy: SeverityPolicy) -> SeverityReason | None:
    """The reason why sources alone make a story urgent, or None."""
    if _reaches(sum(one.tier == 1 for one in reports), policy.urgent_at_top_sources):
        return SeverityReason.TOP_SOURCES
    if _reaches(_most_within(reports, last, policy.urgent_within)[0], policy.urgent_at_once):
        return SeverityReason.SOURCES_AT_ONCE
    return SeverityReason.MANY_SOURCES if _reaches(len(reports), policy.urgent_at_sources) else None


def _reaches(count: int, wanted: int) -> bool:
    return 0 < wanted <= count


def _most_within(reports: Sequence[SourceReport], last: SourceReport, within: timedelta) -> tuple[int, int]:
    """The most sources, and the most of the first tier, in any stretch of this length that contains the last report."""
    length_s = within.total_seconds()
    near = [one for one in reports if abs(one.at_s - last.at_s) <= length_s]
    stretches = [
        [one for one in near if begin.at_s <= one.at_s <= begin.at_s + length_s]
        for begin in near
        if begin.at_s <= last.at_s <= begin.at_s + length_s
    ]
    top = [sum(one.tier == 1 for one in stretch) for stretch in stretches]
    return max(map(len, stretches), default=0), max(top, default=0)
