"""Decides the severity of a match: the level its article reaches alone, and the levels it may reach as other sources report the story.

In: a theme's severity rules, what fired in the article. Out: a level and the steps above it.

A rule that needs further sources does not hold yet. Unconfirmed flash is urgent, not flash.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Protocol

from newsmon.records import Severity, SeverityStep
from newsmon.records.outcomes import RANK
from processors.themes.theme_set import CompiledSeverity, Theme


class Stands(Protocol):
    """Whether one of the phrases of numbered lists stands in one of the fields, within `near` words of where the theme's clauses fired."""

    def __call__(self, numbers: tuple[int, ...], fields: frozenset[int], near: int | None) -> bool: ...


def levels(theme: Theme, score: float, fired: Set[str], stands: Stands, tier: int | None) -> tuple[Severity, tuple[SeverityStep, ...]]:
    """The level now, and the higher levels that wait for sources (`min_sources` None: as many as the operator sets)."""
    holding = [rule for rule in theme.severity if _holds(rule, score, fired, stands, tier)]
    now = max((rule.level for rule in holding if _needs_no_other(rule)), key=RANK.__getitem__, default=Severity.NOTICE)
    waiting = {(rule.level, rule.min_sources) for rule in holding if not _needs_no_other(rule) and RANK[rule.level] > RANK[now]}
    if now is Severity.NOTICE and any(level is Severity.FLASH for level, _count in waiting):
        now = Severity.URGENT
    steps = sorted((one for one in waiting if RANK[one[0]] > RANK[now]), key=lambda one: (RANK[one[0]], one[1] or 0))
    return now, tuple(SeverityStep(severity=level, min_sources=count) for level, count in steps)


def _needs_no_other(rule: CompiledSeverity) -> bool:
    return rule.min_sources == 1 or (rule.min_sources is None and rule.level is not Severity.FLASH)


def _holds(rule: CompiledSeverity, score: float, fired: Set[str], stands: Stands, tier: int | None) -> bool:
    if score < rule.score or (rule.rules and not rule.rules & fired):
        return False
    if rule.max_tier is not None and (tier is None or tier > rule.max_tier):
        return False
    return not rule.any or stands(rule.any, rule.fields, rule.near)
