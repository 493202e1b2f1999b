"""The lag of consumers, measured outside them: the broker's end offsets against committed ones.

In: group names and what they read. Out: Lag. I/O: the cluster.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newsmon.kafka.clients import admin_config
from newsmon.kafka.connect import admin_client, reaching_kafka
from newsmon.kafka.prompt_connections import constructed
from newsmon.settings import Settings

if TYPE_CHECKING:
    from kafka import KafkaAdminClient

NO_OFFSET = -1
COORDINATOR_WAIT_S = 15.0
COORDINATOR_PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class Lag:
    """The lag of a group in one partition. `committed` None: it never committed, so everything retained is still to read."""

    group: str
    topic: str
    partition: int
    committed: int | None
    end: int
    lag: int


def end_offsets(settings: Settings, topics: Iterable[str]) -> dict[tuple[str, int], int]:
    """The end offset of every partition of the topics (full names), by (topic, partition)."""
    from kafka.admin import OffsetSpec

    with admin_client(settings) as admin:
        return _offsets(admin, _partitions(admin, topics), OffsetSpec.LATEST)


def log_bounds(settings: Settings, topics: Iterable[str]) -> dict[tuple[str, int], tuple[int, int]]:
    """The first and the end offset of every partition of the topics (full names), by (topic, partition)."""
    with admin_client(settings) as admin:
        starts, ends = bounds_of(admin, topics)
    return {place: (starts[place], ends[place]) for place in ends}


def consumer_lag(settings: Settings, groups: Mapping[str, Iterable[str]]) -> list[Lag]:
    """The lag of each group in every partition of its topics, sorted.

    `groups` maps a group to the full names of its topics: only the caller knows what a group that never committed should read.
    Topics that do not exist are skipped.
    """
    with admin_client(settings) as admin:
        return lag_of(admin, groups)


class LagQuestion:
    """`consumer_lag`, asked again and again: the client stays open, which halves the cost, and is replaced after a failure."""

    def __init__(self, groups: Mapping[str, Iterable[str]]) -> None:
        self._groups = {group: tuple(topics) for group, topics in groups.items()}
        self._admin: KafkaAdminClient | None = None
        self._servers: tuple[str, ...] = ()

    def ask(self, settings: Settings) -> list[Lag]:
        """The lag at the brokers in the settings now; DependencyError when they do not answer."""
        from kafka import KafkaAdminClient

        if self._servers != settings.kafka.bootstrap_servers:
            self.close()
        try:
            with reaching_kafka(settings):
                if self._admin is None:
                    self._admin = constructed(KafkaAdminClient, admin_config(settings))
                    self._servers = settings.kafka.bootstrap_servers
                return lag_of(self._admin, self._groups)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        admin, self._admin = self._admin, None
        if admin is not None:
            admin.close()


def lag_of(admin: KafkaAdminClient, groups: Mapping[str, Iterable[str]]) -> list[Lag]:
    """The same as `consumer_lag`, with a client that stays open."""
    from kafka import TopicPartition

    read_by = {group: sorted(set(topics)) for group, topics in groups.items()}
    starts, ends = bounds_of(admin, {topic for topics in read_by.values() for topic in topics})
    if not ends:
        return []
    lags = []
    for group, topics in sorted(read_by.items()):
        committed = committed_by(admin, group)
        for topic, partition in sorted(key for key in ends if key[0] in topics):
            entry = committed.get(TopicPartition(topic, partition))
            at = None if entry is None or entry.offset == NO_OFFSET else int(entry.offset)
            end = ends[topic, partition]
            # A commit below the start points at records that retention has removed.
            start = starts[topic, partition]
            lags.append(Lag(group, topic, partition, at, end, max(0, end - max(start, at if at is not None else start))))
    return lags


def group_offsets(settings: Settings, group: str) -> dict[tuple[str, int], int]:
    """The committed offsets of a group, by (topic, partition); empty if it never committed."""
    with admin_client(settings) as admin:
        committed = committed_by(admin, group)
        return {(at.topic, at.partition): int(entry.offset) for at, entry in committed.items() if entry.offset != NO_OFFSET}


def members_with_partitions(settings: Settings, group: str) -> int:
    """The number of the group's members that hold partitions."""
    with admin_client(settings) as admin:
        described = admin.describe_groups([group]).get(group, {})
    members = described.get("members") or []
    return sum(any(part["partitions"] for part in (one.get("member_assignment") or {}).get("assigned_partitions", ())) for one in members)


def committed_by(admin: KafkaAdminClient, group: str) -> dict[Any, Any]:
    """A group's commits. A new cluster creates its offsets topic on the first request, so this asks again."""
    from kafka.errors import CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError

    deadline = time.monotonic() + COORDINATOR_WAIT_S
    while True:
        try:
            return dict(admin.list_group_offsets({group: None}).get(group, {}))
        except (CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError):
            if time.monotonic() > deadline:
                raise
            time.sleep(COORDINATOR_PAUSE_S)


def bounds_of(admin: KafkaAdminClient, topics: Iterable[str]) -> tuple[dict[tuple[str, int], int], dict[tuple[str, int], int]]:
    """Where every partition of the topics that exist begins and ends."""
    from kafka.admin import OffsetSpec

    partitions = _partitions(admin, topics)
    if not partitions:
        return {}, {}
    return _offsets(admin, partitions, OffsetSpec.EARLIEST), _offsets(admin, partitions, OffsetSpec.LATEST)


def _partitions(admin: KafkaAdminClient, topics: Iterable[str]) -> list[tuple[str, int]]:
    names = sorted(set(topics))
    if not names:
        return []
    found = [topic for topic in admin.describe_topics(names) if topic["error_code"] == 0]
    return [(topic["name"], part["partition_index"]) for topic in found for part in topic["partitions"]]


def _offsets(admin: KafkaAdminClient, partitions: Iterable[tuple[str, int]], spec: Any) -> dict[tuple[str, int], int]:
    from kafka import TopicPartition

    found = admin.list_partition_offsets({TopicPartition(topic, partition): spec for topic, partition in partitions})
    return {(at.topic, at.partition): int(entry.offset) for at, entry in found.items()}
