"""An outbox filled by hand and a dispatcher on the test's own event loop; or a whole deliver process to kill."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import Engine, select

from newsmon.clock import ClockWatch
from newsmon.records import Alert
from newsmon.settings import DatabaseSettings, ReceiverSettings, Settings
from newsmon.topics import ALERTS
from sinks.consumer.kafka_record import KafkaRecord
from sinks.database.engine import create_engine_for, reading, writing
from sinks.database.outbox_tables import attempts, outbox
from sinks.database.tables import metadata
from sinks.deliver.dispatch import Dispatcher, TwoLoopHealth
from sinks.deliver.receiver_queue import DeliveryPolicy
from sinks.message.ack_links import AckLinks
from sinks.outbox.enqueue import enqueue
from sinks.policy.circuit import CircuitPolicy
from sinks.policy.retry import Schedule
from support.receivers import SECRET

# Retries in tenths of a second; a circuit that hardly ever opens, for tests that are not about it.
QUICK = DeliveryPolicy(
    schedule=Schedule(delays_s=(0.1, 0.2, 0.3), jitter=0.0), circuit=CircuitPolicy(threshold=1_000, rests_s=(0.2,)), look_again_s=0.3
)


@contextmanager
def empty_database(directory: Path) -> Iterator[Engine]:
    """A SQLite database in the directory with every table and no row."""
    engine = create_engine_for(Settings(state_dir=directory, database=DatabaseSettings(url=f"sqlite:///{directory / 'outbox.db'}")))
    metadata.create_all(engine)
    try:
        yield engine
    finally:
        engine.dispose()


def received(alert: Alert, offset: int = 0) -> KafkaRecord:
    return KafkaRecord(ALERTS, "news.alerts", 0, offset, alert.theme_id.encode(), b"", record=alert)


def fill(engine: Engine, alerts: Iterable[Alert], receivers: Iterable[ReceiverSettings], *, links: AckLinks | None = None) -> None:
    """Put the alerts into the outbox, as the consumer does."""
    batch = [received(one, offset) for offset, one in enumerate(alerts)]
    with writing(engine) as connection:
        enqueue(connection, batch, tuple(receivers), now=datetime.now(UTC), links=links)


def outbox_rows(engine: Engine) -> list[Any]:
    with reading(engine) as connection:
        return list(connection.execute(select(outbox).order_by(outbox.c.alert_id, outbox.c.revision, outbox.c.receiver)))


def attempt_rows(engine: Engine) -> list[Any]:
    with reading(engine) as connection:
        return list(connection.execute(select(attempts).order_by(attempts.c.delivery_id, attempts.c.attempt)))


def states(engine: Engine) -> list[tuple[str, str, str | None]]:
    """(receiver, state, reason) of every delivery."""
    return [(row.receiver, row.state, row.reason) for row in outbox_rows(engine)]


@asynccontextmanager
async def dispatching(
    engine: Engine,
    receivers: Iterable[ReceiverSettings],
    policy: DeliveryPolicy = QUICK,
    directory: Path = Path("unused"),
    health: TwoLoopHealth | None = None,
    addresses: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    clock: ClockWatch | None = None,
) -> AsyncIterator[Dispatcher]:
    """A dispatcher at work until the block ends; then it has drained, and must not have failed."""
    settings = Settings(state_dir=directory, receivers=tuple(receivers))
    secrets = {receiver.id: (SECRET,) for receiver in settings.receivers}
    dispatcher = Dispatcher(
        settings, secrets, engine, health or TwoLoopHealth("deliver"), policy=policy, after_commit=lambda: None, addresses=addresses, clock=clock
    )  # fmt: skip
    stopped = asyncio.Event()
    running = asyncio.create_task(dispatcher.run(stopped))
    try:
        yield dispatcher
    finally:
        stopped.set()
        await asyncio.wait_for(running, 120)


async def soon(claim: Callable[[], bool], what: str, *, within_s: float = 90.0) -> None:
    """Wait on the event loop until the claim holds; fails naming it."""
    deadline = time.monotonic() + within_s
    while not claim():
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {what}"
        await asyncio.sleep(0.02)


def write_settings(directory: Path, settings: Settings) -> Path:
    """The settings as a TOML file a process can be started with."""
    lines = [f'state_dir = "{settings.state_dir}"', "[kafka]"]
    kafka = settings.kafka
    lines += [f"bootstrap_servers = {list(kafka.bootstrap_servers)}", f'topic_prefix = "{kafka.topic_prefix}"']
    lines += [f'group_prefix = "{kafka.group_prefix}"', f"session_timeout_s = {kafka.session_timeout_s}"]
    if settings.database.url is not None:
        lines += ["[database]", f'url = "{settings.database.url}"', f"hold_older_than_s = {settings.database.hold_older_than_s}"]
    if settings.ack.public_url is not None:
        lines += ["[ack]", f'public_url = "{settings.ack.public_url}"', f"port = {settings.ack.port}"]
        lines += [f"secret_files = {[str(file) for file in settings.ack.secret_files]}"]
    if settings.feeds_out.port is not None:
        lines += ["[feeds_out]", f"port = {settings.feeds_out.port}"]
    for receiver in settings.receivers:
        lines += ["[[receivers]]", f'id = "{receiver.id}"', f'url = "{receiver.url}"', f"timeout_s = {receiver.timeout_s}"]
        lines += [f"secret_files = {[str(file) for file in receiver.secret_files]}", f"allow_private = {list(receiver.allow_private)}"]
        lines += [f"concurrency = {receiver.concurrency}", f"themes = {list(receiver.themes)}"]
        if receiver.escalate_to is not None:
            lines += [f'escalate_to = "{receiver.escalate_to}"', f"escalate_after_s = {receiver.escalate_after_s}"]
    file = directory / "newsmon.toml"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file
