"""A thread that scrapes every process every two seconds and keeps the newest samples."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping

from newsmon.app.supervisor.screen.scrape import TIMEOUT_S, Sample, scrape

EVERY_S = 2.0


class Watch(threading.Thread):
    """`samples` of all processes; `unready` says, per process, what it waits for (None: ready)."""

    def __init__(self, bind: str, ports: Mapping[str, int]) -> None:
        super().__init__(name="watch", daemon=True)
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
            self.look()

    def look(self) -> None:
        """Scrape all once; a process that does not answer keeps its last samples (it may be restarting)."""
        for process, port in dict(self._ports).items():
            found = scrape(self._bind, port)
            if found:
                self._samples[process] = found
            self.unready[process] = readiness(self._bind, port)


def readiness(bind: str, port: int) -> str | None:
    """None when /readyz says yes, else why not."""
    host = "127.0.0.1" if bind in ("0.0.0.0", "::") else bind  # noqa: S104 - read, not bound
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/readyz", timeout=TIMEOUT_S):
            return None
    except urllib.error.HTTPError as error:
        try:
            because = json.loads(error.read()).get("because", {})
        except ValueError:
            because = {}
        return ", ".join(f"{what}: {detail}" for what, detail in because.items()) or f"HTTP {error.code}"
    except (OSError, ValueError):
        return "not answering yet"
