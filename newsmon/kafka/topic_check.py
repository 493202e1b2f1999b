"""Compares a cluster's topics with the table of topics.

In: newsmon.topics, the cluster's description. Out: TopicFindings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsmon.errors import Problem
from newsmon.kafka.limits import MAX_RECORD_BYTES
from newsmon.topics import Topic

# Small segments, rolled every hour: a topic that is read in full at start must not carry a week of old versions.
COMPACTED = {"cleanup.policy": "compact", "segment.bytes": "33554432", "segment.ms": "3600000", "min.cleanable.dirty.ratio": "0.2"}
# The keys of a topic's configuration that are checked.
CHECKED = ("cleanup.policy", "retention.ms", "max.message.bytes")


@dataclass(frozen=True, slots=True)
class ExistingTopic:
    """The cluster's description of a topic; `config` has at least the keys of CHECKED."""

    partitions: int
    replication: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TopicFindings:
    """Missing topics, errors (newsmon must not start) and warnings, in table order."""

    missing: tuple[Topic, ...]
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def topic_config(topic: Topic, replication: int) -> dict[str, str]:
    """The topic's configuration on the cluster."""
    config = {
        "max.message.bytes": str(MAX_RECORD_BYTES),
        # Retention counts from when Kafka got the record: a wrong date or clock must not delete news early, or never.
        "message.timestamp.type": "LogAppendTime",
        # Half of the replicas, rounded up, must have a record before it counts as written: two of three.
        "min.insync.replicas": str((replication + 1) // 2),
    }
    if topic.retention_ms is None:
        return config | COMPACTED
    return config | {"cleanup.policy": "delete", "retention.ms": str(topic.retention_ms)}


def check_topics(existing: Mapping[str, ExistingTopic], wanted: Sequence[Topic], *, prefix: str, replication: int) -> TopicFindings:
    """Compare the cluster's topics with the table.

    Errors: fewer partitions break co-partitioning, and another cleanup policy loses data. Warnings, because an operator may want
    them: more partitions, another retention, fewer replicas, a smaller record size.
    """
    missing, errors, warnings = [], [], []
    for topic in wanted:
        name = topic.named(prefix)
        found = existing.get(name)
        if found is None:
            missing.append(topic)
            continue
        errors += _topic_errors(topic, name, found)
        warnings += _topic_warnings(topic, name, found, replication)
    return TopicFindings(tuple(missing), tuple(errors), tuple(warnings))


def _topic_errors(topic: Topic, name: str, found: ExistingTopic) -> list[Problem]:
    problems = []
    if found.partitions < topic.partitions:
        fix = f"while newsmon is stopped, kafka-topics.sh --alter --topic {name} --partitions {topic.partitions}"
        problems.append(Problem(f"kafka:{name}", f"has {found.partitions} partitions, newsmon needs {topic.partitions}; {fix}"))
    wanted = "compact" if topic.compacted else "delete"
    policy = found.config.get("cleanup.policy", wanted)
    if policy != wanted:
        fix = f"kafka-configs.sh --alter --topic {name} --add-config cleanup.policy={wanted}"
        problems.append(Problem(f"kafka:{name}", f"has cleanup.policy={policy}, newsmon needs {wanted}; {fix}"))
    return problems


def _topic_warnings(topic: Topic, name: str, found: ExistingTopic, replication: int) -> list[Problem]:
    problems = []
    if found.partitions > topic.partitions:
        problems.append(Problem(f"kafka:{name}", f"has {found.partitions} partitions, newsmon expects {topic.partitions}"))
    retention = found.config.get("retention.ms")
    if topic.retention_ms is not None and retention is not None and int(retention) != topic.retention_ms:
        problems.append(Problem(f"kafka:{name}", f"has retention.ms={retention}, newsmon expects {topic.retention_ms}"))
    if found.replication < replication:
        problems.append(Problem(f"kafka:{name}", f"has {found.replication} replica(s), kafka.replication says {replication}"))
    limit = found.config.get("max.message.bytes")
    if limit is not None and int(limit) < MAX_RECORD_BYTES:
        problems.append(Problem(f"kafka:{name}", f"has max.message.bytes={limit}, records may be up to {MAX_RECORD_BYTES} bytes"))
    return problems
