"""`newsmon deliver`: alerts from Kafka into the outbox, and from there to the receivers.

Before anything is sent, the database learns from news.deliveries what was sent without its knowing (`sinks.policy.proof`). Then
two halves meet only in the database: a thread reads news.alerts and news.notices and fills the outbox in the transaction that moves
its offsets; an event loop with one queue per receiver sends, and is woken after each commit, so that no alert waits for a timer.

In: news.alerts, news.notices, news.deliveries. Out: webhooks, news.deliveries; pages to acknowledge alerts. I/O: Kafka, the database, HTTP.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Connection, Engine

from newsmon.kafka.admin import ensure_topics
from newsmon.kafka.watch import KafkaWatch
from newsmon.liveness.dependencies import Stopped, wait_for
from newsmon.liveness.progress_watch import ProgressWatch
from newsmon.liveness.signals import stop_on_signals
from newsmon.logs import get_logger
from newsmon.metrics import ALERTS_SUPPRESSED
from newsmon.net.monitoring import Health, MonitoringServer
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
from sinks.consumer.process import first_engine, static_member
from sinks.consumer.progress import StoredWork
from sinks.deliver.dispatch import Dispatcher, TwoLoopHealth
from sinks.deliver.notices import enqueue_notices
from sinks.deliver.progress import DeliverWork
from sinks.deliver.proof_reader import ProofReader
from sinks.deliver.receiver_queue import DeliveryPolicy
from sinks.message.ack_links import AckLinks
from sinks.outbox.deliveries_writer import DeliveriesWriter
from sinks.outbox.enqueue import enqueue
from sinks.outbox.proofs import read_doubts

NAME = "deliver"
READ = (ALERTS, NOTICES)
ALIVE_WITHIN_S = 60.0  # a transaction may wait for the other writer and for a slow disk
LAST_PUBLISH_S = 4.0

log = get_logger(__name__)


def run(settings: Settings, *, policy: DeliveryPolicy = DeliveryPolicy()) -> int:  # noqa: B008 - frozen
    """Deliver until SIGTERM or SIGINT; returns the exit code. Waits for the database and Kafka; SettingsError and RefusedError end it.

    `policy` lets tests retry within seconds.
    """
    secrets = load_secrets(settings.receivers, os.environ)
    addresses = load_addresses(settings.receivers, os.environ)
    links = ack_links(settings, os.environ)
    check_addresses(settings.receivers)
    health = TwoLoopHealth(NAME, alive_within_s=ALIVE_WITHIN_S)
    monitoring = settings.monitoring
    server = MonitoringServer(health, bind=monitoring.bind, port=monitoring.deliver_port, setting="monitoring.deliver_port")
    kafka = KafkaWatch(settings, stage=NAME)
    with kafka, server, stop_on_signals() as stop, suppress(Stopped):
        log.info("deliver.started", port=server.port, receivers=[receiver.id for receiver in settings.receivers])
        engine = wait_for("database", partial(first_engine, settings, name=NAME), health, stop)
        wait_for("kafka", partial(ensure_topics, settings, (ALERTS, NOTICES, DELIVERIES, QUARANTINE)), health, stop)
        deliveries = DeliveriesWriter(
            settings, engine, client_id=f"{settings.kafka.group_prefix}-deliveries", on_published=_count_suppressed
        )  # fmt: skip
        dispatcher = Dispatcher(settings, secrets, engine, health, policy=policy, after_commit=deliveries.wake,
                                addresses=addresses, links=links, kafka=kafka)  # fmt: skip

        def woken() -> None:
            dispatcher.wake()
            deliveries.wake()

        consumer = ConsumerLoop(
            settings, name=NAME, stage=Stage.DELIVER, topics=READ, engine=engine, handler=_filler(settings, links),
            health=health, stop=stop, batch_wait_s=0.0, member=static_member(NAME, server.steady_port), after_commit=woken,
        )  # fmt: skip
        proof = ProofReader(settings, engine, health, stop, enqueuer=NAME)
        work = DeliverWork(settings, StoredWork(settings, NAME, READ, consumer.held))
        with _acks(settings, links, engine, health):
            deliveries.start()
            try:
                if proof.learn_all():
                    with ProgressWatch(settings, health, work):  # a long log of deliveries is read first, and nothing moves until then
                        asyncio.run(_deliver(consumer, dispatcher, proof, stop))
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


def _acks(settings: Settings, links: AckLinks | None, engine: Engine, health: Health) -> AbstractContextManager[object]:
    return nullcontext() if links is None else AckServer(settings.ack, links, engine, health)


def _filler(settings: Settings, links: AckLinks | None) -> Handler:
    def fill(connection: Connection, batch: Sequence[KafkaRecord]) -> int:
        now = datetime.now(UTC)
        in_doubt = read_doubts(connection, hold_older_than_s=settings.database.hold_older_than_s)
        made = enqueue(connection, batch, settings.receivers, now=now, links=links, in_doubt=in_doubt)
        arrived = [(one.record, one) for one in batch if isinstance(one.record, Notice)]
        return made + enqueue_notices(
            connection, [notice for notice, _received in arrived], settings.receivers, now=now, in_doubt=in_doubt, places=arrived
        )  # fmt: skip

    return fill


async def _deliver(consumer: ConsumerLoop, dispatcher: Dispatcher, proof: ProofReader, stop: threading.Event) -> None:
    """Run both halves until `stop`, or until one fails: then stop the other and raise the failure."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    with ThreadPoolExecutor(max_workers=3, thread_name_prefix="alerts") as threads:
        consuming, proving = (loop.run_in_executor(threads, work) for work in (consumer.run, proof.keep_up))
        for future in (consuming, proving, loop.run_in_executor(threads, stop.wait)):
            future.add_done_callback(lambda _future: stopped.set())
        try:
            await dispatcher.run(stopped)
        finally:
            stop.set()
        await consuming  # raises what ended it
        await proving


def _count_suppressed(published: Sequence[Delivery]) -> None:
    for one in published:
        if one.outcome is DeliveryOutcome.SUPPRESSED:
            ALERTS_SUPPRESSED.labels(one.receiver, one.reason).inc()
