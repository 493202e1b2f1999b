"""Everything one processor process works with, whichever runner drives it: handlings, effects, duty, name.

In: settings, decisions. Out: Work. `decisions_for` puts the real rules behind the seam.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from newsmon.kafka.clients import group_id
from newsmon.net.monitoring import Health
from newsmon.records import Article, Classification, Match, Severity
from newsmon.settings import AlertSettings, Settings
from newsmon.topics import ARTICLES, MATCHES
from processors.alerts.burst import BurstPolicy
from processors.alerts.decision import AlertPolicy
from processors.alerts.severity import Confirmation, SeverityPolicy
from processors.handling.core import Decisions
from processors.handling.effects import Effects
from processors.handling.handling import ClassifyHandling, GroupHandling
from processors.handling.publisher import Publisher
from processors.handling.state import StateReader
from processors.matching.classify import classify_article
from processors.runner.assignment import Duty
from processors.stories.grouping import Bounds, Desk
from processors.themes import ThemeSet

STAGE = "processor"
ALIVE_WITHIN_S = 30.0  # a batch may decide for a while before the loop turns again


@dataclass(frozen=True, slots=True)
class Work:
    """One process's parts."""

    settings: Settings
    group: str
    instance: str | None  # static member name, None for a dynamic one
    articles_topic: str
    matches_topic: str
    health: Health
    duty: Duty
    publisher: Publisher
    effects: Effects
    worker: str
    classify: ClassifyHandling
    group_up: GroupHandling

    def adopt(self, themes: ThemeSet) -> None:
        """Classify by these themes from the next article on."""
        decisions = decisions_for(self.settings, themes)
        self.classify.use(decisions)
        self.group_up.use(decisions)


def new_work(settings: Settings, decisions: Decisions, *, instance: str | None = None, health: Health | None = None) -> Work:
    """The parts, connected; nothing is sent or read before a runner starts."""
    health = health or Health(STAGE, alive_within_s=ALIVE_WITHIN_S)
    group = group_id(settings, STAGE)
    worker = f"{instance or group}@{socket.gethostname()}:{os.getpid()}"
    publisher = Publisher(settings, client_id=f"{group}-out")
    effects = Effects(publisher, StateReader(settings, client_id=f"{group}-state"), health, worker=worker)
    articles, matches = (topic.named(settings.kafka.topic_prefix) for topic in (ARTICLES, MATCHES))
    deadline_s = settings.processor.record_deadline_s
    return Work(
        settings=settings,
        group=group,
        instance=instance,
        articles_topic=articles,
        matches_topic=matches,
        health=health,
        duty=Duty(group, (articles, matches), health),
        publisher=publisher,
        effects=effects,
        worker=worker,
        classify=ClassifyHandling(decisions, effects, deadline_s=deadline_s),
        group_up=GroupHandling(decisions, effects, deadline_s=deadline_s),
    )


def decisions_for(settings: Settings, themes: ThemeSet) -> Decisions:
    """The product's rules: classification by theme files, stories and alerts by the settings' policy."""

    def classify(article: Article, now: datetime) -> tuple[Classification, tuple[Match, ...]]:
        return classify_article(article, themes, now=now)

    return Decisions(
        classify=classify,
        new_desk=new_desk_of(settings),
        theme_ids=tuple(theme.theme_id for theme in themes.themes),
        generation=themes.generation,
    )


def new_desk_of(settings: Settings) -> Callable[[], Desk]:
    """What makes an empty desk with the settings' policy."""
    policy = alert_policy_of(settings.alerts)
    bounds = Bounds(
        idle=timedelta(seconds=settings.stories.idle_close_s),
        max_stories=settings.stories.max_stories_per_theme,
        max_members=settings.stories.max_members_per_theme,
    )
    return partial(Desk, policy=policy, bounds=bounds)


def alert_policy_of(alerts: AlertSettings) -> AlertPolicy:
    """The settings' section `alerts` as the policy's frozen value."""
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
