"""The newest alerts for the live view, read from the end of news.alerts without a consumer group."""

from __future__ import annotations

import threading
from collections import deque

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from newsmon.codec import decode
from newsmon.errors import DependencyError, RecordError
from newsmon.kafka.clients import consumer_config
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
        consumer = KafkaConsumer(**consumer_config(self._settings, client_id="newsmon-view", group=None))
        try:
            topic = ALERTS.named(self._settings.kafka.topic_prefix)
            partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
            consumer.assign(partitions)
            ends = consumer.end_offsets(partitions)
            for partition in partitions:
                consumer.seek(partition, max(0, ends[partition] - KEEP))
            self._latest.clear()
            while not self._stopped.is_set():
                for records in consumer.poll(timeout_ms=500).values():
                    for record in records:
                        self._remember(record.value)
        finally:
            consumer.close()

    def _remember(self, raw: bytes | None) -> None:
        try:
            self._latest.append(decode(raw, Alert))
        except RecordError:
            return
