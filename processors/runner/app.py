"""The Faust application: the settings under which Faust 0.15.3 loses nothing, and the app's life in our event loop.

In: the parts of the process. Out: a faust.App, made on request; `run_faust` runs it until it is stopped.
The conformance suite proves these settings; another version of Faust must pass it first.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import faust
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import TP

from newsmon.kafka.address import bootstrap_servers
from newsmon.kafka.clients import IDLE_MS, METADATA_AGE_MS, sasl_for, ssl_context_for
from newsmon.kafka.limits import MAX_RECORD_BYTES
from newsmon.settings import KafkaSettings
from processors.runner.agents import add_agents
from processors.runner.parts import ProcessorParts
from processors.runner.positions import Positions
from processors.runner.watchdog import exit_uncommitted

HEARTBEATS_PER_SESSION = 5
REQUEST_TIMEOUT_S = 60.0
REBALANCE_TIMEOUT_S = 60.0
COMMIT_EVERY = 500
BUFFERED_EVENTS = 256
BEAT_S = 1.0
FETCH_WAIT_MS = 100  # a partition just read is only in the next fetch: a new record waits this long at most
QUIET_FETCH_WAIT_MS = 1_000  # with nothing read lately, every partition is in the pending fetch, and any record ends it
QUIET_AFTER_S = 5.0


def build_app(parts: ProcessorParts, *, end_process: Callable[[str], None] = exit_uncommitted) -> faust.App:
    """One app with its two agents."""
    app = faust.App(parts.group, **app_settings(parts))
    app.transport = _Transport(app.conf.broker_consumer, app, parts.positions)
    add_agents(app, parts, end_process=end_process)
    _watch_assignment(app, parts)
    return app


def app_settings(parts: ProcessorParts) -> dict[str, Any]:
    """Every setting we give Faust."""
    settings, session_s = parts.settings, parts.settings.kafka.session_timeout_s
    return {
        "broker": [f"kafka://{quote(server, safe=':[]')}" for server in bootstrap_servers(settings)],
        "broker_client_id": parts.group,
        "broker_credentials": _credentials(settings.kafka),
        "processing_guarantee": "at_least_once",  # its exactly_once is not
        "key_serializer": "raw",
        "value_serializer": "raw",  # a codec that fails inside Faust loses the record, so we decode the bytes
        "broker_commit_interval": settings.processor.commit_interval_s,
        "broker_commit_every": COMMIT_EVERY,
        "broker_session_timeout": session_s,
        "broker_heartbeat_interval": min(3.0, session_s / HEARTBEATS_PER_SESSION),
        "broker_request_timeout": max(REQUEST_TIMEOUT_S, session_s),
        "broker_rebalance_timeout": REBALANCE_TIMEOUT_S,
        "broker_max_poll_records": 500,
        "consumer_group_instance_id": parts.instance,
        "consumer_auto_offset_reset": "earliest",
        "consumer_max_fetch_size": MAX_RECORD_BYTES,
        "consumer_metadata_max_age_ms": METADATA_AGE_MS,
        "consumer_connections_max_idle_ms": IDLE_MS,
        "producer_acks": -1,
        "producer_request_timeout": 120,
        "producer_metadata_max_age_ms": METADATA_AGE_MS,
        "producer_threaded": False,
        "stream_wait_empty": True,  # otherwise a stop commits what it has just cancelled
        "stream_buffer_maxsize": BUFFERED_EVENTS,
        "stream_recovery_delay": 0,
        "table_standby_replicas": 0,
        "topic_allow_declare": False,  # newsmon creates its topics, replicated
        "topic_disable_leader": True,
        "store": "memory://",  # we make no tables: their recovery drops messages
        "datadir": str(settings.state_dir / "faust"),
        "web_enabled": False,
        "cython_optimizations": False,
        "worker_redirect_stdouts": False,
        "autodiscover": False,
    }


async def run_faust(parts: ProcessorParts, stop: asyncio.Event, *, app: faust.App | None = None) -> None:
    """Process until `stop` is set, then drain: finish and commit the batches in progress."""
    app = app or build_app(parts)
    parts.settings.state_dir.mkdir(parents=True, exist_ok=True)
    starting = asyncio.ensure_future(app.start())
    try:
        while not stop.is_set() and not app.should_stop:
            parts.health.beat()
            if starting.done():
                starting.result()
            await _set(stop, BEAT_S)
    finally:
        await app.stop()
        if not starting.done():
            starting.cancel()
        await asyncio.wait({starting})
        await parts.classify_batches.keep_counts()
        await parts.writer.close()
    if app.crash_reason is not None:
        raise app.crash_reason


async def _set(stop: asyncio.Event, timeout_s: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), timeout_s)
    except TimeoutError:
        return


class _Thread(AIOKafkaConsumerThread):  # type: ignore[misc]
    """Faust's consumer with two changes.

    It shortens a fetch while records come: Faust lets it wait 1.5 s, and a partition just read is not in the pending one: its next record
    waited that long. With nothing to read, ten fetches a second would only keep the broker and us busy.
    It reads and writes the log that a commit belongs to, so that no commit is used in a log of the same name that it does not belong to.
    """

    positions: Positions

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS  # noqa: SLF001 - no setting reaches it
        start = consumer.start

        async def start_paced() -> None:
            await start()
            pace_fetches(consumer._fetcher)  # noqa: SLF001 - no setting reaches it

        consumer.start = start_paced
        commit = consumer.commit

        async def commit_with_log(offsets: Mapping[Any, Any]) -> None:
            await commit({tp: OffsetAndMetadata(at.offset, self.positions.log_ids.get(tp.topic, "")) for tp, at in offsets.items()})

        consumer.commit = commit_with_log  # Faust passes no metadata and has no hook for it
        return consumer

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek to the commits, or where they do not fit the log to its beginning, which is then committed at once."""
        found = dict(await super().seek_to_committed())
        places = {(tp.topic, tp.partition): tp for tp in found}
        corrections = await self.positions.corrections(places)
        if corrections:
            moved = {places[place]: offset for place, offset in corrections.items()}
            for tp, offset in moved.items():
                await self.call_thread(self._seek_there, tp, offset)
            await self.commit({TP(tp.topic, tp.partition): offset for tp, offset in moved.items()})
            found |= moved
        return found

    async def _seek_there(self, tp: Any, offset: int) -> None:
        self._ensure_consumer().seek(tp, offset)


def pace_fetches(fetcher: Any, *, monotonic: Callable[[], float] = time.monotonic) -> None:
    """Let the fetches of this aiokafka fetcher wait longer once they have found nothing for QUIET_AFTER_S, until one finds something."""
    proceed, read_s = fetcher._proc_fetch_request, monotonic()  # noqa: SLF001

    async def paced(*request: Any) -> Any:
        nonlocal read_s
        has_records = await proceed(*request)
        if has_records:
            read_s = monotonic()
        is_quiet = monotonic() - read_s >= QUIET_AFTER_S
        fetcher._fetch_max_wait_ms = QUIET_FETCH_WAIT_MS if is_quiet else FETCH_WAIT_MS  # noqa: SLF001 - read for each request
        return has_records

    fetcher._proc_fetch_request = paced  # noqa: SLF001


class _Consumer(Consumer):  # type: ignore[misc]
    def _new_consumer_thread(self) -> AIOKafkaConsumerThread:
        thread = _Thread(self, loop=self.loop, beacon=self.beacon)
        thread.positions = self.transport.positions
        return thread


class _Transport(Transport):  # type: ignore[misc]
    Consumer = _Consumer

    def __init__(self, url: Any, app: faust.App, positions: Positions) -> None:
        super().__init__(url, app)
        self.positions = positions


def _watch_assignment(app: faust.App, parts: ProcessorParts) -> None:
    async def revoked(_app: Any, revoked: Any, **_kwargs: Any) -> None:
        parts.assignment.revoke()
        parts.group_batches.drop(place.partition for place in revoked if place.topic == parts.matches_topic)
        await parts.classify_batches.keep_counts(place.partition for place in revoked if place.topic == parts.articles_topic)

    async def assigned(_app: Any, assigned: Any, **_kwargs: Any) -> None:
        parts.group_batches.drop(place.partition for place in assigned if place.topic == parts.matches_topic)
        await parts.classify_batches.keep_counts(place.partition for place in assigned if place.topic == parts.articles_topic)
        parts.assignment.assign((place.topic, place.partition) for place in assigned)

    app.on_partitions_revoked.connect(revoked)
    app.on_partitions_assigned.connect(assigned)


def _credentials(kafka: KafkaSettings) -> Any:
    context, sasl = ssl_context_for(kafka), sasl_for(kafka)
    if sasl is not None:
        return faust.SASLCredentials(username=sasl.username, password=sasl.password, mechanism=sasl.mechanism, ssl_context=context)
    return faust.SSLCredentials(context=context) if context is not None else None
