"""`newsmon store`: writes every topic to the database.

In: the topics in STORED. Out: the rows of `sinks.store.rows`; KEPT says which of two records with one key stays. I/O: Kafka, the database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Connection, Engine, Table

from newsmon.kafka.admin import ensure_topics
from newsmon.liveness.dependencies import Stopped, wait_for
from newsmon.liveness.progress_watch import ProgressWatch
from newsmon.liveness.signals import stop_on_signals
from newsmon.logs import get_logger
from newsmon.net.monitoring import Health, MonitoringServer
from newsmon.quarantine import Stage
from newsmon.records import Notice
from newsmon.settings import Settings
from newsmon.settings.theme_ids import theme_ids
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
)
from sinks.consumer.batch import Handler
from sinks.consumer.kafka_record import KafkaRecord
from sinks.consumer.loop import ConsumerLoop
from sinks.consumer.process import first_engine, static_member
from sinks.consumer.progress import StoredWork
from sinks.database import tables
from sinks.database.earlier import keep_earlier
from sinks.database.upsert import Kept, upsert
from sinks.feeds_out.server import AlertFeedServer
from sinks.store.kept_logs import KeptLogs
from sinks.store.notice_losses import keep_losses
from sinks.store.notice_rows import KEPT as NOTICES_KEPT
from sinks.store.quarantine_rows import quarantine_row
from sinks.store.rows import Row, rows_of

NAME = "store"
# Deliveries make no rows here: the deliver stage writes an attempt before it publishes it. They are read to quarantine bad ones.
STORED: tuple[Topic, ...] = (
    FETCHES,
    FEED_STATE,
    ARTICLES,
    CLASSIFICATIONS,
    MATCHES,
    STORIES,
    ALERTS,
    DELIVERIES,
    FEEDBACK,
    NOTICES,
    QUARANTINE,
)
# A transaction may wait for the other writer and for a slow disk before the loop turns again.
ALIVE_WITHIN_S = 60.0

FIRST_SIGHTING = ("first_seen_at", "feed_id", "poll_seq")
KEPT: dict[str, tuple[Table, Kept]] = {
    "feed_states": (tables.feed_states, Kept(("poll_seq", "polled_at"))),
    "fetches": (tables.fetches, Kept(("started_at",))),  # a poll that was cut off and repeated has one number and two records
    "sightings": (tables.sightings, Kept(("first_seen_at",))),
    "revisions": (tables.revisions, Kept(FIRST_SIGHTING, least=True)),
    "articles": (tables.articles, Kept(("first_seen_at", "revision"))),
    "classifications": (tables.classifications, Kept(("classified_at",))),
    "classified_themes": (tables.classified_themes, Kept(("classified_at",))),
    "matches": (tables.matches, Kept((*FIRST_SIGHTING, "matched_at"), least=True)),
    "stories": (tables.stories, Kept(("revision", "updated_at"))),
    "events": (tables.events, Kept(("updated_at", "story_revision"))),
    "members": (tables.members, Kept(("decided_at", "story_revision"))),
    "corrections": (tables.corrections, Kept(("made_at",))),
    "corrected": (tables.corrected, Kept(("decided_at",))),
    "moves": (tables.moves, Kept(("moved_at", "correction_offset"))),
    "alerts": (tables.alerts, Kept(("raised_at",))),
    "feedback": (tables.feedback, Kept(("given_at",))),
    "notices": (tables.notices, NOTICES_KEPT),
    "quarantined": (tables.quarantined, Kept(("quarantined_at",))),
}

log = get_logger(__name__)


def run(settings: Settings) -> int:
    """Store until SIGTERM or SIGINT; returns the exit code. Waits for the database and Kafka; SettingsError and RefusedError end it."""
    health = Health(NAME, alive_within_s=ALIVE_WITHIN_S)
    monitoring = settings.monitoring
    server = MonitoringServer(health, bind=monitoring.bind, port=monitoring.store_port, setting="monitoring.store_port")
    with server, stop_on_signals() as stop, suppress(Stopped):
        log.info("store.started", port=server.port)
        engine = wait_for("database", partial(first_engine, settings, name=NAME), health, stop)
        wait_for("kafka", partial(ensure_topics, settings), health, stop)
        loop = ConsumerLoop(
            settings,
            name=NAME,
            stage=Stage.STORE,
            topics=STORED,
            engine=engine,
            handler=writer(settings),
            health=health,
            stop=stop,
            member=static_member(NAME, server.steady_port),
        )
        kept_logs = KeptLogs(settings, engine, consumer=NAME)
        kept_logs.start()
        with _alert_feeds(settings, engine, health), ProgressWatch(settings, health, StoredWork(settings, NAME, STORED, loop.held)):
            loop.run()
        kept_logs.stop()
        engine.dispose()
    log.info("store.stopped")
    return 0


def _alert_feeds(settings: Settings, engine: Engine, health: Health) -> AbstractContextManager[object]:
    """The server of alert feeds, if the settings enable it."""
    if settings.feeds_out.port is None:
        return nullcontext()
    return AlertFeedServer(settings.feeds_out, engine, theme_ids(settings.themes.directory), health)


def writer(settings: Settings) -> Handler:
    """The handler that writes a batch of any of the stored topics."""
    prefix = settings.kafka.topic_prefix

    def write(connection: Connection, batch: Sequence[KafkaRecord]) -> int:
        by_table: dict[str, list[Row]] = defaultdict(list)
        for received in batch:
            if received.topic is QUARANTINE:
                by_table["quarantined"].append(quarantine_row(received, topic_prefix=prefix, now=datetime.now(UTC)))
            elif received.record is not None:
                for table, row in rows_of(received.record, partition=received.partition, offset=received.offset):
                    by_table[table].append(row)
        keep_losses(connection, [received.record for received in batch if isinstance(received.record, Notice)])
        keep_earlier(connection, by_table["members"])
        # One order for all writers, so that two of them wait for each other instead of deadlocking.
        return sum(upsert(connection, table, by_table[name], kept) for name, (table, kept) in KEPT.items() if name in by_table)

    return write
