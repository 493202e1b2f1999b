"""Keeps Kafka there for the stages: starts newsmon's own broker again whenever it ends, or waits for the cluster of others.

A thread of the supervisor, so that neither the start of a broker nor a cluster that is away holds up anything else. In: settings.
Out: KafkaView, the address, and what cannot heal by itself. I/O: the broker, the cluster.

A death while it starts counts like any later one. Only this ends the run: no Java or jars for the first start, a cluster that
refuses us, and wrong settings.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from newsmon.app.supervisor.restart import LONGEST_KAFKA_DELAY_S, decide_restart
from newsmon.app.supervisor.whole import KafkaPhase, KafkaView
from newsmon.errors import DependencyError, NewsmonError, RefusedError
from newsmon.kafka.admin import ensure_topics
from newsmon.kafka.broker.children import Children, is_stopped
from newsmon.kafka.broker.jars import ensure_jars
from newsmon.kafka.broker.jre import java_path
from newsmon.kafka.broker.process import LocalBroker
from newsmon.kafka.probe import Answer, probe
from newsmon.logs import get_logger
from newsmon.settings import Settings

LOOK_S = 0.2
PROBE_EVERY_S = 2.0
PROBE_TIMEOUT_S = 5.0
SILENT_COUNT = 2  # questions without an answer before it counts as silent
# A broker that still runs but hangs does not come back by itself. Before /healthz of the whole asks for help from outside.
HANGS_AFTER_S = 300.0
HANGING_STOP_S = 10.0
JOIN_S = 2.0
REASON_CHARS = 1000

log = get_logger(__name__)


class KafkaKeeper(threading.Thread):
    """Runs until stopped. All attributes may be read from other threads."""

    def __init__(self, settings: Settings, children: Children, *, lack_of_space: Callable[[], str | None]) -> None:
        super().__init__(name="kafka-keeper", daemon=True)
        self._settings = settings
        self._lack_of_space = lack_of_space
        self._stopped = threading.Event()
        self._broker: LocalBroker | None = None
        if settings.starts_own_kafka:
            directory = settings.state_dir / "kafka"
            self._broker = LocalBroker(directory, heap_mb=settings.kafka.heap_mb, children=children, give_up=self._stopped.is_set)
        self._has_topics = False
        self._misses = 0
        self.addresses: tuple[str, ...] = settings.kafka.bootstrap_servers
        self._up_count = 0
        self._up_seen_count = 1
        self.fatal: NewsmonError | None = None
        self.view = KafkaView(KafkaPhase.STARTING, time.monotonic(), self._what(), is_own=self._broker is not None)

    @property
    def was_up(self) -> bool:
        """True from the first time on that it answered: the stages may be started."""
        return self._up_count > 0

    def has_returned(self) -> bool:
        """True once after each return of Kafka; for one caller."""
        seen, self._up_seen_count = self._up_seen_count, max(self._up_count, 1)
        return self._up_seen_count > seen

    def run(self) -> None:
        try:
            self._keep()
        except NewsmonError as error:  # for the main thread, which ends the run with it
            self.fatal = error

    def stop(self, timeout_s: float) -> None:
        """End the broker, if it is ours: with SIGTERM, and SIGKILL after the time."""
        self._stopped.set()
        if self.is_alive():
            self.join(JOIN_S)  # it is not waited for longer: a download or a request cannot be interrupted
        if self._broker is not None:
            self._broker.stop(timeout_s)

    def heard(self, silent_because: str | None) -> None:
        """Another client's news about a cluster that is not ours: the reason why it does not answer, or None."""
        if self._broker is None and self.was_up:
            self._note(silent_because)

    def settings_for_stages(self) -> Settings:
        """The settings with the address of the broker started here, if any."""
        return self._settings.model_copy(update={"kafka": self._settings.kafka.model_copy(update={"bootstrap_servers": self.addresses})})

    def _what(self) -> str:
        return "Kafka is starting" if self._broker is not None else f"waiting for {', '.join(self.addresses)}"

    def _keep(self) -> None:
        if self._broker is not None:
            ensure_jars()
            java_path()
        failures = 0
        while not self._stopped.is_set():
            started_s = time.monotonic()
            try:
                self._bring_up()
            except RefusedError:  # a password or a permission: only a person can mend it
                raise
            except (DependencyError, OSError) as error:  # OSError: its directory cannot be written, for example on a full disk
                event, reason = "run.kafka_not_back" if self.was_up else "run.kafka_not_started", str(error)
            else:
                event, reason = "run.kafka_ended", self._watch()
            if self._stopped.is_set():
                return
            decision = decide_restart(
                1, lived_s=time.monotonic() - started_s, failures_in_row=failures, longest_delay_s=LONGEST_KAFKA_DELAY_S
            )  # fmt: skip
            failures = decision.failures_in_row
            reason = (self._lack_of_space() or reason)[:REASON_CHARS]
            log.error(event, reason=reason, retry_in_s=decision.delay_s)
            self._turn_to(KafkaPhase.DOWN, f"{reason.partition(chr(10))[0]}; the next attempt is in {decision.delay_s:.0f} s")
            self._stopped.wait(decision.delay_s)

    def _bring_up(self) -> None:
        """Return once Kafka answers and has its topics. DependencyError or OSError: not this time. SettingsError: never."""
        if self._broker is not None:
            self._turn_to(KafkaPhase.STARTING, self._what())
            self.addresses = (self._broker.start(),)
        if not self._has_topics:
            try:
                warnings = ensure_topics(self.settings_for_stages()).warnings
            except DependencyError as error:
                if self._broker is not None and self._broker.poll() is not None:
                    raise DependencyError("local Kafka", self._broker.why_it_ended()) from error
                raise
            for warning in warnings:
                log.warning("run.topic_differs", topic=warning.where, reason=warning.message)
            self._has_topics = True
        log.info("run.kafka_up", pid=self._broker.pid if self._broker else None, address=", ".join(self.addresses))
        self._misses = 0
        self._turn_to(KafkaPhase.UP, "")
        self._up_count += 1

    def _watch(self) -> str:
        """Return why the broker has ended; for the cluster of others, wait for the stop."""
        broker = self._broker
        if broker is None:
            self._stopped.wait()
            return ""
        host, _, port = broker.bootstrap_servers.rpartition(":")
        ask_s = time.monotonic() + PROBE_EVERY_S
        while broker.poll() is None and not self._stopped.wait(LOOK_S):
            if time.monotonic() >= ask_s:
                found = probe(host, int(port), timeout_s=PROBE_TIMEOUT_S)
                silence = f"the broker on {host}:{port} does not answer ({found.detail or found.answer})"
                self._note(None if found.answer is Answer.READY else silence)
                ask_s = time.monotonic() + PROBE_EVERY_S
                self._end_if_it_hangs(broker)
        return broker.why_it_ended() if broker.poll() is not None else ""

    def _end_if_it_hangs(self, broker: LocalBroker) -> None:
        """End a broker that has been silent for minutes, so that it is started again; one that somebody stopped is left to them."""
        silent_s = time.monotonic() - self.view.since_s
        if self.view.phase is not KafkaPhase.SILENT or silent_s < HANGS_AFTER_S or broker.pid is None or is_stopped(broker.pid):
            return
        log.error("run.kafka_hangs", pid=broker.pid, silent_s=round(silent_s), reason=self.view.detail)
        broker.stop(HANGING_STOP_S)

    def _note(self, silent_because: str | None) -> None:
        if silent_because is None:
            self._misses = 0
            if self.view.phase is KafkaPhase.SILENT:
                log.info("run.kafka_answers_again", silent_s=round(time.monotonic() - self.view.since_s))
                self._turn_to(KafkaPhase.UP, "")
                self._up_count += 1
            return
        self._misses += 1
        if self._misses >= SILENT_COUNT and self.view.phase is KafkaPhase.UP:
            log.error("run.kafka_silent", reason=silent_because)
            self._turn_to(KafkaPhase.SILENT, silent_because)

    def _turn_to(self, phase: KafkaPhase, detail: str) -> None:
        since_s = self.view.since_s if phase is self.view.phase else time.monotonic()
        self.view = KafkaView(phase, since_s, detail, is_own=self.view.is_own)
