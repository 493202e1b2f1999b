"""Hands that replace, cut and delete topics, as operators, restored disks and wiped directories do."""

from __future__ import annotations

import time

from kafka import TopicPartition
from kafka.errors import TopicAlreadyExistsError, UnknownTopicOrPartitionError

from newsmon.errors import SettingsError
from newsmon.kafka.admin import ensure_topics
from newsmon.kafka.connect import admin_client
from newsmon.settings import Settings
from newsmon.topics import Topic

GONE_WITHIN_S = 60.0


def delete_topics(settings: Settings, *topics: Topic) -> None:
    """Delete the topics and wait until the broker no longer knows them."""
    names = [topic.named(settings.kafka.topic_prefix) for topic in topics]
    with admin_client(settings) as admin:
        admin.delete_topics(names)
        deadline = time.monotonic() + GONE_WITHIN_S
        while {found["name"] for found in admin.describe_topics(names) if found["error_code"] == 0}:
            assert time.monotonic() < deadline, f"{names} are still there"
            time.sleep(0.1)


def replace_topics(settings: Settings, *topics: Topic) -> None:
    """Delete the topics and create them again under the same names: other topics, as their ids show."""
    delete_topics(settings, *topics)
    deadline = time.monotonic() + GONE_WITHIN_S
    while True:  # for a moment after the deletion the broker may still refuse the name
        try:
            ensure_topics(settings, topics)
            return
        except (SettingsError, TopicAlreadyExistsError, UnknownTopicOrPartitionError):
            assert time.monotonic() < deadline
            time.sleep(0.2)


def cut_records(settings: Settings, topic: Topic, before: dict[int, int]) -> None:
    """Remove the records before these offsets, by partition, as retention does."""
    name = topic.named(settings.kafka.topic_prefix)
    with admin_client(settings) as admin:
        admin.delete_records({TopicPartition(name, partition): offset for partition, offset in before.items()})
