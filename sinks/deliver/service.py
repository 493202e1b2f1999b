"""`newsmon deliver`: alerts from Kafka into the outbox, and from there to the receivers.

Two halves meet only in the database: a thread reads news.alerts and news.notices and fills the outbox in the transaction that moves
its offsets; an event loop with one queue per receiver sends, and is woken after each commit, so that no alert waits for a timer.

In: news.alerts, news.notices. Out: webhooks, news.deliveries; pages to acknowledge alerts. I/O: Kafka, the database, HTTP.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine

from newsmon.kafka.admin import ensure_topics
from newsmon.kafka.watch import KafkaWatch
from newsmon.logs import get_logger
from newsmon.metrics import ALERTS_SUPPRESSED
from newsmon.net.monitoring import MonitoringServer
from newsmon.quarantine import Stage
from newsmon.records import Delivery, DeliveryOutcome, Notice
from newsmon.settings import Settings
from newsmon.topics import ALERTS, DELIVERIES, NOTICES, QUARANTINE
from sinks.acks.server import AckServer
from sinks.channels.secrets import load_ack_secrets, load_addresses, load_secrets
from sinks.channels.webhook import check_addresses
from sinks.consumer.batch import Handler
from sinks.consumer.kafka_record import KafkaRecord
from sinks.consumer.loop import ConsumerLoop
from sinks.consumer.process import static_member, stop_on_signals
from sinks.database.engine import create_engine_for
from sinks.database.schema import migrate
from sinks.deliver.dispatch import Dispatcher, TwoLoopHealth
from sinks.deliver.notices import enqueue_notices
from sinks.deliver.receiver_queue import DeliveryPolicy
from sinks.message.ack_links import AckLinks
from sinks.outbox.deliveries_writer import DeliveriesWriter
from sinks.outbox.enqueue import enqueue

NAME = "deliver"
ALIVE_WITHIN_S = 60.0  # a transaction may wait for the other writer and for a slow disk
LAST_PUBLISH_S = 4.0

log = get_logger(__name__)


def run(settings: Settings, *, policy: DeliveryPolicy = DeliveryPolicy()) -> int:  # noqa: B008 - frozen
    """Deliver until SIGTERM or SIGINT; returns the exit code. SettingsError and DependencyError come before anything runs.

    `policy` lets tests retry within seconds.
    """
    secrets = load_secrets(settings.receivers, os.environ)
    addresses = load_addresses(settings.receivers, os.environ)
    links = ack_links(settings, os.environ)
    check_addresses(settings.receivers)
    engine = create_engine_for(settings)
    migrate(engine)
    ensure_topics(settings, (ALERTS, NOTICES, DELIVERIES, QUARANTINE))
    health = TwoLoopHealth(NAME, alive_within_s=ALIVE_WITHIN_S)
    deliveries = DeliveriesWriter(settings, engine, client_id=f"{settings.kafka.group_prefix}-deliveries", on_published=_count_suppressed)
    kafka = KafkaWatch(settings, stage=NAME)
    dispatcher = Dispatcher(settings, secrets, engine, health, policy=policy, after_commit=deliveries.wake,
                            addresses=addresses, links=links, kafka=kafka)  # fmt: skip
    monitoring = settings.monitoring
    server = MonitoringServer(health, bind=monitoring.bind, port=monitoring.deliver_port or 0, setting="monitoring.deliver_port")
    with kafka, server, _acks(settings, links, engine), stop_on_signals() as stop:
        log.info("deliver.started", port=server.port, receivers=[receiver.id for receiver in settings.receivers])

        def woken() -> None:
            dispatcher.wake()
            deliveries.wake()

        consumer = ConsumerLoop(
            settings, name=NAME, stage=Stage.DELIVER, topics=(ALERTS, NOTICES), engine=engine, handler=_filler(settings, links),
            health=health, stop=stop, batch_wait_s=0.0, member=static_member(NAME, monitoring.deliver_port), after_commit=woken,
        )  # fmt: skip
        deliveries.start()
        try:
            asyncio.run(_deliver(consumer, dispatcher, stop))
        finally:
            deliveries.stop(LAST_PUBLISH_S)
    engine.dispose()
    log.info("deliver.stopped")
    return 0


def ack_links(settings: Settings, environ: Mapping[str, str]) -> AckLinks | None:
    """The maker and reader of acknowledgement links; None when they are not set up. SettingsError says where a bad secret is."""
    secrets = load_ack_secrets(settings.ack, environ)
    if settings.ack.public_url is None:
        return None
    return AckLinks(settings.ack.public_url, secrets, timedelta(days=settings.ack.valid_days))


def _acks(settings: Settings, links: AckLinks | None, engine: Engine) -> AbstractContextManager[object]:
    return nullcontext() if links is None else AckServer(settings.ack, links, engine)


def _filler(settings: Settings, links: AckLinks | None) -> Handler:
    def fill(connection: Connection, batch: Sequence[KafkaRecord]) -> int:
        now = datetime.now(UTC)
        notices = [one.record for one in batch if isinstance(one.record, Notice)]
        made = enqueue(connection, batch, settings.receivers, now=now, links=links)
        return made + enqueue_notices(connection, notices, settings.receivers, now=now)

    return fill


async def _deliver(consumer: ConsumerLoop, dispatcher: Dispatcher, stop: threading.Event) -> None:
    """Run both halves until `stop`, or until one fails: then stop the other and raise the failure."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="alerts") as threads:
        consuming = loop.run_in_executor(threads, consumer.run)
        for future in (consuming, loop.run_in_executor(threads, stop.wait)):
            future.add_done_callback(lambda _future: stopped.set())
        try:
            await dispatcher.run(stopped)
        finally:
            stop.set()
        await consuming  # raises what ended it


def _count_suppressed(published: Sequence[Delivery]) -> None:
    for one in published:
        if one.outcome is DeliveryOutcome.SUPPRESSED:
            ALERTS_SUPPRESSED.labels(one.receiver, one.reason).inc()
