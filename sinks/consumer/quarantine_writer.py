"""Writes records that could not be read or stored to the quarantine topic, and returns once Kafka has acknowledged them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING

from newsmon.errors import PublishError
from newsmon.kafka.connect import open_producer
from newsmon.logs import get_logger
from newsmon.metrics import QUARANTINED
from newsmon.quarantine import Quarantined
from newsmon.settings import Settings
from newsmon.topics import QUARANTINE

if TYPE_CHECKING:
    from kafka import KafkaProducer

ACK_TIMEOUT_S = 30.0
CLOSE_TIMEOUT_S = 5.0

log = get_logger(__name__)


class QuarantineWriter(AbstractContextManager["QuarantineWriter"]):
    """A producer for the quarantine topic, opened on first use: most processes never need it."""

    def __init__(self, settings: Settings, *, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._topic = QUARANTINE.named(settings.kafka.topic_prefix)
        self._producer: KafkaProducer | None = None

    def put(self, records: Sequence[Quarantined]) -> None:
        """Publish the records and wait until all are acknowledged; PublishError when one is not, and then repeating is harmless."""
        from kafka.errors import KafkaError

        if self._producer is None:
            self._producer = open_producer(self._settings, client_id=self._client_id)
        try:
            sent = [self._producer.send(self._topic, key=one.key, value=one.value, headers=one.headers()) for one in records]
            for future in sent:
                future.get(timeout=ACK_TIMEOUT_S)
        except KafkaError as error:
            raise PublishError(self._topic, f"{type(error).__name__}: {error}", retryable=True) from error
        for one in records:
            QUARANTINED.labels(one.stage.value, one.reason.value).inc()
            where = {"topic": one.topic, "partition": one.partition, "offset": one.offset}
            log.warning("record.quarantined", **where, reason=one.reason.value, error=one.error[:300])

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self._producer is not None:
            self._producer.close(timeout=CLOSE_TIMEOUT_S)
