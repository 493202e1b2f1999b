"""The state of every feed, read from Kafka, and a span of time in a few characters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from newsmon.records import FeedState
from newsmon.settings import Settings


def states_of(settings: Settings) -> Mapping[str, FeedState]:
    """The last state of every feed on Kafka; DependencyError when it is out of reach."""
    from newsmon.kafka.connect import open_consumer, reaching_kafka
    from newsmon.topics import FEED_STATE
    from producers.polling.state_reader import read_states

    topic = FEED_STATE.named(settings.kafka.topic_prefix)
    consumer = open_consumer(settings, client_id="newsmon-feeds", group=None)
    try:
        with reaching_kafka(settings):
            partitions = consumer.partitions_for_topic(topic) or set()
    finally:
        consumer.close(autocommit=False)
    with reaching_kafka(settings):
        return read_states(settings, topic, partitions, lambda _record, _error: None) if partitions else {}


def short_span(span: timedelta) -> str:
    """A span in its largest unit: 45s, 12m, 5h, 3d; a negative one has a minus."""
    seconds = int(span.total_seconds())
    sign, size = ("-" if seconds < 0 else ""), abs(seconds)
    for unit_s, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if size >= 2 * unit_s:
            return f"{sign}{size // unit_s}{unit}"
    return f"{sign}{size}s"
