"""Severity comes from the theme's rules, from confirmation or from many sources; it never falls, and every rise has a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from newsmon.records import Severity, SeverityReason, SeverityStep
from newsmon.settings import AlertSettings
from processors.alerts.decision import AlertPolicy
from processors.alerts.severity import (
    Confirmation,
    SeverityPolicy,
    SeverityState,
    SourceReport,
    first_severity,
    severity_after,
    severity_after_copy,
)
from processors.runner.policies import alert_policy_of

NOTICE, URGENT, FLASH = Severity.NOTICE, Severity.URGENT, Severity.FLASH
WAITS = SeverityStep(severity=FLASH, min_sources=None)
HOUR = 3600.0


def step(severity: Severity, sources: int | None) -> SeverityStep:
    return SeverityStep(severity=severity, min_sources=sources)


def severity_state(
    reports: list[tuple[str, int, float]], severity: Severity = NOTICE, steps: tuple[SeverityStep, ...] = (),
    policy: SeverityPolicy | None = None,
) -> SeverityState:  # fmt: skip
    """The story after reports of (source, tier, hour); the first one's words give severity and steps."""
    policy = policy or SeverityPolicy()
    first, *others = [SourceReport(source, tier, hour * HOUR) for source, tier, hour in reports]
    now = first_severity(severity, steps, first, policy)
    for report in others:
        now = severity_after(now, NOTICE, (), report, policy)
    return now


def outlets(count: int, *, tier: int = 3, apart_h: float = 1.0) -> list[tuple[str, int, float]]:
    return [(f"Outlet {number}", tier, number * apart_h) for number in range(count)]


@pytest.mark.parametrize(
    ("reports", "severity", "steps", "expected", "reason"),
    [
        # the theme's word
        (outlets(1), NOTICE, (), NOTICE, SeverityReason.THEME_RULES),
        (outlets(1), URGENT, (), URGENT, SeverityReason.THEME_RULES),
        (outlets(1), FLASH, (), FLASH, SeverityReason.THEME_RULES),  # a rule that says min_sources = 1
        # flash waits for others: three sources within six hours, or two of the first tier
        (outlets(1), URGENT, (WAITS,), URGENT, SeverityReason.THEME_RULES),
        (outlets(1, tier=1), URGENT, (WAITS,), URGENT, SeverityReason.THEME_RULES),
        (outlets(2), URGENT, (WAITS,), URGENT, SeverityReason.THEME_RULES),
        (outlets(3), URGENT, (WAITS,), FLASH, SeverityReason.CONFIRMED),
        (outlets(2, tier=1), URGENT, (WAITS,), FLASH, SeverityReason.CONFIRMED),
        (outlets(3, apart_h=3), URGENT, (WAITS,), FLASH, SeverityReason.CONFIRMED),
        (outlets(3, apart_h=3.1), URGENT, (WAITS,), URGENT, SeverityReason.THEME_RULES),  # stretched over more than six hours
        (outlets(2, tier=1, apart_h=6.1), URGENT, (WAITS,), URGENT, SeverityReason.THEME_RULES),
        ([("A", 1, 0), ("A", 1, 1), ("A", 1, 2)], URGENT, (WAITS,), URGENT, SeverityReason.THEME_RULES),  # one source counts once
        # a rule with a count of its own
        (outlets(2), URGENT, (step(FLASH, 2),), FLASH, SeverityReason.CONFIRMED),
        (outlets(4), URGENT, (step(FLASH, 5),), URGENT, SeverityReason.THEME_RULES),
        (outlets(2), NOTICE, (step(URGENT, 3),), NOTICE, SeverityReason.THEME_RULES),
        (outlets(3), NOTICE, (step(URGENT, 3),), URGENT, SeverityReason.CONFIRMED),
        (outlets(3), NOTICE, (step(URGENT, 3), step(FLASH, 3)), FLASH, SeverityReason.CONFIRMED),
        # numbers alone: urgent, never flash
        (outlets(7), NOTICE, (), NOTICE, SeverityReason.THEME_RULES),
        (outlets(8), NOTICE, (), URGENT, SeverityReason.MANY_SOURCES),
        (outlets(2, tier=1), NOTICE, (), NOTICE, SeverityReason.THEME_RULES),
        (outlets(3, tier=1, apart_h=20), NOTICE, (), URGENT, SeverityReason.TOP_SOURCES),
        (outlets(3, tier=2), NOTICE, (), NOTICE, SeverityReason.THEME_RULES),
        (outlets(5, apart_h=0.12), NOTICE, (), URGENT, SeverityReason.SOURCES_AT_ONCE),
        (outlets(5, apart_h=0.13), NOTICE, (), NOTICE, SeverityReason.THEME_RULES),
        (outlets(40, tier=1, apart_h=0.01), NOTICE, (), URGENT, SeverityReason.TOP_SOURCES),
    ],
)
def test_what_makes_a_story_how_loud_and_why(
    reports: list[tuple[str, int, float]], severity: Severity, steps: tuple[SeverityStep, ...], expected: Severity, reason: SeverityReason
) -> None:
    now = severity_state(reports, severity, steps)
    assert (now.severity, now.reason) == (expected, reason)


@pytest.mark.parametrize(
    ("policy", "reports", "expected"),
    [
        (SeverityPolicy(flash=Confirmation(1, 0, timedelta(hours=1))), outlets(1), FLASH),
        (SeverityPolicy(flash=Confirmation(5, 0, timedelta(hours=6))), outlets(4, tier=1), URGENT),  # tiers confirm nothing
        (SeverityPolicy(flash=Confirmation(2, 2, timedelta(hours=6))), outlets(2), FLASH),
    ],
)
def test_the_operator_says_what_confirms_flash(policy: SeverityPolicy, reports: list[tuple[str, int, float]], expected: Severity) -> None:
    assert severity_state(reports, URGENT, (WAITS,), policy).severity is expected


def test_numbers_can_be_switched_off() -> None:
    off = SeverityPolicy(urgent_at_sources=0, urgent_at_top_sources=0, urgent_at_once=0)
    assert severity_state(outlets(40, tier=1, apart_h=0.01), policy=off).severity is NOTICE


def test_a_copy_confirms_nothing_but_what_its_headline_says_waits_for_the_next_report() -> None:
    policy = SeverityPolicy()
    before = severity_state(outlets(2))
    copied = severity_after_copy(before, URGENT, (WAITS,))
    assert (copied.severity, copied.reports) == (NOTICE, before.reports)
    now = severity_after(copied, NOTICE, (), SourceReport("Third", 3, 2 * HOUR), policy)
    assert (now.severity, now.reason) == (FLASH, SeverityReason.CONFIRMED)


def test_many_reports_are_remembered_up_to_a_bound() -> None:
    now = severity_state(outlets(300, apart_h=0.001))
    assert len(now.reports) == 64
    assert [SourceReport.from_flat(one.flat()).source for one in now.reports] == [one.source for one in now.reports]


def test_the_settings_become_the_policy_with_the_same_defaults() -> None:
    assert alert_policy_of(AlertSettings()) == AlertPolicy()
    assert alert_policy_of(AlertSettings.model_validate({"burst": {"enabled": False}})).burst is None
    changed = alert_policy_of(
        AlertSettings.model_validate({"flash": {"sources": 5}, "urgent": {"within_s": 60}, "burst": {"min_stories": 9}})
    )
    assert changed.severity.flash.sources == 5
    assert changed.severity.urgent_within == timedelta(minutes=1)
    assert changed.burst is not None
    assert changed.burst.min_stories == 9
