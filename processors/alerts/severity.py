"""How loud a story is: what its theme's rules say of its articles, and how many independent sources stand behind it.

In:  the severity before, one more match, the sources heard so far and the levels that wait for more of them, the operator's policy.
Out: the severity after, never lower than before, and what gave it.
I/O: none; times are those at which articles were published (if unknown: first seen).

What an article says decides how high its story can go; who else says so decides whether it goes there. Flash wakes people: a theme's
rules alone do not give it (unless they say `min_sources = 1`), and many sources alone do not either: they make a story urgent.
Copies and what may not notify (backfill, stale articles) confirm nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from newsmon.records import Severity, SeverityReason, SeverityStep
from processors.matching.levels import RANK

MOST_HEARD = 64  # independent sources remembered per story, the newest


@dataclass(frozen=True, slots=True)
class Confirmation:
    """So many independent sources, or so many of the first tier, within so long; a count of 0 never holds."""

    sources: int
    top_sources: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class SeverityPolicy:
    """The operator's part (settings sections `alerts.urgent` and `alerts.flash`)."""

    urgent_at_sources: int = 8
    urgent_at_top_sources: int = 3
    urgent_at_once: int = 5
    urgent_within: timedelta = timedelta(minutes=30)
    flash: Confirmation = field(default_factory=lambda: Confirmation(sources=3, top_sources=2, within=timedelta(hours=6)))


@dataclass(frozen=True, slots=True)
class Heard:
    """The first report of one independent source on a story."""

    source: str
    tier: int
    at_s: float

    def flat(self) -> str:
        return f"{self.at_s:.0f} {self.tier} {self.source}"

    @staticmethod
    def from_flat(text: str) -> Heard:
        at_s, tier, source = text.split(" ", 2)
        return Heard(source, int(tier), float(at_s))


@dataclass(frozen=True, slots=True)
class Standing:
    """A story's severity, what gave it, and what may still raise it."""

    severity: Severity
    reason: SeverityReason
    heard: tuple[Heard, ...] = ()
    awaited: tuple[SeverityStep, ...] = ()


def opened(severity: Severity, steps: Iterable[SeverityStep], heard: Heard | None, policy: SeverityPolicy) -> Standing:
    """A new story; `heard` is its first report, None if that one may not notify."""
    return _raised(Standing(severity, SeverityReason.THEME_RULES, () if heard is None else (heard,), tuple(steps)), heard, policy)


def after(before: Standing, severity: Severity, steps: Iterable[SeverityStep], heard: Heard, policy: SeverityPolicy) -> Standing:
    """The story after one more report of its own words that may notify."""
    known = any(one.source == heard.source for one in before.heard)
    louder = RANK[severity] > RANK[before.severity]
    return _raised(
        Standing(
            severity if louder else before.severity,
            SeverityReason.THEME_RULES if louder else before.reason,
            before.heard if known else (*before.heard, heard)[-MOST_HEARD:],
            _ordered((*before.awaited, *steps)),
        ),
        heard,
        policy,
    )


def after_copy(before: Standing, severity: Severity, steps: Iterable[SeverityStep]) -> Standing:
    """The story after a copy, which alerts nobody and confirms nothing: what its headline says waits for the next report of other words."""
    said = () if RANK[severity] <= RANK[before.severity] else (SeverityStep(severity=severity, min_sources=1),)
    return replace(before, awaited=_ordered((*before.awaited, *said, *steps), above=before.severity))


def _ordered(steps: Iterable[SeverityStep], above: Severity = Severity.NOTICE) -> tuple[SeverityStep, ...]:
    louder = {step for step in steps if RANK[step.severity] > RANK[above]}
    return tuple(sorted(louder, key=lambda step: (RANK[step.severity], step.min_sources or 0)))


def _raised(standing: Standing, last: Heard | None, policy: SeverityPolicy) -> Standing:
    """Raise to the highest level that holds, and forget the steps that are taken."""
    severity, reason = standing.severity, standing.reason
    if last is not None:
        for step in standing.awaited:
            if RANK[step.severity] > RANK[severity] and _is_confirmed(step, standing.heard, last, policy):
                severity, reason = step.severity, SeverityReason.CONFIRMED
        mass = None if severity is not Severity.NOTICE else _mass(standing.heard, last, policy)
        if mass is not None:
            severity, reason = Severity.URGENT, mass
    awaited = tuple(step for step in standing.awaited if RANK[step.severity] > RANK[severity])
    return Standing(severity, reason, standing.heard, awaited)


def _is_confirmed(step: SeverityStep, heard: Sequence[Heard], last: Heard, policy: SeverityPolicy) -> bool:
    if step.min_sources is not None:
        return len(heard) >= step.min_sources
    sources, top_sources = _most_within(heard, last, policy.flash.within)
    return _reaches(sources, policy.flash.sources) or _reaches(top_sources, policy.flash.top_sources)


def _mass(heard: Sequence[Heard], last: Heard, policy: SeverityPolicy) -> SeverityReason | None:
    """What makes a story urgent though no rule of its theme does."""
    if _reaches(sum(one.tier == 1 for one in heard), policy.urgent_at_top_sources):
        return SeverityReason.TOP_SOURCES
    if _reaches(_most_within(heard, last, policy.urgent_within)[0], policy.urgent_at_once):
        return SeverityReason.SOURCES_AT_ONCE
    return SeverityReason.MANY_SOURCES if _reaches(len(heard), policy.urgent_at_sources) else None


def _reaches(count: int, wanted: int) -> bool:
    return 0 < wanted <= count


def _most_within(heard: Sequence[Heard], last: Heard, within: timedelta) -> tuple[int, int]:
    """The most sources, and the most of the first tier, in any stretch of time that long with the last report in it."""
    length_s = within.total_seconds()
    near = [one for one in heard if abs(one.at_s - last.at_s) <= length_s]
    stretches = [
        [one for one in near if begin.at_s <= one.at_s <= begin.at_s + length_s]
        for begin in near
        if begin.at_s <= last.at_s <= begin.at_s + length_s
    ]
    top = [sum(one.tier == 1 for one in stretch) for stretch in stretches]
    return max(map(len, stretches), default=0), max(top, default=0)
