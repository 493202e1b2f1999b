"""Consumer lag, measured outside the consumers, so that a consumer that is down cannot hide how far behind it is.

A thread of the supervisor. Results are metrics on the supervisor's own /metrics.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from kafka.errors import KafkaError

from newsmon.errors import DependencyError
from newsmon.kafka.clients import group_id
from newsmon.kafka.lag import LagQuestion
from newsmon.logs import get_logger
from newsmon.metrics import KAFKA_LAG
from newsmon.settings import Settings
from newsmon.topics import (
    ALERTS,
    ARTICLES,
    CLASSIFICATIONS,
    DELIVERIES,
    FEED_STATE,
    FEEDBACK,
    FETCHES,
    MATCHES,
    NOTICES,
    QUARANTINE,
    STORIES,
    Topic,
)  # fmt: skip

POLL_S = 5.0

READ_BY: dict[str, tuple[Topic, ...]] = {
    "processor": (ARTICLES, MATCHES),
    "store": (FETCHES, FEED_STATE, ARTICLES, CLASSIFICATIONS, MATCHES, STORIES, ALERTS, DELIVERIES, FEEDBACK, NOTICES, QUARANTINE),
    "deliver": (ALERTS, NOTICES),
}

log = get_logger(__name__)


class LagPoller(threading.Thread):
    """Measures every few seconds until stopped. An unreachable broker is logged and tried again.

    `settings` is asked each time: a broker that was started again may have another address. `on_answer` is told each time why Kafka did
    not answer, or None if it did.
    """

    def __init__(self, settings: Callable[[], Settings], *, on_answer: Callable[[str | None], None], every_s: float = POLL_S) -> None:
        super().__init__(name="lag", daemon=True)
        self._settings = settings
        self._every_s = every_s
        self._on_answer = on_answer
        self._stopped = threading.Event()
        now = settings()
        prefix = now.kafka.topic_prefix
        self._question = LagQuestion({group_id(now, stage): [topic.named(prefix) for topic in topics] for stage, topics in READ_BY.items()})

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        try:
            while not self._stopped.wait(self._every_s):
                self._measure()
        finally:
            self._question.close()  # an open client would complain, at every stop, that the broker goes away

    def _measure(self) -> None:
        try:
            found = self._question.ask(self._settings())
        except (DependencyError, KafkaError, OSError) as error:
            log.warning("lag.unknown", reason=str(error)[:200])
            self._on_answer(str(error)[:200])
            return
        except Exception as error:  # noqa: BLE001 - a surprise in a client library must not end the watch; nor is it Kafka's silence
            log.warning("lag.unknown", reason=f"{type(error).__name__}: {error}"[:200])
            return
        self._on_answer(None)
        for lag in found:
            KAFKA_LAG.labels(lag.group, lag.topic, str(lag.partition)).set(lag.lag)
