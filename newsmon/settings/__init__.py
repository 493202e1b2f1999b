"""Settings: one TOML file plus `NEWSMON_*` environment variables, read once into a frozen, fully checked value.

An unknown key, a wrong type or a missing secret is refused, and all problems are reported at once as `file:key`.
An environment variable spells the key's path with double underscores: `NEWSMON_KAFKA__BOOTSTRAP_SERVERS=a:9092,b:9092`
is `kafka.bootstrap_servers`; its value is TOML where that parses (numbers, booleans, lists), text otherwise.
"""

from __future__ import annotations

from newsmon.settings.alerts import AlertSettings
from newsmon.settings.base import SLUG, Port, Seconds, Section, Slug
from newsmon.settings.kafka import KafkaSettings
from newsmon.settings.load import PROCESS_VARIABLES, load_settings
from newsmon.settings.pages import PageSettings
from newsmon.settings.problems import ENV_PREFIX
from newsmon.settings.processes import LogSettings, MonitoringSettings
from newsmon.settings.processors import ProcessorSettings, StorySettings, ThemeSettings
from newsmon.settings.producers import ProducerSettings
from newsmon.settings.routing import RouteSettings, RoutingSettings
from newsmon.settings.sinks import AckSettings, DatabaseSettings, FeedsOutSettings, ReceiverSettings
from newsmon.settings.websub import WebSubSettings
from newsmon.settings.whole import Settings
from newsmon.settings.words import WordSettings

__all__ = [
    "ENV_PREFIX",
    "PROCESS_VARIABLES",
    "SLUG",
    "AckSettings",
    "AlertSettings",
    "DatabaseSettings",
    "FeedsOutSettings",
    "KafkaSettings",
    "LogSettings",
    "MonitoringSettings",
    "PageSettings",
    "Port",
    "ProcessorSettings",
    "ProducerSettings",
    "ReceiverSettings",
    "RouteSettings",
    "RoutingSettings",
    "Seconds",
    "Section",
    "Settings",
    "Slug",
    "StorySettings",
    "ThemeSettings",
    "WebSubSettings",
    "WordSettings",
    "load_settings",
]
