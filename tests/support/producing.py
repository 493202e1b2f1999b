"""Helpers for tests of the producer: start it as an operator does, read what it wrote, kill it at a chosen step."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from kafka import KafkaConsumer, TopicPartition

from newsmon.codec import decode
from newsmon.kafka.clients import consumer_config
from newsmon.kafka.reading import read_to_end
from newsmon.records import Record
from newsmon.settings import Settings
from newsmon.topics import Topic
from support.run_watch import wait_until_stoppable

R = TypeVar("R", bound=Record)
STOP_WITHIN_S = 90.0  # 25 s are promised; machines that run tests are slow

# Ends the process with SIGKILL in place of one step of the publishing: what kill -9 or a power cut does, but always there.
KILL_INSTEAD_OF = """
import os, signal, sys
from producers.polling.kafka_writer import KafkaWriter
step = getattr(KafkaWriter, {step!r})
left = {after_count}
async def die(self, what):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    await step(self, what)
setattr(KafkaWriter, {step!r}, die)
sys.argv = ["newsmon", "producer", "--config", {config!r}]
from newsmon.app.cli import main
main()
"""


def write_config(
    directory: Path,
    settings: Settings,
    feeds: Sequence[tuple[str, str]],
    *,
    interval_s: float,
    agent: str = "newsmon-test",
    name: str = "a",
) -> Path:
    """Settings and feed list for a producer of these (id, url)."""
    rows = "".join(f'[[feed]]\nid = "{feed}"\nurl = "{url}"\nsource = "{feed}"\nlanguage = "en"\n' for feed, url in feeds)
    (directory / f"feeds-{name}.toml").write_text(rows, "utf-8")
    kafka = settings.kafka
    file = directory / f"newsmon-{name}.toml"
    file.write_text(
        f"""\
state_dir = "state"
[kafka]
bootstrap_servers = "{",".join(kafka.bootstrap_servers)}"
topic_prefix = "{kafka.topic_prefix}"
group_prefix = "{kafka.group_prefix}"
session_timeout_s = {kafka.session_timeout_s}
[producer]
feeds_file = "feeds-{name}.toml"
interval_s = {interval_s}
min_interval_s = {min(interval_s, 60.0)}
max_interval_s = {max(interval_s, 60.0)}
host_spacing_s = 0.0
user_agent = "{agent}"
allow_private = ["127.0.0.1/32"]
timeout_s = 60.0
[monitoring]
producer_port = 0
[log]
format = "json"
""",
        "utf-8",
    )
    return file


def start(config: Path, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as stderr:
        return subprocess.Popen(
            [sys.executable, "-Im", "newsmon", "producer", "--config", str(config)], stderr=stderr, start_new_session=True
        )


def run_until_killed(config: Path, log: Path, *, step: str, after_count: int = 0, timeout_s: float = 180.0) -> None:
    """Run a producer that dies by SIGKILL when it comes to this step of `KafkaWriter`, after so many that went well."""
    script = KILL_INSTEAD_OF.format(step=step, after_count=int(after_count), config=str(config))
    with log.open("ab") as stderr:
        ended = subprocess.run([sys.executable, "-Ic", script], stderr=stderr, timeout=timeout_s, check=False)
    assert ended.returncode == -signal.SIGKILL, log.read_text("utf-8", "replace")[-3000:]


def stop(process: subprocess.Popen[bytes]) -> int:
    wait_until_stoppable(process)
    process.terminate()
    return process.wait(STOP_WITHIN_S)


@contextmanager
def producing(config: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A producer for the time of the block; it must stop by itself, with exit code 0, unless the test killed it."""
    process = start(config, log)
    try:
        yield process
        if process.poll() is None:
            assert stop(process) == 0, log.read_text("utf-8", "replace")[-3000:]
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(60)


def records(settings: Settings, topic: Topic, kind: type[R]) -> list[R]:
    """Everything on a topic that decodes, by partition and offset."""
    return [decode(raw.value, kind) for raw in raw_records(settings, topic)]


def raw_records(settings: Settings, topic: Topic) -> list[Any]:
    name = topic.named(settings.kafka.topic_prefix)
    consumer = KafkaConsumer(**consumer_config(settings, client_id="test-reader", group=None))
    try:
        places = [TopicPartition(name, number) for number in range(topic.partitions)]
        return sorted(read_to_end(consumer, places), key=lambda raw: (raw.partition, raw.offset))
    finally:
        consumer.close(autocommit=False)
