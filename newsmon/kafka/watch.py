"""Watches whether Kafka answers this process, independently of its clients: a state with a beginning, an end and a reason.

In: the addresses of the cluster. Out: log lines `kafka.lost` and `kafka.back`, the metric newsmon_kafka_up, the outage for whoever asks.
I/O: one small request every few seconds, on a connection of its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from newsmon.errors import DependencyError
from newsmon.host.disks import why_full
from newsmon.kafka.address import bootstrap_servers, local_broker_dir, uses_local_broker
from newsmon.kafka.clients import ssl_context_for
from newsmon.kafka.probe import answers
from newsmon.logs import client_lines, get_logger
from newsmon.metrics import KAFKA_UP
from newsmon.settings import Settings

EVERY_S, EVERY_LOST_S = 5.0, 1.0
TIMEOUT_S = 4.0
FAILURES = 2  # in a row: one may be a broker that was busy for a moment
# Clients go on complaining for a while after the broker is back, until each has found it again.
SETTLED_AFTER_S = 60.0

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outage:
    """Since when Kafka has not answered, and why."""

    since: datetime
    reason: str


class KafkaWatch:
    """A thread that asks until closed; a context manager. `outage` may be read from any thread."""

    def __init__(
        self, settings: Settings, *, stage: str, servers: Callable[[], tuple[str, ...]] | None = None,
        every_s: float = EVERY_S, every_lost_s: float = EVERY_LOST_S,
    ) -> None:  # fmt: skip
        """`servers` replaces the addresses in the settings where they may change while it watches."""
        self.outage: Outage | None = None
        self._settings = settings
        self._stage = stage
        self._servers = servers or (lambda: bootstrap_servers(settings))
        self._tls = ssl_context_for(settings.kafka)
        self._every_s, self._every_lost_s = every_s, every_lost_s
        self._failed_at: datetime | None = None
        self._failed_s = 0.0
        self._failures = 0
        self._settled_s = time.monotonic() + SETTLED_AFTER_S
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kafka-watch", daemon=True)

    def __enter__(self) -> Self:
        client_lines.held_back = True
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._stopped.set()
        client_lines.held_back = False

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self.look()
            except Exception as error:  # noqa: BLE001 - without the watch nobody would tell that Kafka is lost, or what clients say
                log.warning("watch.failed", watch=self._thread.name, error=f"{type(error).__name__}: {error}"[:300])
            self._stopped.wait(self._every_lost_s if self._failures else self._every_s)

    def look(self) -> None:
        """Ask once."""
        why = self._why_silent()
        if why is None:
            self._answered()
        else:
            self._silent(why)

    def _why_silent(self) -> str | None:
        reasons = []
        try:
            servers = self._servers()
        except DependencyError as error:  # no address yet: the broker has never run
            return str(error)
        for server in servers:
            host, _colon, port = server.rpartition(":")
            why = answers(host.strip("[]"), int(port), timeout_s=TIMEOUT_S, tls=self._tls)
            if why is None:
                return None
            reasons.append(f"{server}: {why}")
        return "; ".join(reasons) or "it has not started yet"

    def _answered(self) -> None:
        over, self.outage, self._failures = self.outage, None, 0
        KAFKA_UP.labels(self._stage).set(1)
        if over is not None:
            lines, _examples = client_lines.take()
            self._settled_s = time.monotonic() + SETTLED_AFTER_S
            after_s = round(time.monotonic() - self._failed_s)
            log.info("kafka.back", duration_s=after_s, client_lines=lines)
        elif time.monotonic() >= self._settled_s:
            self._tell_other_trouble()

    def _tell_other_trouble(self) -> None:
        """Kafka answers, and still its clients complain: one line a minute."""
        self._settled_s = time.monotonic() + SETTLED_AFTER_S
        count, examples = client_lines.take()
        if count:
            log.warning("kafka.client_trouble", count=count, examples=list(examples))

    def _silent(self, why: str) -> None:
        if not self._failures:
            self._failed_at, self._failed_s = datetime.now(UTC), time.monotonic()
        self._failures += 1
        if self._failures < FAILURES or self.outage is not None:
            return
        assert self._failed_at is not None
        self.outage = Outage(self._failed_at, self._reason(why))
        KAFKA_UP.labels(self._stage).set(0)
        log.warning("kafka.lost", reason=self.outage.reason)

    def _reason(self, why: str) -> str:
        if not uses_local_broker(self._settings):
            return f"{why}. Check that the cluster runs and the network reaches it"
        full = why_full(local_broker_dir(self._settings))
        return f"{full}: newsmon's own broker cannot write" if full else f"newsmon's own broker does not answer ({why})"
