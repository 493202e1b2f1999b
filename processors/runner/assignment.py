"""The partitions this process has at the moment: set by the runner, read by the watchdog's thread and the metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from newsmon.metrics import KAFKA_ASSIGNED, KAFKA_REBALANCES
from newsmon.net.monitoring import Health

Partition = tuple[str, int]  # full topic name, partition


class Assignment:
    """The assigned partitions. The set is replaced as a whole, never changed in place: other threads may read it at any time."""

    def __init__(self, group: str, topics: Iterable[str], health: Health) -> None:
        self._group = group
        self._topics = tuple(topics)
        self._health = health
        self.partitions: frozenset[Partition] = frozenset()
        health.waiting_for("partitions", "no partitions assigned yet")
        KAFKA_REBALANCES.labels(group)
        self._show()

    def assign(self, partitions: Iterable[Partition]) -> None:
        """A rebalance ended with these partitions. None is a valid result: there may be more workers than partitions."""
        self.partitions = frozenset(partitions)
        KAFKA_REBALANCES.labels(self._group).inc()
        self._health.has("partitions")
        self._show()

    def revoke(self) -> None:
        """A rebalance has begun."""
        self.partitions = frozenset()
        self._health.waiting_for("partitions", "partitions are being reassigned")
        self._show()

    def _show(self) -> None:
        count = Counter(topic for topic, _partition in self.partitions)
        for topic in self._topics:
            KAFKA_ASSIGNED.labels(self._group, topic).set(count[topic])
