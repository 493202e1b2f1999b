"""Reads the /metrics and /readyz of every process: the status view knows what any Prometheus would know."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from newsmon.net.http_server import authority

EVERY_S = 2.0
TIMEOUT_S = 2.0
LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not bound


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    labels: dict[str, str]
    value: float


class Scraper(threading.Thread):
    """A thread that keeps the newest `samples` of all processes, and in `unready` what each process waits for (None: ready)."""

    def __init__(self, bind: str, ports: Mapping[str, int]) -> None:
        super().__init__(name="scraper", daemon=True)
        self._bind = bind
        self._ports = ports
        self._stopped = threading.Event()
        self._samples: dict[str, tuple[Sample, ...]] = {}
        self.unready: dict[str, str | None] = {}

    @property
    def samples(self) -> tuple[Sample, ...]:
        return tuple(sample for samples in list(self._samples.values()) for sample in samples)

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        while not self._stopped.wait(EVERY_S):
            self.scrape_all()

    def scrape_all(self) -> None:
        """Scrape every process once. One that does not answer keeps its last samples: it may be restarting."""
        for process, port in dict(self._ports).items():
            found = scrape(self._bind, port)
            if found:
                self._samples[process] = found
            self.unready[process] = readiness(self._bind, port)


def scrape(bind: str, port: int) -> tuple[Sample, ...]:
    """The process's newsmon_* samples without histogram buckets; empty if it does not answer."""
    try:
        with urllib.request.urlopen(f"http://{_host_and_port(bind, port)}/metrics", timeout=TIMEOUT_S) as answer:
            text = answer.read().decode("utf-8")
    except (OSError, urllib.error.URLError, ValueError):
        return ()
    return tuple(
        Sample(sample.name, dict(sample.labels), sample.value)
        for family in text_string_to_metric_families(text)
        if family.name.startswith("newsmon_")
        for sample in family.samples
        if not sample.name.endswith("_bucket")
    )


def readiness(bind: str, port: int) -> str | None:
    """None if /readyz says yes, else why not."""
    try:
        with urllib.request.urlopen(f"http://{_host_and_port(bind, port)}/readyz", timeout=TIMEOUT_S):
            return None
    except urllib.error.HTTPError as error:
        try:
            because = json.loads(error.read()).get("because", {})
        except ValueError:
            because = {}
        return ", ".join(f"{what}: {detail}" for what, detail in because.items()) or f"HTTP {error.code}"
    except (OSError, ValueError):
        return "not answering yet"


def _host_and_port(bind: str, port: int) -> str:
    return authority(LOOPBACK_OF.get(bind, bind), port)
