"""Measures the processor's waiting work from outside the runner: end offsets against committed ones, as the broker tells them.

In: end and committed offsets from the broker, the assigned partitions. Out: what waits in each partition; the
newsmon_kafka_messages_committed_total metric. `exit_uncommitted` ends the process.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from newsmon.kafka.lag import Lag, consumer_lag
from newsmon.liveness.progress_watch import end_hard
from newsmon.liveness.stall import Waiting
from newsmon.metrics import KAFKA_COMMITTED
from newsmon.settings import Settings
from processors.runner.assignment import Assignment, Partition

exit_uncommitted = partial(end_hard, "processor")


class CommittedWork:
    """Call it for what waits in the assigned partitions; DependencyError when the broker does not answer."""

    def __init__(self, settings: Settings, assignment: Assignment, *, group: str, topics: Iterable[str]) -> None:
        self._settings = settings
        self._assignment = assignment
        self._groups = {group: list(topics)}
        self._group = group
        self._committed: dict[Partition, int] = {}
        for topic in self._groups[group]:
            KAFKA_COMMITTED.labels(group, topic)

    def __call__(self) -> list[Waiting]:
        lags = consumer_lag(self._settings, self._groups)
        assigned = self._assignment.partitions
        self._count(lags, assigned)
        return waiting_in(lags, assigned)

    def _count(self, lags: Iterable[Lag], assigned: frozenset[Partition]) -> None:
        for lag in lags:
            place = (lag.topic, lag.partition)
            if lag.committed is None:
                continue
            before = self._committed.get(place)
            if place in assigned and before is not None and lag.committed > before:
                KAFKA_COMMITTED.labels(self._group, lag.topic).inc(lag.committed - before)
            self._committed[place] = lag.committed


def waiting_in(lags: Iterable[Lag], assigned: frozenset[Partition]) -> list[Waiting]:
    """The assigned partitions with records to read, each marked with its committed offset.

    Without any assigned, all: a worker that fell out of its group unnoticed would otherwise see nothing to do.
    """
    return [
        Waiting(f"{lag.topic}-{lag.partition}", lag.committed)
        for lag in lags
        if lag.lag > 0 and (not assigned or (lag.topic, lag.partition) in assigned)
    ]
