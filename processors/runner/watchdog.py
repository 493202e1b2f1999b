"""A thread outside the runner that believes only the broker: work waiting, nothing committed for too long -> the process ends hard.

In: end and committed offsets from the broker, the assigned partitions. Out: the newsmon_kafka_messages_committed_total metric;
exit 70 with every stack on stderr.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from newsmon.errors import DependencyError
from newsmon.kafka.lag import Lag, consumer_lag
from newsmon.logs import get_logger
from newsmon.metrics import KAFKA_COMMITTED
from newsmon.settings import Settings
from processors.runner.assignment import Duty, Place
from processors.runner.last_words import die

MOST_BETWEEN_LOOKS_S = 10.0
LOOKS_PER_STALL = 6

log = get_logger(__name__)


@dataclass(slots=True)
class Progress:
    """Which assigned partitions have stood still with work waiting, and since when. [pure]"""

    since_s: dict[Place, tuple[int | None, float]] = field(default_factory=dict)

    def stalled_s(self, lags: Iterable[Lag], assigned: frozenset[Place], now_s: float) -> dict[Place, float]:
        """Seconds each assigned partition with lag has not committed anything; a partition new to us starts at zero."""
        seen: dict[Place, tuple[int | None, float]] = {}
        for lag in lags:
            place = (lag.topic, lag.partition)
            if place in assigned and lag.lag > 0:
                committed, since_s = self.since_s.get(place, (None, now_s))
                moved = place not in self.since_s or committed != lag.committed
                seen[place] = (lag.committed, now_s if moved else since_s)
        self.since_s = seen
        return {place: now_s - since_s for place, (_committed, since_s) in seen.items()}

    def start_over(self) -> None:
        """The broker could not be asked: nobody can commit then, and that is no fault of the runner."""
        self.since_s = {}


class Watchdog(threading.Thread):
    """Looks every few seconds until stopped."""

    def __init__(
        self,
        settings: Settings,
        duty: Duty,
        *,
        group: str,
        topics: Iterable[str],
        monotonic: Callable[[], float],
        end_process: Callable[[str], None] = die,
    ) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._settings = settings
        self._duty = duty
        self._groups = {group: list(topics)}
        self._group = group
        self._monotonic = monotonic
        self._end_process = end_process
        self._progress = Progress()
        self._committed: dict[Place, int] = {}
        self._stopped = threading.Event()
        for topic in self._groups[group]:
            KAFKA_COMMITTED.labels(group, topic)

    def run(self) -> None:
        limit_s = self._settings.processor.stall_exit_s
        while not self._stopped.wait(min(MOST_BETWEEN_LOOKS_S, limit_s / LOOKS_PER_STALL)):
            try:
                lags = consumer_lag(self._settings, self._groups)
            except DependencyError as error:
                log.warning("watchdog.blind", error=str(error)[:200])
                self._progress.start_over()
                continue
            assigned = self._duty.assigned
            self._count(lags, assigned)
            stalled = {place: s for place, s in self._progress.stalled_s(lags, assigned, self._monotonic()).items() if s >= limit_s}
            if stalled:
                told = ", ".join(f"{topic}-{partition} for {s:.0f} s" for (topic, partition), s in sorted(stalled.items()))
                self._end_process(f"work is waiting and nothing was committed: {told}")
                return

    def stop(self) -> None:
        self._stopped.set()

    def _count(self, lags: Iterable[Lag], assigned: frozenset[Place]) -> None:
        for lag in lags:
            place = (lag.topic, lag.partition)
            if lag.committed is None:
                continue
            before = self._committed.get(place)
            if place in assigned and before is not None and lag.committed > before:
                KAFKA_COMMITTED.labels(self._group, lag.topic).inc(lag.committed - before)
            self._committed[place] = lag.committed
