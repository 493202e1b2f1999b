"""Read a process's own /metrics: what the status view knows, any Prometheus would know too."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from newsmon.net.listening import authority

TIMEOUT_S = 2.0
LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not bound


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    labels: dict[str, str]
    value: float


def scrape(bind: str, port: int) -> tuple[Sample, ...]:
    """Return newsmon's own samples of the process on that port; empty when it does not answer (it may be restarting)."""
    host = LOOPBACK_OF.get(bind, bind)
    try:
        with urllib.request.urlopen(f"http://{authority(host, port)}/metrics", timeout=TIMEOUT_S) as answer:
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
