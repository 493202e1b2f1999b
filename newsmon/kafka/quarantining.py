"""Publishes quarantined records with a Publisher, whatever they are: the one that others wrote must not stop the reader that it hit.

In: Quarantined. Out: acknowledged records on news.quarantine, or PublishError. I/O: Kafka.
"""

from __future__ import annotations

from collections.abc import Sequence

from newsmon.errors import PublishError
from newsmon.kafka.publisher import Keyed, Publisher
from newsmon.quarantine import Quarantined
from newsmon.topics import QUARANTINE


def publish_quarantined(publisher: Publisher, records: Sequence[Quarantined]) -> None:
    """Return when Kafka has acknowledged all, the too large ones cut. After a PublishError repeating is harmless."""
    try:
        publisher.publish(QUARANTINE, [_keyed(one) for one in records])
    except PublishError as error:
        if error.retryable:
            raise
    else:
        return
    for one in records:  # Kafka refuses one of them whoever sends it
        try:
            publisher.publish(QUARANTINE, [_keyed(one)])
        except PublishError as error:
            if error.retryable:
                raise
            publisher.publish(QUARANTINE, [_keyed(one.cut())])


def _keyed(record: Quarantined) -> Keyed:
    return Keyed(record.sent_key, record.value, tuple(record.headers()))
