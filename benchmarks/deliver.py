"""Delivery: alerts a second to one receiver and to a hundred, the time from record to acceptance, memory and a large outbox.

Run: .venv/bin/python -I benchmarks/deliver.py [--part one|hundred|latency|memory|outbox]... [--rows 1000000] [--quick]

Receivers are an HTTP server in its own process that answers 204 at once. `one`, `hundred` and `memory` run the sending half on
an outbox filled before; `latency` runs `newsmon deliver` on a real broker; `outbox` times the queries of the hot path on SQLite
and, where NEWSMON_BENCH_POSTGRES holds the URL of an empty database, on PostgreSQL. Figures are read, not tested.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import psutil
from sqlalchemy import Engine, text

from newsmon import ids
from newsmon.codec import encode
from newsmon.kafka.admin import ensure_topics
from newsmon.kafka.broker.process import LocalBroker
from newsmon.kafka.clients import producer_config
from newsmon.logs import configure_logs
from newsmon.records import Alert, AlertReason, AlertState, DeliveryOutcome, Evidence, Member, Origin, Relation, Severity
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.settings import DatabaseSettings, KafkaSettings, LogSettings, ReceiverSettings, Settings
from newsmon.topics import ALERTS
from sinks.consumer.kafka_record import KafkaRecord
from sinks.database.engine import create_engine_for, reading, writing
from sinks.database.schema import migrate
from sinks.deliver.dispatch import Dispatcher, TwoLoopHealth
from sinks.deliver.receiver_queue import DeliveryPolicy
from sinks.message.alert_body import payload_bytes
from sinks.message.signature import Secret
from sinks.outbox.claim import claim, hand_back, next_due_at, pending
from sinks.outbox.enqueue import enqueue
from sinks.outbox.settle import Settled, settle

SECRET = Secret(b"thirty-two bytes for measurement")
LOOPBACK = ("127.0.0.0/8",)
THEME = "us-trade"
PARTS = ("one", "hundred", "latency", "memory", "outbox")
REPEATS = 200

# Answers 204 to every POST, on kept connections, and prints the arrival of each webhook-id when asked to end; 'hang' never answers.
SERVER = """
import asyncio, json, sys, time
seen, hangs = {}, sys.argv[1] == "hang"
async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            fields = dict(line.split(b": ", 1) for line in head.split(b"\\r\\n")[1:] if b": " in line)
            names = {name.lower(): value for name, value in fields.items()}
            await reader.readexactly(int(names[b"content-length"]))
            if hangs:
                await asyncio.sleep(3600)
            seen.setdefault(names[b"webhook-id"].decode(), time.time())
            writer.write(b"HTTP/1.1 204 No Content\\r\\n\\r\\n")
            await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    print(json.dumps(seen), flush=True)
    import os; os._exit(0)
asyncio.run(main())
"""


@contextmanager
def receiver_process(mode: str = "accept") -> Iterator[tuple[int, Callable[[], dict[str, float]]]]:
    """Its port, and a function that ends it and returns when each webhook-id arrived first (Unix seconds)."""
    process = subprocess.Popen([sys.executable, "-c", SERVER, mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    def arrivals() -> dict[str, float]:
        stdin.write("\n")
        stdin.flush()
        return dict(json.loads(stdout.readline()))

    try:
        yield int(stdout.readline()), arrivals
    finally:
        process.kill()
        process.wait()


def alert(number: int) -> Alert:
    """An alert of usual size: 2 kB as a webhook."""
    now = datetime.now(UTC)
    story_id = ids.story_id(THEME, f"a_{number}")
    title = f"The United States will raise tariffs on steel imports from country {number} to {number % 90} per cent"
    member = Member(
        event_id=ids.event_id(story_id), article_id=f"a_{number}", revision_id=f"r_{number}", match_id=f"m_{number}",
        relation=Relation.OPENED, copy_of=None, source="Bench Wire", tier=1, url=f"https://bench.example/{number}", title=title, language="en", published_at=now,
        first_seen_at=now, score=2.5,
    )  # fmt: skip
    evidence = tuple(Evidence(clause=f"clause {n}", field="title", start=n, end=n + 7, text="tariffs", contribution=0.5) for n in range(5))
    return Alert(
        alert_id=ids.alert_id(THEME, story_id), revision=1, state=AlertState.OPENED, reason=AlertReason.NEW_STORY, severity=Severity.NOTICE,
        theme_id=THEME, theme_label="US trade", story_id=story_id, story_title=title,
        event_count=1, event=None, origin=Origin.LIVE, title=title, score=2.5, threshold=1.0,
        theme_version="1", generation="bench", evidence=evidence, article_count=1, source_count=1, outlet_count=1, articles=(member,),
        lead=f"{title}, the trade representative said on Tuesday.", opened_at=now, raised_at=now,
    )  # fmt: skip


def settings_in(directory: Path, ports: Iterable[int], **receiver: Any) -> Settings:
    secret = directory / "secret"
    secret.write_text(SECRET.text(), "utf-8")
    receivers = tuple(
        ReceiverSettings(
            **{"id": f"r{number}", "url": f"http://127.0.0.1:{port}/", "secret_files": (secret,), "allow_private": LOOPBACK} | receiver
        )
        for number, port in enumerate(ports)
    )
    return Settings(state_dir=directory, receivers=receivers, database=DatabaseSettings(url=f"sqlite:///{directory / 'newsmon.db'}"))


def opened(settings: Settings) -> Engine:
    engine = create_engine_for(settings)
    migrate(engine)
    return engine


def fill(engine: Engine, settings: Settings, count: int, *, start: int = 0) -> None:
    for first in range(start, start + count, 1_000):
        numbers = range(first, min(first + 1_000, start + count))
        batch = [KafkaRecord(ALERTS, "news.alerts", 0, n, None, b"", record=alert(n)) for n in numbers]
        with writing(engine) as connection:
            enqueue(connection, batch, settings.receivers, now=datetime.now(UTC))


@asynccontextmanager
async def dispatching(settings: Settings, engine: Engine) -> AsyncIterator[None]:
    secrets = {receiver.id: (SECRET,) for receiver in settings.receivers}
    policy = DeliveryPolicy(drain_s=0.5)
    dispatcher = Dispatcher(settings, secrets, engine, TwoLoopHealth("deliver"), policy=policy, after_commit=lambda: None)
    stopped = asyncio.Event()
    running = asyncio.create_task(dispatcher.run(stopped))
    try:
        yield
    finally:
        stopped.set()
        await running


def waiting(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.scalar(text("SELECT count(*) FROM outbox WHERE state = 'pending'")) or 0)


async def throughput(alerts: int, receivers: int) -> dict[str, float]:
    """Deliveries a second from a filled outbox until the last is accepted and settled."""
    with tempfile.TemporaryDirectory() as folder, receiver_process() as (port, arrivals):
        settings = settings_in(Path(folder), [port] * receivers)
        engine = opened(settings)
        fill(engine, settings, alerts)
        started_s = time.monotonic()
        async with dispatching(settings, engine):
            while await asyncio.to_thread(waiting, engine):
                await asyncio.sleep(0.1)
            seconds = time.monotonic() - started_s
        accepted = len(arrivals())
        engine.dispose()
    return {"alerts": alerts, "receivers": receivers, "accepted": accepted, "seconds": seconds, "deliveries_per_s": accepted / seconds}


async def memory(rows: int) -> dict[str, float]:
    """Resident memory of the sending half without and with this many deliveries pending at a receiver that hangs."""
    with tempfile.TemporaryDirectory() as folder, receiver_process("hang") as (port, _arrivals):
        settings = settings_in(Path(folder), [port], timeout_s=60.0)
        engine = opened(settings)
        process = psutil.Process()
        async with dispatching(settings, engine):
            await asyncio.sleep(2)
            before = process.memory_info().rss
        # Filled by another process, so that its memory is not counted.
        subprocess.run([sys.executable, "-I", __file__, "--fill", folder, str(port), str(rows)], check=True)
        async with dispatching(settings, engine):
            await asyncio.sleep(10)
            after, still = process.memory_info().rss, waiting(engine)
        engine.dispose()
    return {"pending": still, "rss_before_mib": before / 2**20, "rss_with_pending_mib": after / 2**20}


def latency(alerts: int, rate: float) -> dict[str, float]:
    """Append of an alert record to the arrival of its accepted webhook, `newsmon deliver` in between."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        port, arrivals = stack.enter_context(receiver_process())
        broker = LocalBroker(Path(folder) / "kafka")
        broker.start()
        stack.callback(broker.stop)
        kafka = KafkaSettings(bootstrap_servers=(broker.bootstrap_servers,))
        settings = settings_in(Path(folder), [port]).model_copy(update={"kafka": kafka})
        ensure_topics(settings)
        with delivering(settings, Path(folder)):
            appended = publish(settings, 20, 10.0)
            time.sleep(3)
            appended |= publish(settings, alerts, rate, start=1_000)
            time.sleep(5)
        arrived = arrivals()
    waits = sorted(arrived[key] - at for key, (number, at) in appended.items() if key in arrived and number >= 1_000)
    cuts = statistics.quantiles(waits, n=100)
    return {"alerts": alerts, "arrived": len(waits), "p50_s": cuts[49], "p95_s": cuts[94], "p99_s": cuts[98], "max_s": waits[-1]}


@contextmanager
def delivering(settings: Settings, folder: Path) -> Iterator[None]:
    receiver = settings.receivers[0]
    lines = [f'state_dir = "{folder}"', "[[receivers]]", f'id = "{receiver.id}"', f'url = "{receiver.url}"']
    lines += [f'secret_files = ["{receiver.secret_files[0]}"]', 'allow_private = ["127.0.0.0/8"]']
    config = folder / "newsmon.toml"
    config.write_text("\n".join(lines), "utf-8")
    environ = dict(os.environ) | {
        "NEWSMON_KAFKA__BOOTSTRAP_SERVERS": settings.kafka.bootstrap_servers[0], "NEWSMON_LOG__LEVEL": "warning",
        "NEWSMON_MONITORING__DELIVER_PORT": "0",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-Im", "newsmon", "deliver", "--config", str(config)], env=environ, stdin=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(40)


def publish(settings: Settings, count: int, rate: float, *, start: int = 0) -> dict[str, tuple[int, float]]:
    """webhook-id -> (number, when its alert was handed to Kafka)."""
    from kafka import KafkaProducer

    producer = KafkaProducer(**(producer_config(settings, client_id="bench") | {"linger_ms": 0}))
    sent: dict[str, tuple[int, float]] = {}
    started_s = time.monotonic()
    for n in range(count):
        one = msgspec.structs.replace(alert(start + n), raised_at=datetime.now(UTC))
        sent[ids.delivery_id(one.alert_id, one.revision, "r0")] = (start + n, time.time())
        producer.send(ALERTS.named(settings.kafka.topic_prefix), key=one.theme_id.encode(), value=encode(one))
        if (ahead_s := (n + 1) / rate - (time.monotonic() - started_s)) > 0:
            time.sleep(ahead_s)
    producer.flush(60)
    producer.close()
    return sent


MANY = """
INSERT INTO outbox (delivery_id, alert_id, revision, theme_id, receiver, state, reason, payload, attempt_count, schedule_start,
                    next_attempt_at, created_at, delivered_at, first_seen_at, opened_at, leased_by, leased_until)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
SELECT 'msg_' || CAST(i AS TEXT), 'al_' || CAST(i AS TEXT), 1, 'us-trade', 'r' || CAST(i % 10 AS TEXT),
       CASE WHEN i % 1000 = 0 THEN 'pending' ELSE 'delivered' END, NULL, :payload, CASE WHEN i % 1000 = 0 THEN 0 ELSE 1 END, 0,
       CASE WHEN i % 1000 = 0 THEN NOW_ ELSE NULL END, NOW_, NOW_, NOW_, NOW_, NULL, NULL
FROM n
"""


MANY_FANOUTS = """
INSERT INTO fanouts (alert_id, revision, receiver_count, enqueued_at, kafka_partition, kafka_offset)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
SELECT 'al_' || CAST(i AS TEXT), 1, 1, NOW_, 0, i FROM n
"""


def large_outbox(url: str, rows: int) -> dict[str, float]:
    """The hot path's queries on an outbox of `rows`, one in a thousand pending, of ten receivers: milliseconds, median and p99."""
    with tempfile.TemporaryDirectory() as folder:
        database = DatabaseSettings(url=url or f"sqlite:///{Path(folder) / 'newsmon.db'}")
        engine = opened(Settings(state_dir=Path(folder), database=database))
        now = datetime.now(UTC) - timedelta(minutes=1)
        # Written as the columns write it: through a row of our own.
        with writing(engine) as connection:
            stamp = ":now" if engine.dialect.name == "sqlite" else "CAST(:now AS TIMESTAMPTZ)"
            values = {"rows": rows, "payload": payload_bytes(alert(1)), "now": written(now, engine)}
            connection.execute(text(MANY.replace("NOW_", stamp)), values)
            connection.execute(text(MANY_FANOUTS.replace("NOW_", stamp)), {name: values[name] for name in ("rows", "now")})
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
        times: dict[str, list[float]] = {
            name: [] for name in ("next_due", "claim_64", "settle_16", "hand_back_48", "count_pending", "fill_1")
        }
        extra = iter(range(10**7, 10**7 + REPEATS))
        receivers = tuple(ReceiverSettings(id=f"r{n}", url="http://127.0.0.1:9/", secret_env="X") for n in range(10))

        def timed(name: str, act: Callable[[Any], Any], scope: Callable[[Engine], Any]) -> Any:
            started_s = time.perf_counter()
            with scope(engine) as connection:
                answer = act(connection)
            times[name].append((time.perf_counter() - started_s) * 1_000)
            return answer

        for turn in range(REPEATS):
            receiver, moment = f"r{turn % 10}", datetime.now(UTC)
            one = KafkaRecord(ALERTS, "news.alerts", 0, 0, None, b"", record=alert(next(extra)))
            timed("fill_1", lambda c, one=one, at=moment: enqueue(c, [one], receivers, now=at), writing)
            timed("next_due", lambda c, r=receiver, at=moment: next_due_at(c, r, now=at), reading)
            claimed = timed("claim_64", lambda c, r=receiver, at=moment: claim(c, r, limit=64, worker="w", now=at, lease_s=60), writing)
            settled = [
                Settled(due, DeliveryOutcome.DELIVERED, DeliveryReason.ACCEPTED, None, 204, None, moment, 0.01, None)
                for due in claimed[:16]
            ]
            timed("settle_16", lambda c, done=settled: settle(c, "w", done) if done else None, writing)
            timed("hand_back_48", lambda c, rest=claimed[16:]: hand_back(c, "w", [due.delivery_id for due in rest]), writing)
            timed("count_pending", lambda c, r=receiver: pending(c, r), reading)
        size = Path(folder) / "newsmon.db"
        figures = {"rows": float(rows), "file_mib": size.stat().st_size / 2**20 if size.exists() else 0.0}
        for name, found in times.items():
            found.sort()
            figures |= {f"{name}_p50_ms": found[len(found) // 2], f"{name}_p99_ms": found[int(len(found) * 0.99)]}
        engine.dispose()
    return figures


def written(at: datetime, engine: Engine) -> Any:
    """The time as the outbox' columns hold it."""
    from sinks.database.outbox_tables import outbox

    processor = outbox.c.created_at.type.dialect_impl(engine.dialect).bind_processor(engine.dialect)
    return processor(at) if processor is not None else at


def say(name: str, figures: dict[str, float]) -> None:
    print(
        f"{name}: " + ", ".join(f"{key} {value:,.4g}" if value < 1_000 else f"{key} {value:,.0f}" for key, value in figures.items()),
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", action="append", choices=PARTS)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="a tenth of the load")
    parser.add_argument("--fill", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    configure_logs(LogSettings(level="error", format="json"), stage="benchmark")
    if given.fill is not None:
        folder, port, count = given.fill
        settings = settings_in(Path(folder), [int(port)], timeout_s=60.0)
        fill(opened(settings), settings, int(count))
        return
    share = 10 if given.quick else 1
    parts = given.part or list(PARTS)
    if "one" in parts:
        say("one fast receiver", asyncio.run(throughput(10_000 // share, 1)))
    if "hundred" in parts:
        say("a hundred receivers", asyncio.run(throughput(200 // share, 100)))
    if "latency" in parts:
        say("record to acceptance", latency(1_000 // share, 20.0))
    if "memory" in parts:
        say("memory", asyncio.run(memory(100_000 // share)))
    if "outbox" in parts:
        say("outbox, SQLite", large_outbox("", given.rows // share))
        if url := os.environ.get("NEWSMON_BENCH_POSTGRES"):
            say("outbox, PostgreSQL", large_outbox(url, given.rows // share))


if __name__ == "__main__":
    main()
