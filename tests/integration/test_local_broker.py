"""The broker newsmon brings itself: what is acknowledged stays, and nobody outlives anybody."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from kafka import KafkaConsumer, TopicPartition
from support.signals import stand_still
from support.waiting import next_line

from newsmon.errors import DependencyError
from newsmon.kafka.admin import ensure_topics
from newsmon.kafka.broker.children import Children, end_orphans, started_ticks
from newsmon.kafka.broker.process import LocalBroker
from newsmon.kafka.clients import consumer_config
from newsmon.kafka.connect import open_producer
from newsmon.kafka.probe import Answer, probe
from newsmon.kafka.reading import read_to_end
from newsmon.settings import KafkaSettings, Settings
from newsmon.topics import ARTICLES, QUARANTINE

HEAP_MB = 256
DEADLINE_S = 180.0


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[LocalBroker]:
    """A broker for one test that treats it badly."""
    made = LocalBroker(tmp_path / "kafka", heap_mb=HEAP_MB)
    yield made
    made.stop()


def settings_for(broker: LocalBroker) -> Settings:
    return Settings(kafka=KafkaSettings(bootstrap_servers=(broker.bootstrap_servers,)))


def eventually(claim: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not claim():
        assert time.monotonic() < deadline, f"not within {DEADLINE_S} s: {what}"
        time.sleep(0.05)


def stays_up(address: str) -> bool:
    """Ask for longer than a broker needs to shut down after a signal (0.5 s)."""
    host, port = address.split(":")
    for _ in range(30):
        if probe(host, int(port), timeout_s=60.0).answer is not Answer.READY:
            return False
        time.sleep(0.1)
    return True


def write(settings: Settings, values: list[bytes]) -> None:
    """Return when the broker has acknowledged all."""
    producer = open_producer(settings, client_id="test")
    try:
        for future in [producer.send(ARTICLES.named(), value=value) for value in values]:
            future.get(timeout=90)
    finally:
        producer.close()


def read_all(settings: Settings) -> set[bytes]:
    consumer = KafkaConsumer(**consumer_config(settings, client_id="test", group=None))
    try:
        partitions = [TopicPartition(ARTICLES.named(), number) for number in range(ARTICLES.partitions)]
        return {record.value for record in read_to_end(consumer, partitions)}
    finally:
        consumer.close()


def test_acknowledged_records_and_the_address_survive_a_stop(own_broker: LocalBroker) -> None:
    address = own_broker.start()
    ensure_topics(settings_for(own_broker))
    values = [f"record {number}".encode() for number in range(200)]
    write(settings_for(own_broker), values)
    assert own_broker.stop() == 143  # the JVM's answer to SIGTERM after its shutdown hooks
    assert own_broker.start() == address
    assert read_all(settings_for(own_broker)) == set(values)


def test_acknowledged_records_survive_kill_9_of_the_jvm(own_broker: LocalBroker) -> None:
    own_broker.start()
    settings = settings_for(own_broker)
    ensure_topics(settings)
    producer = open_producer(settings, client_id="test")
    acknowledged: set[bytes] = set()
    for number in range(300):  # killed in the middle of a stream of writes
        value = f"record {number}".encode()
        producer.send(ARTICLES.named(), value=value).add_callback(lambda _, value=value: acknowledged.add(value))
    eventually(lambda: bool(acknowledged), "a first acknowledgement")
    assert own_broker.pid is not None
    os.kill(own_broker.pid, signal.SIGKILL)
    eventually(lambda: own_broker.poll() == -signal.SIGKILL, "the end of the JVM is seen")
    own_broker.start()
    producer.flush(timeout=120)  # what was on the way is sent again: the address is the same
    producer.close()
    assert len(acknowledged) == 300
    assert read_all(settings) == acknowledged


PARENT = """
import json, sys, threading, time
from pathlib import Path
from newsmon.kafka.broker.process import LocalBroker
from newsmon.kafka.broker.children import Children
from newsmon.kafka.broker.owner import own
state = Path(sys.argv[1])
with own(state, command="test parent"):
    broker = LocalBroker(state / "kafka", heap_mb=256, children=Children(state))
    starter = threading.Thread(target=broker.start)  # a thread that ends must not take the broker with it
    starter.start()
    starter.join(300)
    try:
        print(json.dumps([broker.pid, broker.bootstrap_servers]), flush=True)  # from here on somebody may interrupt us
        while True:
            time.sleep(0.1)
    except KeyboardInterrupt:
        print(json.dumps(broker.poll()), flush=True)
        sys.stdin.readline()
        print(broker.stop(), flush=True)
"""


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process of its own group that owns a state directory and a broker in it."""
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, process_group=0
    )
    yield process
    process.kill()
    process.communicate(timeout=60)
    end_orphans(tmp_path)


def said(process: subprocess.Popen[str]) -> str:
    return next_line(process.stdout, within_s=300)


def test_the_jvm_ends_with_a_parent_that_was_killed(parent: subprocess.Popen[str]) -> None:
    pid, address = json.loads(said(parent))
    parent.send_signal(signal.SIGKILL)
    parent.wait(60)
    eventually(lambda: started_ticks(pid) is None, "the JVM ends")
    host, port = address.split(":")
    assert probe(host, int(port)).answer is Answer.UNREACHABLE


def test_jvm_that_outlives_its_killed_parent_is_ended_by_the_next_owner(parent: subprocess.Popen[str], tmp_path: Path) -> None:
    pid, _ = json.loads(said(parent))
    stand_still(pid)  # it cannot act on the kernel's SIGTERM: an orphan
    parent.send_signal(signal.SIGKILL)
    parent.wait(60)
    assert started_ticks(pid) is not None
    (ended,) = end_orphans(tmp_path, term_grace_s=0.5)
    assert (ended.role, ended.pid) == ("kafka", pid)
    assert started_ticks(pid) is None
    assert Children(tmp_path).recorded() == ()


def test_ctrl_c_leaves_the_broker_up_until_it_is_stopped(parent: subprocess.Popen[str]) -> None:
    pid, address = json.loads(said(parent))
    os.killpg(parent.pid, signal.SIGINT)  # what a terminal does to its foreground group
    assert json.loads(said(parent)) is None, "the parent sees the JVM running after Ctrl-C"
    assert stays_up(address)
    assert parent.stdin is not None
    parent.stdin.write("\n")
    parent.stdin.flush()
    assert said(parent) == "143\n"
    assert started_ticks(pid) is None


def test_broker_moves_when_somebody_took_its_port(own_broker: LocalBroker) -> None:
    address = own_broker.start()
    own_broker.stop()
    with socket.create_server(("127.0.0.1", int(address.split(":")[1]))):
        moved = own_broker.start()
    assert moved != address
    assert probe("127.0.0.1", int(moved.split(":")[1])).answer is Answer.READY


def test_port_taken_between_choosing_and_binding_is_chosen_anew(own_broker: LocalBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        taken = somebody.getsockname()[1]
        from newsmon.kafka.broker import process
        from newsmon.kafka.ports import BrokerPorts, choose_ports

        races = iter([BrokerPorts(taken, choose_ports(None).controller)])
        monkeypatch.setattr(process, "choose_ports", lambda remembered: next(races, None) or choose_ports(remembered))
        moved = own_broker.start()
    assert moved != f"127.0.0.1:{taken}"
    assert own_broker.poll() is None


def test_broker_that_refuses_to_start_says_why_and_leaves_nothing_running(own_broker: LocalBroker) -> None:
    own_broker.start()
    own_broker.stop()
    meta = own_broker.files.data / "meta.properties"
    meta.write_text(meta.read_text().replace("node.id=1", "node.id=7"))
    with pytest.raises(DependencyError, match=r"(?s)ended while starting.*node") as refused:
        own_broker.start()
    assert "local Kafka" in str(refused.value)
    assert own_broker.poll() is not None


def test_broker_that_does_not_answer_in_time_is_ended(tmp_path: Path) -> None:
    hasty = LocalBroker(tmp_path / "kafka", heap_mb=HEAP_MB, start_timeout_s=0.3)
    with pytest.raises(DependencyError, match=r"did not answer on port \d+ within 0 s"):
        hasty.start()
    assert hasty.poll() is not None
    assert not [process for process in psutil.Process().children(recursive=True) if str(tmp_path) in " ".join(process.cmdline())]


def test_a_start_that_is_given_up_ends_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    never = LocalBroker(tmp_path / "kafka", heap_mb=HEAP_MB, give_up=lambda: True)
    with pytest.raises(DependencyError, match="stopped while it was starting"):
        never.start()
    assert never.pid is None

    formatting = LocalBroker(tmp_path / "kafka", heap_mb=HEAP_MB, give_up=lambda: formatting.pid is not None)
    with pytest.raises(DependencyError, match="stopped while it formatted its storage"):
        formatting.start()
    assert formatting.poll() is not None

    begun = LocalBroker(tmp_path / "kafka", heap_mb=HEAP_MB, give_up=lambda: begun.files.stdout.exists() and begun.poll() is None)
    with pytest.raises(DependencyError, match="stopped while it was starting"):
        begun.start()
    assert begun.files.data.exists()
    assert begun.poll() is not None


def test_state_directory_may_be_called_anything(tmp_path: Path) -> None:
    with LocalBroker(tmp_path / "стан, #1 $HOME ${x} 100%", heap_mb=HEAP_MB) as broker:
        ensure_topics(settings_for(broker), [ARTICLES])
        write(settings_for(broker), [b"kept"])
        assert read_all(settings_for(broker)) == {b"kept"}
    assert len(list(broker.files.data.glob("news.articles-*"))) == ARTICLES.partitions


def test_interrupted_formatting_is_done_again(own_broker: LocalBroker) -> None:
    half = own_broker.files.directory / "data.formatting"
    half.mkdir(parents=True)
    (half / "meta.properties").write_text("version=1\n")
    own_broker.start()
    ensure_topics(settings_for(own_broker), [QUARANTINE])
    assert not half.exists()
