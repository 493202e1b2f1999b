"""What this process is assigned at the moment; told by the runner, read by the watchdog's thread and the metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from newsmon.metrics import KAFKA_ASSIGNED, KAFKA_REBALANCES
from newsmon.net.monitoring import Health

Place = tuple[str, int]  # full topic name, partition


class Duty:
    """The assigned partitions. Replaced as a whole, never changed in place: other threads may look at any time."""

    def __init__(self, group: str, topics: Iterable[str], health: Health) -> None:
        self._group = group
        self._topics = tuple(topics)
        self._health = health
        self.assigned: frozenset[Place] = frozenset()
        health.waiting_for("partitions", "no partitions assigned yet")
        KAFKA_REBALANCES.labels(group)
        self._show()

    def take_up(self, places: Iterable[Place]) -> None:
        """A rebalance ended with these partitions; none is an answer too: there are more workers than partitions."""
        self.assigned = frozenset(places)
        KAFKA_REBALANCES.labels(self._group).inc()
        self._health.has("partitions")
        self._show()

    def lay_down(self) -> None:
        """A rebalance has begun."""
        self.assigned = frozenset()
        self._health.waiting_for("partitions", "partitions are being shared out")
        self._show()

    def _show(self) -> None:
        count = Counter(topic for topic, _partition in self.assigned)
        for topic in self._topics:
            KAFKA_ASSIGNED.labels(self._group, topic).set(count[topic])
