"""Watches the logs that no sink reads but producer and processor remember by: their loss shows nowhere else.

The identity of each is kept as a position at offset 0 of the store. When the topic is another one, that is a loss like any other.
In: the identities of the topics. Out: rows. I/O: Kafka, the database, on its own thread.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Engine

from newsmon.kafka.positions.identity import read_log_ids
from newsmon.kafka.positions.resume import StoredPosition, resume_at
from newsmon.logs import get_logger
from newsmon.metrics import LOG_LOSSES
from newsmon.settings import Settings
from newsmon.topics import FEED_KNOWN, STORY_STATE, THEMES
from sinks.database.engine import writing
from sinks.database.losses import Loss, add_losses
from sinks.database.offsets import Advance, advance_offsets, read_positions

KEPT_LOGS = (FEED_KNOWN, STORY_STATE, THEMES)
LOOK_EVERY_S = 60.0

log = get_logger(__name__)


class KeptLogs(threading.Thread):
    """Looks at the start and every minute, until stopped; what is out of reach is looked at the next time."""

    def __init__(self, settings: Settings, engine: Engine, *, consumer: str) -> None:
        super().__init__(name="kept-logs", daemon=True)
        self._settings = settings
        self._engine = engine
        self._consumer = consumer
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.is_set():
            try:
                look_at_kept_logs(self._settings, self._engine, consumer=self._consumer)
            except Exception as error:  # noqa: BLE001 - a surprise in a client library must not end the watch
                log.info("kept_logs.out_of_reach", error=f"{type(error).__name__}: {error}"[:200], retry_in_s=LOOK_EVERY_S)
            self._stopped.wait(LOOK_EVERY_S)

    def stop(self) -> None:
        self._stopped.set()


def look_at_kept_logs(settings: Settings, engine: Engine, *, consumer: str) -> int:
    """Keep the identities, and what has been lost since the last look; returns how many logs were replaced."""
    log_ids = read_log_ids(settings, [topic.named(settings.kafka.topic_prefix) for topic in KEPT_LOGS])
    with writing(engine) as connection:
        known = read_positions(connection, consumer)
        moves, losses = _changes(known, log_ids, consumer)
        now = datetime.now(UTC)
        advance_offsets(connection, consumer, moves, now=now)
        add_losses(connection, losses, now=now)
    for loss in losses:
        LOG_LOSSES.labels(consumer, loss.reason).inc()
        log.error("kept_logs.replaced", topic=loss.topic, reason=loss.reason, log_before=loss.log_before, log_now=loss.log_id)
    return len(losses)


def _changes(
    known: Mapping[tuple[str, int], StoredPosition], log_ids: Mapping[str, str | None], consumer: str
) -> tuple[list[Advance], list[Loss]]:  # fmt: skip
    moves: list[Advance] = []
    losses: list[Loss] = []
    for topic, log_id in sorted(log_ids.items()):
        stored = known.get((topic, 0))
        resume = resume_at(stored, beginning=0, end=0, log_id=log_id)
        if stored is None or resume.changes_row:
            moves.append(Advance(topic, 0, resume.stored, 0, log_id))
        if resume.is_trouble:
            losses.append(Loss(consumer, topic, 0, resume.reason.value, 0, 0, None, resume.log_before, log_id))
    return moves, losses
