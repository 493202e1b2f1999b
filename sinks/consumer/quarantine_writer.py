"""Writes records that could not be read or stored to the quarantine topic, and returns once Kafka has acknowledged them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import TracebackType

from newsmon.kafka.publisher import Publisher
from newsmon.kafka.quarantining import publish_quarantined
from newsmon.logs import get_logger
from newsmon.metrics import QUARANTINED
from newsmon.quarantine import Quarantined
from newsmon.settings import Settings

log = get_logger(__name__)


class QuarantineWriter(AbstractContextManager["QuarantineWriter"]):
    """A publisher for the quarantine topic, connected on first use: most processes never need it."""

    def __init__(self, settings: Settings, *, client_id: str) -> None:
        self._publisher = Publisher(settings, client_id=client_id)

    def put(self, records: Sequence[Quarantined]) -> None:
        """Publish the records and wait until all are acknowledged; PublishError when one is not, and then repeating is harmless."""
        publish_quarantined(self._publisher, records)
        for one in records:
            QUARANTINED.labels(one.stage.value, one.reason.value).inc()
            where = {"topic": one.topic, "partition": one.partition, "offset": one.offset}
            log.warning("record.quarantined", **where, reason=one.reason.value, error=one.error[:300])

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._publisher.close()
