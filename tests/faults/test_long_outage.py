"""The broker stands still for longer than every time-out of a client: when it goes on, so do we, whatever state the client is in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from support.feedserver import feed_server, item, rss
from support.producing import raw_records, records, stop, write_config
from support.signals import stand_still
from support.storing import eventually

from newsmon.errors import PublishError
from newsmon.kafka import clients, publisher
from newsmon.kafka.broker.process import LocalBroker
from newsmon.kafka.publisher import Keyed, Publisher
from newsmon.records import Article, FetchOutcome, Notice, NoticeKind
from newsmon.settings import Settings
from newsmon.topics import ARTICLES, FETCHES, NOTICES, QUARANTINE

# Of the client, in place of two minutes and half a minute: the outage is then as long as hours.
DELIVERY_TIMEOUT_S, REQUEST_TIMEOUT_S = 6.0, 3.0
OUTAGE_S = 15.0
STALL_EXIT_S = 6.0
PRODUCER = """
import sys
from newsmon.kafka import clients, publisher
clients.DELIVERY_TIMEOUT_MS, clients.KAFKA_PYTHON["request_timeout_ms"] = {delivery_ms}, {request_ms}
{more}
sys.argv = ["newsmon", "producer", "--config", {config!r}]
from newsmon.app.cli import main
main()
"""
# The producer's client takes records and never sends them, once a file says so; and it is kept whatever happens to it.
NEVER_SENDS = """
from datetime import timedelta
from pathlib import Path
import kafka
import producers.polling.service as service
import time
from kafka.errors import KafkaTimeoutError
from kafka.future import Future
class Never(Future):
    def get(self, timeout):
        time.sleep(timeout)
        raise KafkaTimeoutError("no answer")
really = kafka.KafkaProducer.send
def send(self, *topic, **record):
    stuck = self.config["client_id"] == "newsmon-producer" and Path({flag!r}).exists()
    return Never() if stuck else really(self, *topic, **record)
kafka.KafkaProducer.send = send
publisher.Publisher._replace = lambda self, client: None
service.DUE_FOR = timedelta(seconds=1)
"""


@contextmanager
def standing_still(broker: LocalBroker) -> Iterator[None]:
    """The broker takes connections, by its kernel, and answers nothing."""
    assert broker.pid is not None
    stand_still(broker.pid)
    try:
        yield
    finally:
        os.kill(broker.pid, signal.SIGCONT)


@contextmanager
def producing(config: Path, log: Path, more: str = "") -> Iterator[subprocess.Popen[bytes]]:
    script = PRODUCER.format(
        delivery_ms=int(DELIVERY_TIMEOUT_S * 1000), request_ms=int(REQUEST_TIMEOUT_S * 1000), more=more, config=str(config)
    )
    environ = os.environ | {"NEWSMON_PROCESSOR__STALL_EXIT_S": str(STALL_EXIT_S)}
    with log.open("ab") as stderr:
        process = subprocess.Popen([sys.executable, "-Ic", script], env=environ, stderr=stderr, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(60)


@pytest.mark.parametrize("patience_s", [1.0, 30.0], ids=["we give up first", "the client gives up first"])
def test_a_publisher_publishes_again_after_the_client_has_given_up_records(
    broker: LocalBroker, kafka_settings: Settings, monkeypatch: pytest.MonkeyPatch, patience_s: float
) -> None:
    monkeypatch.setattr(clients, "DELIVERY_TIMEOUT_MS", int(DELIVERY_TIMEOUT_S * 1000))
    monkeypatch.setitem(clients.KAFKA_PYTHON, "request_timeout_ms", int(REQUEST_TIMEOUT_S * 1000))
    monkeypatch.setattr(publisher, "ACKNOWLEDGED_WITHIN_S", patience_s)
    published = []
    with Publisher(kafka_settings, client_id="test") as ours:

        def publish(number: int) -> bool:
            with suppress(PublishError):
                ours.publish(QUARANTINE, [Keyed(b"key", b"%d" % number)])
                published.append(number)
                return True
            return False

        eventually(lambda: publish(1), "a first record")
        number = 1
        with standing_still(broker):
            until_s = time.monotonic() + OUTAGE_S
            while time.monotonic() < until_s:
                number += 1
                assert not publish(number)
        eventually(lambda: publish(1_000), "published again")
    found = [int(raw.value) for raw in raw_records(kafka_settings, QUARANTINE)]
    assert set(published) <= set(found), "nothing acknowledged is missing"


def test_polls_go_on_after_an_outage_longer_than_every_time_out(broker: LocalBroker, kafka_settings: Settings, tmp_path: Path) -> None:
    with feed_server() as server:
        server.bodies["/a"] = rss([item(0)])
        config, log = write_config(tmp_path, kafka_settings, [("a", server.url("/a"))], interval_s=1.0), tmp_path / "log"
        with producing(config, log) as running:
            eventually(lambda: len(records(kafka_settings, ARTICLES, Article)) == 1, "the first article")
            with standing_still(broker):
                server.bodies["/a"] = rss([item(1), item(0)])
                time.sleep(OUTAGE_S)
            server.bodies["/a"] = rss([item(2), item(1), item(0)])
            wanted = {f"Report {number}" for number in range(3)}
            eventually(lambda: {one.title for one in records(kafka_settings, ARTICLES, Article)} == wanted, "what came meanwhile and after")
            assert stop(running) == 0
        assert "Traceback" not in log.read_text("utf-8")
    assert len({one.revision_id for one in records(kafka_settings, ARTICLES, Article)}) == len(wanted), "what was sent twice has equal ids"
    numbers = [one.poll_seq for one in records(kafka_settings, FETCHES, FetchOutcome)]
    assert sorted(set(numbers)) == list(range(1, max(numbers) + 1)), "no poll is missing"


def test_a_producer_whose_client_never_comes_back_says_so_ends_and_works_again_when_it_is_started_anew(
    broker: LocalBroker, kafka_settings: Settings, tmp_path: Path
) -> None:
    with feed_server() as server:
        server.bodies["/a"] = rss([item(0)])
        config, log = write_config(tmp_path, kafka_settings, [("a", server.url("/a"))], interval_s=1.0), tmp_path / "log"
        flag = tmp_path / "stuck"
        with producing(config, log, NEVER_SENDS.format(flag=str(flag))) as running:
            eventually(lambda: len(records(kafka_settings, ARTICLES, Article)) == 1, "the first article")
            flag.touch()
            server.bodies["/a"] = rss([item(1), item(0)])
            eventually(lambda: running.poll() is not None, "it ends itself")
            assert running.returncode == 70, log.read_text("utf-8")[-3000:]
        (notice,) = records(kafka_settings, NOTICES, Notice)
        assert (notice.kind, notice.subject) == (NoticeKind.STAGE_STALLED, "producer")
        with producing(config, log) as again:
            eventually(lambda: len({one.title for one in records(kafka_settings, ARTICLES, Article)}) == 2, "it works again")
            assert stop(again) == 0
