"""Ends a stalled process: a thread outside the runner, which trusts only the broker, exits when work waits and nothing is committed.

In: end and committed offsets from the broker, the assigned partitions. Out: the newsmon_kafka_messages_committed_total metric;
exit code 70, after a log line with every thread's stack.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NoReturn

from newsmon.errors import DependencyError
from newsmon.kafka.lag import Lag, consumer_lag
from newsmon.logs import get_logger, thread_stacks
from newsmon.metrics import KAFKA_COMMITTED
from newsmon.settings import Settings
from processors.runner.assignment import Assignment, Partition

EXIT_STALLED = 70  # EX_SOFTWARE: the supervisor starts us again
LONGEST_CHECK_INTERVAL_S = 10.0
CHECKS_PER_STALL = 6

log = get_logger(__name__)


def exit_uncommitted(why: str) -> NoReturn:
    """End the process at once, after logging the reason and where every thread stands.

    It skips every clean-up on purpose: an orderly stop would commit unfinished work.
    """
    log.critical("processor.ends_hard", reason=why, stacks=thread_stacks())
    os._exit(EXIT_STALLED)


@dataclass(slots=True)
class Progress:
    """The assigned partitions that have work waiting, each with its committed offset and the time since when it has not moved."""

    since_s: dict[Partition, tuple[int | None, float]] = field(default_factory=dict)

    def stalled_s(self, lags: Iterable[Lag], assigned: frozenset[Partition], now_s: float) -> dict[Partition, float]:
        """Seconds since each assigned partition with lag last committed anything; a new partition starts at zero."""
        seen: dict[Partition, tuple[int | None, float]] = {}
        for lag in lags:
            place = (lag.topic, lag.partition)
            if place in assigned and lag.lag > 0:
                committed, since_s = self.since_s.get(place, (None, now_s))
                moved = place not in self.since_s or committed != lag.committed
                seen[place] = (lag.committed, now_s if moved else since_s)
        self.since_s = seen
        return {place: now_s - since_s for place, (_committed, since_s) in seen.items()}

    def start_over(self) -> None:
        """Forget everything: the broker does not answer, so no worker can commit, and that is not a stall."""
        self.since_s = {}


class Watchdog(threading.Thread):
    """Checks every few seconds until stopped."""

    def __init__(
        self,
        settings: Settings,
        assignment: Assignment,
        *,
        group: str,
        topics: Iterable[str],
        monotonic: Callable[[], float],
        end_process: Callable[[str], None] = exit_uncommitted,
    ) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._settings = settings
        self._assignment = assignment
        self._groups = {group: list(topics)}
        self._group = group
        self._monotonic = monotonic
        self._end_process = end_process
        self._progress = Progress()
        self._committed: dict[Partition, int] = {}
        self._stopped = threading.Event()
        for topic in self._groups[group]:
            KAFKA_COMMITTED.labels(group, topic)

    def run(self) -> None:
        limit_s = self._settings.processor.stall_exit_s
        while not self._stopped.wait(min(LONGEST_CHECK_INTERVAL_S, limit_s / CHECKS_PER_STALL)):
            try:
                lags = consumer_lag(self._settings, self._groups)
            except DependencyError as error:
                log.warning("watchdog.blind", error=str(error)[:200])
                self._progress.start_over()
                continue
            assigned = self._assignment.partitions
            self._count(lags, assigned)
            stalled = {place: s for place, s in self._progress.stalled_s(lags, assigned, self._monotonic()).items() if s >= limit_s}
            if stalled:
                listed = ", ".join(f"{topic}-{partition} for {s:.0f} s" for (topic, partition), s in sorted(stalled.items()))
                self._end_process(f"work is waiting and nothing was committed: {listed}")
                return

    def stop(self) -> None:
        self._stopped.set()

    def _count(self, lags: Iterable[Lag], assigned: frozenset[Partition]) -> None:
        for lag in lags:
            place = (lag.topic, lag.partition)
            if lag.committed is None:
                continue
            before = self._committed.get(place)
            if place in assigned and before is not None and lag.committed > before:
                KAFKA_COMMITTED.labels(self._group, lag.topic).inc(lag.committed - before)
            self._committed[place] = lag.committed
