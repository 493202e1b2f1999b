"""The state of every feed, read from Kafka."""

from __future__ import annotations

from collections.abc import Mapping

from newsmon.records import FeedState
from newsmon.settings import Settings


def states_of(settings: Settings) -> Mapping[str, FeedState]:
    """The newest state of every feed on Kafka; DependencyError when Kafka cannot be reached."""
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
