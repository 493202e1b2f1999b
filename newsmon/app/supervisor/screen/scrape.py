"""Asks every process how it is, and for its numbers when somebody will look at them: what any probe and any Prometheus would know.

To read the exposition format costs a hundred times as much as to ask for the health, so only the numbers that are shown are read, and
only when they are wanted.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

from newsmon.app.supervisor.stall import Answer

EVERY_S = 2.0
TIMEOUT_S = 5.0  # a busy machine answers late
LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not bound
OURS = ("newsmon_",)
NO_ANSWER = "no answer"


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    labels: dict[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer to one question. `answer` None: it could not be asked, which says nothing about it."""

    asked_s: float
    answer: Answer | None
    unhealthy: dict[str, str] = field(default_factory=dict)
    unready: dict[str, str] = field(default_factory=dict)

    @property
    def is_ready(self) -> bool:
        return self.answer is Answer.WELL and not self.unready

    @property
    def why(self) -> str:
        """Why it is not healthy, or not ready; empty if it is both."""
        if self.answer is None or self.answer is Answer.NONE:
            return NO_ANSWER
        return ", ".join(f"{what}: {detail}" for what, detail in (self.unhealthy or self.unready).items())


class Scraper:
    """A thread for each process, so that one that does not answer delays nobody. Keeps the newest `samples` and `answers`."""

    def __init__(
        self, addresses: Mapping[str, tuple[str, int]], *, is_running: Callable[[str], bool], shown: tuple[str, ...] = OURS
    ) -> None:  # fmt: skip
        """`shown`: the beginnings of the names of all metrics that `samples` has."""
        self._is_running = is_running
        self._shown = shown
        self._stopped = threading.Event()
        self._samples: dict[str, tuple[Sample, ...]] = {}
        self._wanted: set[str] = set()
        self.answers: dict[str, Asked] = {}
        self._threads = {
            process: threading.Thread(target=self._run, args=(process, *address), name=f"scraper-{process}", daemon=True)
            for process, address in addresses.items()
        }

    @property
    def samples(self) -> tuple[Sample, ...]:
        return tuple(sample for samples in list(self._samples.values()) for sample in samples)

    def start(self) -> None:
        for thread in self._threads.values():
            thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def want_samples(self) -> None:
        """Read the numbers of every process again, with the next question: within EVERY_S if it answers."""
        self._wanted |= set(self._threads)

    def _run(self, process: str, bind: str, port: int) -> None:
        while not self._stopped.wait(EVERY_S):
            if not self._is_running(process):
                continue  # its socket is open, and would keep us waiting
            self.answers[process] = asked = ask(bind, port)
            if process in self._wanted and asked.answer is not Answer.NONE:
                if found := scrape(bind, port, shown=self._shown):
                    self._samples[process] = found  # one that does not answer keeps its last samples: it may be restarting
                self._wanted.discard(process)


def ask(bind: str, port: int) -> Asked:
    """The answer to /readyz, which says of each reason whether the process is not healthy either."""
    asked_s = time.monotonic()
    try:
        status, body = _got(bind, port, "/readyz")
    except TimeoutError:
        return Asked(asked_s, Answer.NONE)
    except (OSError, ValueError, http.client.HTTPException):  # refused, reset, no route: it has not been asked
        return Asked(asked_s, None)
    if status == http.HTTPStatus.OK:
        return Asked(asked_s, Answer.WELL)
    try:
        said = json.loads(body)
        unhealthy, unready = (_reasons(said[key]) for key in ("unhealthy", "because"))
    except (ValueError, TypeError, KeyError, AttributeError):
        unhealthy = unready = {"http": str(status)}
    return Asked(asked_s, Answer.UNHEALTHY if unhealthy else Answer.WELL, unhealthy, unready)


def scrape(bind: str, port: int, *, shown: tuple[str, ...] = OURS) -> tuple[Sample, ...]:
    """The process's samples whose names begin with one of `shown`, without histogram buckets; empty if it does not answer."""
    try:
        status, body = _got(bind, port, "/metrics")
        if status != http.HTTPStatus.OK:
            return ()
        wanted = "\n".join(line for line in body.decode("utf-8").splitlines() if line.startswith(shown))
        return tuple(
            Sample(sample.name, dict(sample.labels), sample.value)
            for family in text_string_to_metric_families(wanted + "\n")
            for sample in family.samples
            if not sample.name.endswith("_bucket")
        )
    except (OSError, ValueError, http.client.HTTPException):  # also an answer that cannot be read
        return ()


def _got(bind: str, port: int, path: str) -> tuple[int, bytes]:
    """Status and body. Asked directly: a proxy in the environment is meant for others than ourselves."""
    with closing(http.client.HTTPConnection(LOOPBACK_OF.get(bind, bind), port, timeout=TIMEOUT_S)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()


def _reasons(because: dict[str, object]) -> dict[str, str]:
    return {str(what): str(detail) for what, detail in because.items()}
