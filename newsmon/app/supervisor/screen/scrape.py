"""Asks every process for its /metrics, /healthz and /readyz: the supervisor knows what any Prometheus and any probe would know."""

from __future__ import annotations

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

from newsmon.app.supervisor.stall import Answer
from newsmon.net.listening import authority

EVERY_S = 2.0
TIMEOUT_S = 5.0  # a busy machine answers late
LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not bound
NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # http_proxy is meant for others than ourselves
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

    def __init__(self, addresses: Mapping[str, tuple[str, int]], *, is_running: Callable[[str], bool]) -> None:
        self._is_running = is_running
        self._stopped = threading.Event()
        self._samples: dict[str, tuple[Sample, ...]] = {}
        self.answers: dict[str, Asked] = {}
        self._threads = [
            threading.Thread(target=self._run, args=(process, *address), name=f"scraper-{process}", daemon=True)
            for process, address in addresses.items()
        ]

    @property
    def samples(self) -> tuple[Sample, ...]:
        return tuple(sample for samples in list(self._samples.values()) for sample in samples)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def _run(self, process: str, bind: str, port: int) -> None:
        while not self._stopped.wait(EVERY_S):
            if not self._is_running(process):
                continue  # its socket is open, and would keep us waiting
            self.answers[process] = asked = ask(bind, port)
            if asked.answer is not Answer.NONE and (found := scrape(bind, port)):
                self._samples[process] = found  # one that does not answer keeps its last samples: it may be restarting


def ask(bind: str, port: int) -> Asked:
    """The answers to /healthz and /readyz, as one."""
    asked_s = time.monotonic()
    try:
        unhealthy, unready = _reasons(bind, port, "/healthz"), _reasons(bind, port, "/readyz")
    except TimeoutError:
        return Asked(asked_s, Answer.NONE)
    except (OSError, ValueError, http.client.HTTPException):  # refused, reset, no route: it has not been asked
        return Asked(asked_s, None)
    return Asked(asked_s, Answer.UNHEALTHY if unhealthy else Answer.WELL, unhealthy, unready)


def scrape(bind: str, port: int) -> tuple[Sample, ...]:
    """The process's newsmon_* samples without histogram buckets; empty if it does not answer."""
    try:
        with NO_PROXY.open(f"http://{_host_and_port(bind, port)}/metrics", timeout=TIMEOUT_S) as answer:
            text = answer.read().decode("utf-8")
        return tuple(
            Sample(sample.name, dict(sample.labels), sample.value)
            for family in text_string_to_metric_families(text)
            if family.name.startswith("newsmon_")
            for sample in family.samples
            if not sample.name.endswith("_bucket")
        )
    except (OSError, ValueError, http.client.HTTPException):  # also an answer that cannot be read
        return ()


def _reasons(bind: str, port: int, path: str) -> dict[str, str]:
    """The reasons of a 503; empty for 200. TimeoutError or another OSError if there is no answer."""
    try:
        with NO_PROXY.open(f"http://{_host_and_port(bind, port)}{path}", timeout=TIMEOUT_S):
            return {}
    except urllib.error.HTTPError as error:
        try:
            because = {str(what): str(detail) for what, detail in json.loads(error.read()).get("because", {}).items()}
        except (ValueError, AttributeError):
            because = {}
        return because or {"http": str(error.code)}
    except urllib.error.URLError as error:
        raise error.reason if isinstance(error.reason, OSError) else error from error


def _host_and_port(bind: str, port: int) -> str:
    return authority(LOOPBACK_OF.get(bind, bind), port)
