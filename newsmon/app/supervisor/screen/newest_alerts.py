"""The newest alerts for the live view, read from the end of news.alerts without a consumer group."""

from __future__ import annotations

import threading
from collections import deque

from kafka import KafkaConsumer
from kafka.errors import KafkaError

from newsmon.codec import decode
from newsmon.errors import DependencyError, RecordError
from newsmon.kafka.clients import consumer_config
from newsmon.kafka.prompt_connections import constructed
from newsmon.kafka.reading import follow, partitions_of
from newsmon.records import Alert
from newsmon.settings import Settings
from newsmon.topics import ALERTS

KEEP = 8
RETRY_S = 5.0


class NewestAlerts(threading.Thread):
    """A thread that keeps the last few alerts for display. Skips unreadable records: consumers quarantine them."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(name="newest-alerts", daemon=True)
        self._settings = settings
        self._stopped = threading.Event()
        self._latest: deque[Alert] = deque(maxlen=KEEP)

    @property
    def latest(self) -> tuple[Alert, ...]:
        """Newest first."""
        return tuple(sorted(self._latest, key=lambda alert: alert.raised_at, reverse=True))

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._follow()
            except (KafkaError, DependencyError):
                self._stopped.wait(RETRY_S)

    def _follow(self) -> None:
        consumer = constructed(KafkaConsumer, consumer_config(self._settings, client_id="newsmon-view", group=None))
        try:
            partitions = partitions_of(consumer, ALERTS.named(self._settings.kafka.topic_prefix))
            consumer.assign(partitions)
            for partition, end in consumer.end_offsets(partitions).items():
                consumer.seek(partition, max(0, end - KEEP))
            self._latest.clear()
            for record in follow(consumer, self._stopped):
                self._remember(record.value)
        finally:
            consumer.close()

    def _remember(self, raw: bytes | None) -> None:
        try:
            self._latest.append(decode(raw, Alert))
        except RecordError:
            return
