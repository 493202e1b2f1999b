"""All settings in one value."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from newsmon import paths
from newsmon.settings.sections.alerts import AlertSettings
from newsmon.settings.sections.base import Section
from newsmon.settings.sections.kafka import KafkaSettings
from newsmon.settings.sections.monitoring import LogSettings, MonitoringSettings
from newsmon.settings.sections.pages import PageSettings
from newsmon.settings.sections.processors import ProcessorSettings, StorySettings, ThemeSettings
from newsmon.settings.sections.producers import ProducerSettings
from newsmon.settings.sections.sinks import AckSettings, DatabaseSettings, FeedsOutSettings, ReceiverSettings
from newsmon.settings.sections.websub import WebSubSettings
from newsmon.settings.sections.words import WordSettings


class Settings(Section):
    """Settings outside any section. Change `state_dir` to keep the data elsewhere or to run a second newsmon."""

    state_dir: Path = Field(default_factory=paths.default_state_dir)
    """Directory for Kafka's data, the SQLite database and the lock of the running newsmon."""
    kafka: KafkaSettings = KafkaSettings()
    producer: ProducerSettings = Field(default_factory=ProducerSettings)
    pages: PageSettings = PageSettings()
    websub: WebSubSettings = WebSubSettings()
    themes: ThemeSettings = Field(default_factory=ThemeSettings)
    words: WordSettings = WordSettings()
    processor: ProcessorSettings = ProcessorSettings()
    stories: StorySettings = StorySettings()
    alerts: AlertSettings = AlertSettings()
    database: DatabaseSettings = DatabaseSettings()
    feeds_out: FeedsOutSettings = FeedsOutSettings()
    ack: AckSettings = AckSettings()
    receivers: tuple[ReceiverSettings, ...] = ()
    monitoring: MonitoringSettings = MonitoringSettings()
    log: LogSettings = LogSettings()

    @property
    def starts_own_kafka(self) -> bool:
        return not self.kafka.bootstrap_servers
