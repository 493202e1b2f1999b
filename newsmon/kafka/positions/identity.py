"""The identity of a topic's log, which tells a topic from one that was created later under the same name.

An offset means something in one log only. Kafka gives every topic an id when it is created (KIP-516, brokers from 2.8), and every
cluster one when it is formatted. Out: a `log id` of both, `<cluster id>/<topic id>`; a part that the broker does not tell is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from newsmon.kafka.connect import admin_client
from newsmon.settings import Settings

if TYPE_CHECKING:
    from kafka import KafkaAdminClient, KafkaConsumer

JOINT = "/"
NO_TOPIC_ID = str(UUID(int=0))  # what a broker before 2.8 says


def log_id(cluster_id: str | None, topic_id: object) -> str | None:
    """The log id; None when neither part is known."""
    topic = "" if topic_id is None or str(topic_id) == NO_TOPIC_ID else str(topic_id)
    return f"{cluster_id or ''}{JOINT}{topic}" if cluster_id or topic else None


def same_log(one: str | None, other: str | None) -> bool:
    """False when a part known on both sides differs. What is not known contradicts nothing."""
    if one is None or other is None:
        return True
    parts = zip(one.split(JOINT), other.split(JOINT), strict=True)
    return all(left == right for left, right in parts if left and right)


def log_id_seen_by(consumer: KafkaConsumer, topic: str) -> str | None:
    """The topic's log id in the client's metadata, which it renews by itself; None while the topic is not in it."""
    cluster = consumer._cluster  # noqa: SLF001 - the client exposes no other way
    topic_id = cluster.topic_id(topic)
    return None if topic_id is None else log_id(cluster.cluster_id, topic_id)


def read_log_ids(settings: Settings, topics: Iterable[str]) -> Mapping[str, str | None]:
    """The log id of each topic (full names) that exists. DependencyError when the cluster is out of reach."""
    with admin_client(settings) as admin:
        return log_ids_of(admin, topics)


def log_ids_of(admin: KafkaAdminClient, topics: Iterable[str]) -> Mapping[str, str | None]:
    """The same, with a client that stays open."""
    cluster_id = admin.describe_cluster().get("cluster_id")
    found = [topic for topic in admin.describe_topics(sorted(topics)) if topic["error_code"] == 0]
    return {topic["name"]: log_id(cluster_id, topic["topic_id"]) for topic in found}
