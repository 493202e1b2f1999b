"""The settings as the rules' own frozen values.

In: settings, themes. Out: `Decisions`, a factory of empty groupings, the alert policy.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from newsmon.records import Article, Classification, Match, Severity
from newsmon.settings import AlertSettings, Settings
from processors.alerts.burst import BurstPolicy
from processors.alerts.decision import AlertPolicy
from processors.alerts.severity import Confirmation, SeverityPolicy
from processors.handling.decisions import Decisions
from processors.likeness.traits import observed, stamped, with_traits
from processors.matching.classify import classify_article
from processors.rarity.counting import Counting
from processors.rarity.shipped import shipped_shares
from processors.stories.closing import Bounds
from processors.stories.grouping import Grouping
from processors.themes import ThemeSet


def decisions_for(settings: Settings, themes: ThemeSet) -> Decisions:
    """The product's rules: classification by theme files, stories and alerts by the settings."""

    def classify(article: Article, now: datetime) -> tuple[Classification, tuple[Match, ...]]:
        classification, matches = classify_article(article, themes, now=now)
        return classification, with_traits(matches)

    return Decisions(
        classify=classify,
        observe=observed,
        stamp=stamped,
        new_counting=lambda: Counting(shipped_shares()),
        new_grouping=grouping_factory(settings),
        theme_ids=tuple(theme.theme_id for theme in themes.themes),
        generation=themes.generation,
    )


def grouping_factory(settings: Settings) -> Callable[[], Grouping]:
    """A function that makes an empty grouping with the settings' policy."""
    bounds = Bounds(
        idle=timedelta(seconds=settings.stories.idle_close_s),
        max_stories=settings.stories.max_stories_per_theme,
        max_members=settings.stories.max_members_per_theme,
    )
    return partial(Grouping, policy=alert_policy_of(settings.alerts), bounds=bounds)


def alert_policy_of(alerts: AlertSettings) -> AlertPolicy:
    """The settings section `alerts` as the policy's frozen value."""
    urgent, flash, burst = alerts.urgent, alerts.flash, alerts.burst
    severity = SeverityPolicy(
        urgent_at_sources=urgent.sources, urgent_at_top_sources=urgent.top_sources, urgent_at_once=urgent.sources_at_once,
        urgent_within=timedelta(seconds=urgent.within_s),
        flash=Confirmation(flash.sources, flash.top_sources, timedelta(seconds=flash.within_s)),
    )  # fmt: skip
    bursts = BurstPolicy(severity=Severity(burst.severity), min_stories=burst.min_stories, min_sources=burst.min_sources)
    return AlertPolicy(
        max_age=timedelta(seconds=alerts.max_age_s), update_at_sources=alerts.update_at_sources, severity=severity,
        burst=bursts if burst.enabled else None,
    )  # fmt: skip
