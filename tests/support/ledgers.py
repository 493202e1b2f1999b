"""Hands for tests of the ledger: a processor that has committed, and a deliver stage that has taken up every alert."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata
from sqlalchemy import Connection, Engine

from newsmon.app.ledger_table import as_table
from newsmon.kafka.clients import consumer_config, group_id
from newsmon.settings import Settings
from newsmon.topics import ALERTS, ARTICLES, MATCHES, Topic
from sinks.consumer.kafka_record import KafkaRecord
from sinks.database.engine import writing
from sinks.ledger.balance import Ledger
from sinks.ledger.verify import verify
from sinks.outbox.enqueue import enqueue
from support.databases import migrated_database
from support.filled import RECEIVERS, deliver_pending
from support.samples import NOON
from support.storing import caught_up, end_offsets, eventually, running, store_all, with_database


def commit_as_processor(settings: Settings, topics: Iterable[Topic] = (ARTICLES, MATCHES)) -> None:
    """Commit the ends of what the processor reads, as if it had worked it all off."""
    commit_offsets(settings, "processor", topics)


def commit_offsets(settings: Settings, stage: str, topics: Iterable[Topic]) -> None:
    """Commit the ends of the topics for a stage's consumer group."""
    consumer = KafkaConsumer(**consumer_config(settings, client_id="test-committer", group=group_id(settings, stage)))
    ends = {TopicPartition(*where): OffsetAndMetadata(end, "", -1) for where, end in end_offsets(settings, topics).items()}
    consumer.assign(list(ends))
    consumer.commit(ends)
    consumer.close()


def deliver_all(settings: Settings, engine: Engine) -> None:
    """Owe every alert to two receivers: one has it, for the other it is suppressed. The outbox is filled by the product's own code."""
    at = NOON + timedelta(hours=1)

    def handler(connection: Connection, batch: Sequence[KafkaRecord]) -> int:
        return enqueue(connection, batch, RECEIVERS, now=at)

    with running(settings, engine, name="deliver", handler=handler, topics=(ALERTS,)):
        eventually(lambda: caught_up(settings, engine, (ALERTS,), name="deliver"), "every alert taken up")
    with writing(engine) as connection:
        deliver_pending(connection)


def assert_log_is_stored_and_balances(kafka_settings: Settings, directory: Path) -> None:
    """Store the whole log in a new database in the directory; its ledger must balance, by the rows and by the log."""
    settings = with_database(kafka_settings, f"sqlite:///{directory / 'newsmon.db'}")
    with migrated_database(settings) as engine:
        store_all(settings, engine)
    assert_balanced(settings)


def assert_balanced(settings: Settings) -> Ledger:
    """The ledger by the rows and by the log, which must balance."""
    ledger = verify(settings, since=None, with_log=True, catch_up_s=5)
    assert ledger.balanced, "\n".join(as_table(ledger))
    return ledger
