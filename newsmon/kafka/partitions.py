"""The partition on which Kafka's writers put a key: the same in Java, kafka-python and aiokafka."""

from __future__ import annotations

from kafka.partitioner.default import murmur2

from newsmon.topics import Topic


def partition_of(topic: Topic, key: bytes) -> int:
    """The partition of a record with this key, as long as the topic has the partitions that newsmon gives it."""
    return int(murmur2(key) & 0x7FFFFFFF) % topic.partitions
