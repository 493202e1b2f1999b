"""Settings: one TOML file plus `NEWSMON_*` environment variables, read once into a frozen, validated value.

In: a file, the environment. Out: `Settings`, or SettingsError with every problem as `file:key`: an unknown key, a wrong type, a
missing secret. Also reads the list of feeds (feeds.py) and theme ids (theme_ids.py). May import errors, paths and records.

An environment variable spells the key's path with double underscores: `NEWSMON_KAFKA__BOOTSTRAP_SERVERS=a:9092,b:9092` is
`kafka.bootstrap_servers`. Its value is read as TOML if possible (numbers, booleans, lists), else as text.
"""

from __future__ import annotations

from newsmon.settings.load import PROCESS_VARIABLES, load_settings
from newsmon.settings.problems import ENV_PREFIX
from newsmon.settings.root import Settings
from newsmon.settings.sections.alerts import AlertSettings
from newsmon.settings.sections.base import SLUG, Port, Seconds, Section, Slug
from newsmon.settings.sections.kafka import KafkaSettings
from newsmon.settings.sections.monitoring import LogSettings, MonitoringSettings
from newsmon.settings.sections.pages import PageSettings
from newsmon.settings.sections.processors import ProcessorSettings, StorySettings, ThemeSettings
from newsmon.settings.sections.producers import ProducerSettings
from newsmon.settings.sections.routing import RouteSettings, RoutingSettings
from newsmon.settings.sections.sinks import AckSettings, DatabaseSettings, FeedsOutSettings, ReceiverSettings
from newsmon.settings.sections.websub import WebSubSettings
from newsmon.settings.sections.words import WordSettings

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
