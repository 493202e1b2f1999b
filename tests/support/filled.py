"""A database filled with a small world without a broker: the store's and the deliver stage's own handlers, called directly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Connection, Engine, select, update

from newsmon.codec import encode
from newsmon.records import DeliveryOutcome, Notice
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.settings import ReceiverSettings, Settings
from newsmon.topics import ALERTS
from sinks.consumer.kafka_record import KafkaRecord
from sinks.database.engine import writing
from sinks.database.outbox_tables import OutboxState, attempts, outbox
from sinks.database.upsert import insert_new
from sinks.deliver.notices import enqueue_notices
from sinks.outbox.enqueue import enqueue
from sinks.outbox.state.rows import attempt_row
from sinks.store.service import writer
from support.samples import NOON, every_record
from support.world import World

RECEIVERS = (
    ReceiverSettings(id="desk", url="http://127.0.0.1:1/desk", secret_env="UNUSED"),
    ReceiverSettings(id="archive", url="http://127.0.0.1:1/archive", secret_env="UNUSED", min_severity="flash"),
)


NOTICE: Notice = next(record for record in every_record() if isinstance(record, Notice))


def received_of(world: World) -> Iterator[KafkaRecord]:
    """The world's records as one partition per topic would give them."""
    for topic, records in world.by_topic.items():
        for offset, record in enumerate(records):
            yield KafkaRecord(topic, topic.base_name, 0, offset, None, encode(record), record=record)


def fill(settings: Settings, engine: Engine, world: World) -> None:
    """Store everything, owe every alert to the two receivers, and deliver what is owed."""
    batch = list(received_of(world))
    with writing(engine) as connection:
        writer(settings)(connection, batch)
        enqueue(connection, [one for one in batch if one.topic is ALERTS], RECEIVERS, now=NOON + timedelta(hours=1))
        enqueue_notices(connection, [NOTICE], RECEIVERS, now=NOON + timedelta(hours=1))
        deliver_pending(connection)


def deliver_pending(connection: Connection) -> None:
    """Give every pending delivery the attempt that delivered it."""
    at = NOON + timedelta(hours=1)
    pending = outbox.c.state == OutboxState.PENDING.value
    delivered = {"outcome": DeliveryOutcome.DELIVERED, "reason": DeliveryReason.ACCEPTED, "attempted_at": at, "duration_s": 0.1}
    rows = connection.execute(select(outbox).where(pending)).all()
    insert_new(connection, attempts, [attempt_row(row, attempt=1, **delivered) for row in rows])
    connection.execute(update(outbox).where(pending).values(state=OutboxState.DELIVERED.value, delivered_at=at))
