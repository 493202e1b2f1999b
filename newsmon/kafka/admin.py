"""Creates the topics of the table and checks those that exist.

In: newsmon.topics, the cluster. Out: TopicFindings. I/O: the cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from newsmon.errors import DependencyError, Problem, SettingsError
from newsmon.kafka.address import uses_local_broker
from newsmon.kafka.connect import admin_client
from newsmon.kafka.topic_check import CHECKED, ExistingTopic, TopicFindings, check_topics, topic_config
from newsmon.settings import Settings
from newsmon.topics import ALL_TOPICS, Topic

if TYPE_CHECKING:
    from kafka import KafkaAdminClient

CREATE_TIMEOUT_MS = 15_000


def inspect_topics(settings: Settings, topics: Sequence[Topic] = ALL_TOPICS) -> TopicFindings:
    """Topics that are missing or different on the cluster; changes nothing. DependencyError if it is unreachable."""
    with admin_client(settings) as admin:
        return _inspect(admin, settings, topics)


def ensure_topics(settings: Settings, topics: Sequence[Topic] = ALL_TOPICS) -> TopicFindings:
    """Create the missing topics, wait until each partition has a leader, and return what was found before.

    SettingsError lists every topic that newsmon cannot use; DependencyError says that the cluster cannot create them now. Several
    processes may call this at once.
    """
    with admin_client(settings) as admin:
        findings = _inspect(admin, settings, topics)
        if findings.errors:
            raise SettingsError(findings.errors)
        if findings.missing:
            _create(admin, settings, findings.missing)
    return findings


def _inspect(admin: KafkaAdminClient, settings: Settings, topics: Sequence[Topic]) -> TopicFindings:
    prefix = settings.kafka.topic_prefix
    present = _existing(admin, [topic.named(prefix) for topic in topics])
    return check_topics(present, topics, prefix=prefix, replication=settings.kafka.replication)


def _existing(admin: KafkaAdminClient, names: Sequence[str]) -> dict[str, ExistingTopic]:
    from kafka.admin import ConfigResource, ConfigResourceType

    described = {topic["name"]: topic["partitions"] for topic in admin.describe_topics(list(names)) if topic["error_code"] == 0}
    if not described:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name, configs=dict.fromkeys(CHECKED, "")) for name in described]
    configs = admin.describe_configs(resources, config_filter="all").get("topic", {})
    return {
        name: ExistingTopic(
            partitions=len(partitions),
            replication=min((len(partition["replica_nodes"]) for partition in partitions), default=0),
            config={key: str(entry["value"]) for key, entry in configs.get(name, {}).items()},
        )
        for name, partitions in described.items()
    }


def _create(admin: KafkaAdminClient, settings: Settings, topics: Sequence[Topic]) -> None:
    from kafka.errors import InvalidReplicationFactorError, NoError, RetriableError, TopicAlreadyExistsError, for_code

    replication = settings.kafka.replication
    wanted: dict[str, dict[str, Any]] = {
        topic.named(settings.kafka.topic_prefix): {
            "num_partitions": topic.partitions,
            "replication_factor": replication,
            "configs": topic_config(topic, replication),
        }
        for topic in topics
    }
    answer = admin.create_topics(wanted, timeout_ms=CREATE_TIMEOUT_MS, raise_errors=False)
    failed = [
        (Problem(f"kafka:{topic['name']}", f"cannot be created: {topic['error_message'] or error.__name__}"), error)
        for topic in answer["topics"]
        if (error := for_code(topic["error_code"])) not in (NoError, TopicAlreadyExistsError)
    ]
    for problem, error in failed:
        # A cluster that is still starting, or has just lost its controller. While some of its brokers are missing it also says that it
        # has too few for the replicas, which only newsmon's own broker says for good.
        lacks_brokers = issubclass(error, InvalidReplicationFactorError) and not uses_local_broker(settings)
        if issubclass(error, RetriableError) or lacks_brokers:
            raise DependencyError("Kafka", str(problem))
    if failed:
        raise SettingsError([problem for problem, _error in failed])
    admin.wait_for_topics(list(wanted), timeout_ms=CREATE_TIMEOUT_MS)
