"""The Faust application: settings under which Faust 0.15.3 loses nothing, and its life in our event loop.

In: settings, themes. Out: a faust.App; nothing is created at import. `run_faust` drives it until told to stop.
The conformance suite is what says that this list is right; another version of Faust must pass it first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import faust
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport

from newsmon.kafka.address import bootstrap_servers
from newsmon.kafka.clients import IDLE_MS, METADATA_AGE_MS, sasl_for, ssl_context_for
from newsmon.kafka.limits import MAX_RECORD_BYTES
from newsmon.settings import KafkaSettings, Settings
from processors.runner.agents import add_agents
from processors.runner.last_words import die
from processors.runner.parts import Work, decisions_for, new_work
from processors.themes import ThemeSet

HEARTBEATS_PER_SESSION = 5
REQUEST_TIMEOUT_S = 60.0
REBALANCE_TIMEOUT_S = 60.0
COMMIT_EVERY = 500
BUFFERED_EVENTS = 256
BEAT_S = 1.0
FETCH_WAIT_MS = 100  # a partition just read is in the next fetch only: the longest a new record may wait for that


def build_app(
    settings: Settings, themes: ThemeSet | None, *, work: Work | None = None, end_process: Callable[[str], None] = die
) -> faust.App:
    """One app with its two agents. `work` is made from settings and themes unless given."""
    if work is None:
        assert themes is not None  # one of the two says what to decide
        work = new_work(settings, decisions_for(settings, themes))
    app = faust.App(work.group, **app_settings(work))
    app.transport = _PromptTransport(app.conf.broker_consumer, app)
    add_agents(app, work, end_process=end_process)
    _watch_assignment(app, work)
    return app


def app_settings(work: Work) -> dict[str, Any]:
    """Everything we tell Faust."""
    settings, session_s = work.settings, work.settings.kafka.session_timeout_s
    return {
        "broker": [f"kafka://{quote(server, safe=':[]')}" for server in bootstrap_servers(settings)],
        "broker_client_id": work.group,
        "broker_credentials": _credentials(settings.kafka),
        "processing_guarantee": "at_least_once",  # its exactly_once is not
        "key_serializer": "raw",
        "value_serializer": "raw",  # a codec that fails inside Faust loses the record: bytes are decoded by us
        "broker_commit_interval": settings.processor.commit_interval_s,
        "broker_commit_every": COMMIT_EVERY,
        "broker_session_timeout": session_s,
        "broker_heartbeat_interval": min(3.0, session_s / HEARTBEATS_PER_SESSION),
        "broker_request_timeout": max(REQUEST_TIMEOUT_S, session_s),
        "broker_rebalance_timeout": REBALANCE_TIMEOUT_S,
        "broker_max_poll_records": 500,
        "consumer_group_instance_id": work.instance,
        "consumer_auto_offset_reset": "earliest",
        "consumer_max_fetch_size": MAX_RECORD_BYTES,
        "consumer_metadata_max_age_ms": METADATA_AGE_MS,
        "consumer_connections_max_idle_ms": IDLE_MS,
        "producer_acks": -1,
        "producer_request_timeout": 120,
        "producer_metadata_max_age_ms": METADATA_AGE_MS,
        "producer_threaded": False,
        "stream_wait_empty": True,  # else a stop commits what it has just cancelled
        "stream_buffer_maxsize": BUFFERED_EVENTS,
        "stream_recovery_delay": 0,
        "table_standby_replicas": 0,
        "topic_allow_declare": False,  # newsmon creates its topics, replicated
        "topic_disable_leader": True,
        "store": "memory://",  # no table is ever made: their recovery drops messages
        "datadir": str(settings.state_dir / "faust"),
        "web_enabled": False,
        "cython_optimizations": False,
        "worker_redirect_stdouts": False,
        "autodiscover": False,
    }


async def run_faust(work: Work, stop: asyncio.Event, *, app: faust.App | None = None, end_process: Callable[[str], None] = die) -> None:
    """Process until `stop` is set, then drain: what is in hand is finished and committed."""
    app = app or build_app(work.settings, None, work=work, end_process=end_process)
    work.settings.state_dir.mkdir(parents=True, exist_ok=True)
    starting = asyncio.ensure_future(app.start())
    try:
        while not stop.is_set() and not app.should_stop:
            work.health.beat()
            if starting.done():
                starting.result()
            await _set(stop, BEAT_S)
    finally:
        await app.stop()
        if not starting.done():
            starting.cancel()
        await asyncio.wait({starting})
        await work.publisher.close()
    if app.crash_reason is not None:
        raise app.crash_reason


async def _set(stop: asyncio.Event, timeout_s: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), timeout_s)
    except TimeoutError:
        return


class _PromptThread(AIOKafkaConsumerThread):  # type: ignore[misc]
    """Faust lets a fetch wait 1.5 s, and a partition just read is not in the fetch under way: its next record waited that long."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS  # noqa: SLF001 - no setting reaches it
        return consumer


class _PromptConsumer(Consumer):  # type: ignore[misc]
    def _new_consumer_thread(self) -> AIOKafkaConsumerThread:
        return _PromptThread(self, loop=self.loop, beacon=self.beacon)


class _PromptTransport(Transport):  # type: ignore[misc]
    Consumer = _PromptConsumer


def _watch_assignment(app: faust.App, work: Work) -> None:
    async def revoked(_app: Any, revoked: Any, **_kwargs: Any) -> None:
        work.duty.lay_down()
        work.group_up.drop(place.partition for place in revoked if place.topic == work.matches_topic)

    async def assigned(_app: Any, assigned: Any, **_kwargs: Any) -> None:
        work.group_up.drop(place.partition for place in assigned if place.topic == work.matches_topic)
        work.duty.take_up((place.topic, place.partition) for place in assigned)

    app.on_partitions_revoked.connect(revoked)
    app.on_partitions_assigned.connect(assigned)


def _credentials(kafka: KafkaSettings) -> Any:
    context, sasl = ssl_context_for(kafka), sasl_for(kafka)
    if sasl is not None:
        return faust.SASLCredentials(username=sasl.username, password=sasl.password, mechanism=sasl.mechanism, ssl_context=context)
    return faust.SSLCredentials(context=context) if context is not None else None
