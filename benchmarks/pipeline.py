"""The whole pipeline on a real broker: articles a second, and the time from an article's append to its signed webhook.

Run: .venv/bin/python -I benchmarks/pipeline.py [--articles 20000] [--rate 50] [--seconds 60]

The articles are made up from a fixed seed: about 2 kB of text, one in five belongs to a theme (in the latency part one in `--one-in`).
Producer, processor, store and deliver are the real processes of `newsmon`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from kafka import KafkaConsumer, KafkaProducer

from newsmon import ids
from newsmon.codec import decode, encode
from newsmon.kafka.admin import ensure_topics
from newsmon.kafka.broker.process import LocalBroker
from newsmon.kafka.clients import consumer_config, producer_config
from newsmon.kafka.reading import partitions_of, read_to_end
from newsmon.records import Article, DateQuality, Origin
from newsmon.settings import Settings, load_settings
from newsmon.topics import ALERTS, ARTICLES, CLASSIFICATIONS, MATCHES, Topic

SYLLABLES = tuple(a + b for a in "bcdfghklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "is"))
ON_THEME = (
    "{name} ministers agreed to send a peacekeeping force of {n} troops to Ukraine after a ceasefire",
    "The United States will raise tariffs on {name} steel imports to {n} per cent",
    "{name} will lift defence spending to {p} per cent of GDP by 2032, the defence ministry said",
)
BODY_CHARS = 2_000


def article(number: int, chance: random.Random, *, on_theme: bool) -> Article:
    name = "".join(chance.choices("bcdfgklmnprstvz", k=3)).title() + "".join(chance.choices("aeiou", k=2)) + f"{number}ia"
    filler = []
    size = 0
    while size < BODY_CHARS:  # made-up words, so that no two articles look like one story
        filler.append("".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))))
        size += len(filler[-1]) + 1
    lead = chance.choice(ON_THEME).format(name=name, n=1000 + number, p=round(2 + chance.random() * 3, 2)) if on_theme else ""
    title = lead or f"{name}: {' '.join(filler[:6])}"
    url = f"https://bench.example/{number}"
    article_id = ids.article_id_of_url(url)
    body = f"{lead}. {' '.join(filler)}"
    content = ids.content_hash(title, lead, body)
    now = datetime.now(UTC)
    return Article(
        article_id=article_id, revision=1, revision_id=ids.revision_id(article_id, content), content_hash=content,
        origin=Origin.LIVE, feed_id="bench", source=f"Outlet {number % 400}", tier=2, poll_seq=1, poll_id="p_bench", url=url,
        title=title, lead=lead, body=body, language="en", published_at=now, date_quality=DateQuality.STATED, first_seen_at=now,
    )  # fmt: skip


@contextmanager
def stage(name: str, settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    environ = dict(os.environ)
    environ["NEWSMON_KAFKA__BOOTSTRAP_SERVERS"] = ",".join(settings.kafka.bootstrap_servers)
    environ["NEWSMON_STATE_DIR"] = str(settings.state_dir)
    environ[f"NEWSMON_MONITORING__{name.upper()}_PORT"] = "0"
    environ["NEWSMON_LOG__LEVEL"] = "warning"
    config = settings.state_dir / "newsmon.toml"
    command = [sys.executable, "-Im", "newsmon", name, "--config", str(config)]
    process = subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def count(settings: Settings, topic: Topic) -> int:
    consumer = KafkaConsumer(**consumer_config(settings, client_id="bench-count", group=None))
    name = topic.named(settings.kafka.topic_prefix)
    total = sum(consumer.end_offsets(partitions_of(consumer, name)).values())
    consumer.close()
    return total


def publish(settings: Settings, articles: Iterator[Article], *, rate: float | None) -> int:
    producer = KafkaProducer(**(producer_config(settings, client_id="bench") | {"linger_ms": 0 if rate else 20}))
    started_s, sent = time.monotonic(), 0
    for one in articles:
        producer.send(ARTICLES.named(settings.kafka.topic_prefix), key=one.article_id.encode(), value=encode(one))
        sent += 1
        if rate and (ahead_s := sent / rate - (time.monotonic() - started_s)) > 0:
            time.sleep(ahead_s)
    producer.flush(60)
    producer.close()
    return sent


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def wait_until(done: Any, *, timeout_s: float, every_s: float = 0.2) -> None:
    deadline = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError("the pipeline did not finish in time")
        time.sleep(every_s)


def throughput(settings: Settings, articles: int) -> dict[str, float]:
    """Articles already on Kafka; the clock runs from the first classification record to the last."""
    chance = random.Random(7)
    say(f"publishing {articles} articles")
    publish(settings, (article(n, chance, on_theme=n % 5 == 0) for n in range(articles)), rate=None)
    say("classifying")
    with stage("processor", settings) as processor:
        wait_until(lambda: count(settings, CLASSIFICATIONS) > 0, timeout_s=120, every_s=0.05)
        first_s, first_count = time.monotonic(), count(settings, CLASSIFICATIONS)
        wait_until(lambda: count(settings, CLASSIFICATIONS) >= articles, timeout_s=600)
        seconds = time.monotonic() - first_s
        memory_mib = psutil.Process(processor.pid).memory_info().rss / 2**20
    matches = count(settings, MATCHES)
    return {"articles_per_s": (articles - first_count) / seconds, "matches": matches, "processor_rss_mib": memory_mib}


def to_the_database(settings: Settings, articles: int) -> dict[str, float]:
    from newsmon.kafka.clients import group_id
    from newsmon.kafka.lag import consumer_lag

    say("storing")
    group, topics = group_id(settings, "store"), [t.named(settings.kafka.topic_prefix) for t in (ARTICLES, CLASSIFICATIONS, MATCHES)]
    with stage("store", settings) as store:
        started_s = time.monotonic()
        wait_until(lambda: sum(lag.lag for lag in consumer_lag(settings, {group: topics})) == 0, timeout_s=600, every_s=0.5)
        seconds = time.monotonic() - started_s
        memory_mib = psutil.Process(store.pid).memory_info().rss / 2**20
    return {"articles_stored_per_s": articles / seconds, "store_rss_mib": memory_mib}


async def latency(settings: Settings, rate: float, seconds: float, share: int) -> dict[str, float]:
    """Append of an article (the broker's clock) to the arrival of its verified webhook (the same machine's clock)."""
    from newsmon.app.listener import VerifyingReceiver

    secret = (settings.state_dir / "secret").read_text("utf-8").strip()
    port = int(json.loads((settings.state_dir / "port.json").read_text()))
    articles = int(rate * seconds)
    say(f"{articles} articles at {rate:.0f}/s to a receiver")
    chance = random.Random(11)
    async with VerifyingReceiver(secret, host="127.0.0.1", port=port) as receiver:
        with ExitStack() as stack:
            stack.enter_context(stage("deliver", settings))
            stack.enter_context(stage("processor", settings))
            warm = (article(1_000_000 + n, chance, on_theme=True) for n in range(20))
            await asyncio.to_thread(publish, settings, warm, rate=10)
            await arrived(receiver, settings, 20)
            feed = (article(2_000_000 + n, chance, on_theme=n % share == 0) for n in range(articles))
            await asyncio.to_thread(publish, settings, feed, rate=rate)
            await arrived(receiver, settings, 20 + articles)
        appended = append_times(settings)
        delays = []
        for delivery in receiver.deliveries:
            if not delivery.payload or "articles" not in delivery.payload["data"]:
                continue  # a notice
            article_id = delivery.payload["data"]["articles"][0]["article_id"]
            if delivery.verified and article_id in appended and appended[article_id][1].startswith("https://bench.example/2"):
                delays.append(delivery.received_at.timestamp() - appended[article_id][0])
    step = len(delays) // 10 + 1
    by_tenth = [round(max(delays[start : start + step]), 2) for start in range(0, len(delays), step)]
    say(f"longest delay in each tenth of the run: {by_tenth}")
    delays.sort()
    cuts = statistics.quantiles(delays, n=100)
    return {"alerts": len(delays), "p50_s": cuts[49], "p95_s": cuts[94], "p99_s": cuts[98], "max_s": delays[-1]}


async def arrived(receiver: Any, settings: Settings, articles: int) -> None:
    """Wait until every article is classified and every alert that came of it has arrived."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        classified, alerts = await asyncio.to_thread(lambda: (count(settings, CLASSIFICATIONS), count(settings, ALERTS)))
        if classified >= articles and sum(not delivery.repeat for delivery in receiver.deliveries) >= alerts:
            return
        await asyncio.sleep(0.5)
    say(f"only {len(receiver.deliveries)} webhooks arrived in time")


def append_times(settings: Settings) -> dict[str, tuple[float, str]]:
    consumer = KafkaConsumer(**consumer_config(settings, client_id="bench-times", group=None))
    found: dict[str, tuple[float, str]] = {}
    for record in read_to_end(consumer, partitions_of(consumer, ARTICLES.named(settings.kafka.topic_prefix))):
        one = decode(record.value, Article)
        found[one.article_id] = (record.timestamp / 1000, one.url or "")
    consumer.close()
    return found


def settings_for(base: Settings, directory: Path, prefix: str) -> Settings:
    import base64
    import socket

    directory.mkdir()
    secret = "whsec_" + base64.b64encode(os.urandom(32)).decode()
    (directory / "secret").write_text(secret)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (directory / "port.json").write_text(str(port))
    (directory / "newsmon.toml").write_text(
        f'state_dir = "{directory}"\n[kafka]\ntopic_prefix = "{prefix}"\ngroup_prefix = "{prefix}newsmon"\n'
        f'[[receivers]]\nid = "bench"\nurl = "http://127.0.0.1:{port}/"\nsecret_files = ["secret"]\nallow_private = ["127.0.0.0/8"]\n'
        "concurrency = 16\n"
    )
    environ = {"NEWSMON_KAFKA__BOOTSTRAP_SERVERS": ",".join(base.kafka.bootstrap_servers)}
    settings = load_settings(directory / "newsmon.toml", environ)
    ensure_topics(settings)
    return settings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--one-in", type=int, default=5, help="in the latency part, one article in this many belongs to a theme")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsmon-bench-") as directory, LocalBroker(Path(directory) / "kafka") as broker:
        started_s = time.monotonic()
        base = load_settings(None, {"NEWSMON_KAFKA__BOOTSTRAP_SERVERS": broker.bootstrap_servers})
        broker_mib = psutil.Process(broker.pid).memory_info().rss / 2**20
        results: dict[str, Any] = {"broker_rss_mib": broker_mib}
        settings = settings_for(base, Path(directory) / "throughput", "throughput.")
        results["throughput"] = throughput(settings, options.articles)
        results["store"] = to_the_database(settings, options.articles)
        fresh = settings_for(base, Path(directory) / "latency", "latency.")
        results["latency"] = asyncio.run(latency(fresh, options.rate, options.seconds, options.one_in))
        results["alerts"] = count(fresh, ALERTS)
        results["seconds_in_all"] = time.monotonic() - started_s
    print(json.dumps(results, indent=2, default=lambda value: round(value, 4)))


if __name__ == "__main__":
    main()
