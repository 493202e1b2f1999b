"""The thread that ends a stage whose work stands still, with measurements made up and everything else its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from newsmon.errors import DependencyError
from newsmon.liveness.progress_watch import Measure, ProgressWatch
from newsmon.liveness.stall import Waiting
from newsmon.net.monitoring import Health
from newsmon.settings import ProcessorSettings, Settings

LIMIT_S = 0.3
WITHIN_S = 60.0


class Watched:
    """A watch on `measure`; `ended` is set with the reason once it would end the process."""

    def __init__(self, measure: Measure, *, told: bool = True, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.health = Health("store")
        self.ended = threading.Event()
        self.why = ""
        self.told: list[str] = []
        self._takes_notice = told
        settings = Settings(processor=ProcessorSettings(stall_exit_s=LIMIT_S))
        self.watch = ProgressWatch(settings, self.health, measure, tell=self._tell, end_process=self._end, monotonic=monotonic)

    def _tell(self, why: str) -> bool:
        self.told.append(why)
        return self._takes_notice

    def _end(self, why: str) -> None:
        self.why = why
        self.ended.set()


@pytest.fixture
def running() -> Iterator[list[ProgressWatch]]:
    watches: list[ProgressWatch] = []
    yield watches
    for watch in watches:
        watch.stop()
        watch.join(WITHIN_S)


def test_a_stall_makes_the_process_unhealthy_is_told_and_ends_it(running: list[ProgressWatch]) -> None:
    watched = Watched(lambda: [Waiting("news.articles-0", 7)])
    running.append(watched.watch)
    watched.watch.start()
    assert watched.ended.wait(WITHIN_S)
    assert "news.articles-0" in watched.why
    assert watched.health.unhealthy_because() == {"progress": watched.why}
    assert watched.told == [watched.why]


def test_work_that_moves_ends_nothing(running: list[ProgressWatch]) -> None:
    marks = iter(range(10**6))
    watched = Watched(lambda: [Waiting("news.articles-0", next(marks))])
    running.append(watched.watch)
    watched.watch.start()
    assert not watched.ended.wait(4 * LIMIT_S)


def test_a_dependency_that_does_not_answer_makes_the_process_unready_and_never_ends_it(running: list[ProgressWatch]) -> None:
    asked = threading.Semaphore(0)

    def measure() -> list[Waiting]:
        asked.release()
        raise DependencyError("Kafka", "no response from broker:9092")

    watched = Watched(measure)
    running.append(watched.watch)
    watched.watch.start()
    for _ in range(12):  # two limits
        assert asked.acquire(timeout=WITHIN_S)
    assert not watched.ended.is_set()
    assert "no response from broker:9092" in watched.health.unready_because()["dependencies"]
    assert watched.health.unhealthy_because() == {}


def test_a_broker_that_answers_but_takes_no_record_keeps_the_process_until_the_stall_is_three_limits_old(
    running: list[ProgressWatch],
) -> None:
    watched = Watched(lambda: [Waiting("polls", 0)], told=False)
    running.append(watched.watch)
    watched.watch.start()
    assert watched.ended.wait(WITHIN_S)
    assert len(watched.told) > 1, "it was not ended at the first limit"


class Suspended(threading.Event):
    """Each wait lasts a hundred limits by the clock that `now_s` shows."""

    now_s = 0.0

    def wait(self, timeout: float | None = None) -> bool:
        self.now_s += 100 * LIMIT_S + 60
        return super().wait(0.01)


def test_a_machine_that_stood_still_is_no_stall(running: list[ProgressWatch]) -> None:
    """A suspended virtual machine or container: the clock jumps, and what waited before still waits at the first look after it."""
    looks = threading.Semaphore(0)
    suspended = Suspended()

    def measure() -> list[Waiting]:
        looks.release()
        return [Waiting("news.articles-0", 7)]

    watched = Watched(measure, monotonic=lambda: suspended.now_s)
    watched.watch._stopped = suspended
    running.append(watched.watch)
    watched.watch.start()
    assert all(looks.acquire(timeout=WITHIN_S) for _ in range(5))
    assert not watched.ended.is_set()
