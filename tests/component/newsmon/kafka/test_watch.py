"""Kafka is lost when nobody answers, whatever the reason, and back when somebody does; each is one log line."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trustme
from structlog.testing import capture_logs

from newsmon.kafka.watch import KafkaWatch
from newsmon.logs import client_lines
from newsmon.metrics import REGISTRY
from newsmon.settings import KafkaSettings, Settings


class Broker:
    """Listens on a port and, while it is well, answers what every broker answers before anything else."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.mood = "well"
        self._tls = tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _address = self._listening.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError, struct.error), self._tls.wrap_socket(connection, server_side=True) if self._tls else connection as talking:
            (size,) = struct.unpack(">i", talking.recv(4))
            talking.recv(size)
            if self.mood == "stopped":
                talking.recv(1)  # until the client gives up
            elif self.mood == "well":
                talking.sendall(struct.pack(">iihi", 10, 1, 0, 0))

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def broker() -> Iterator[Broker]:
    made = Broker()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsmon.kafka.watch.TIMEOUT_S", 0.5)


def settings_of(directory: Path, port: int, **kafka: Any) -> Settings:
    return Settings(state_dir=directory, kafka=KafkaSettings(bootstrap_servers=(f"localhost:{port}",), **kafka))


def up(stage: str) -> float | None:
    return REGISTRY.get_sample_value("newsmon_kafka_up", {"stage": stage})


def test_a_process_that_watches_nothing_exports_nothing(tmp_path: Path, broker: Broker) -> None:
    KafkaWatch(settings_of(tmp_path, broker.port), stage="idle")
    assert up("idle") is None


@pytest.mark.parametrize("mood", ["stopped", "closes"])
def test_a_broker_that_listens_and_does_not_answer_is_lost_and_then_back(tmp_path: Path, broker: Broker, mood: str) -> None:
    watch = KafkaWatch(settings_of(tmp_path, broker.port), stage=mood)
    with capture_logs() as said:
        watch.look()
        assert (up(mood), watch.outage) == (1, None)
        broker.mood = mood
        watch.look()
        assert watch.outage is None, "one miss may be a broker that was busy"
        for _ in range(4):
            watch.look()
        assert up(mood) == 0
        assert watch.outage is not None
        assert str(broker.port) in watch.outage.reason
        broker.mood = "well"
        watch.look()
        assert (up(mood), watch.outage) == (1, None)
    assert [line["event"] for line in said] == ["kafka.lost", "kafka.back"]


def test_what_clients_said_meanwhile_is_counted_with_the_return(tmp_path: Path, broker: Broker) -> None:
    import logging

    record = logging.LogRecord("kafka", logging.WARNING, "", 0, "refused", None, None)
    with KafkaWatch(settings_of(tmp_path, broker.port), stage="counts", every_s=3600) as watch, capture_logs() as said:
        while up("counts") is None:  # its own first look is over
            time.sleep(0.01)
        client_lines.take()
        broker.mood = "closes"
        watch.look()
        watch.look()
        assert not any(client_lines.filter(record) for _ in range(5))
        broker.mood = "well"
        watch.look()
    assert said[-1]["event"] == "kafka.back"
    assert said[-1]["client_lines"] == 5
    assert client_lines.filter(record), "without a watch they are lines again"


def test_one_broker_of_several_is_enough(tmp_path: Path, broker: Broker) -> None:
    servers = ("127.0.0.1:9", f"127.0.0.1:{broker.port}")
    watch = KafkaWatch(settings_of(tmp_path, broker.port), stage="several", servers=lambda: servers)
    for _ in range(3):
        watch.look()
    assert watch.outage is None


def test_a_broker_behind_tls_is_asked_through_it(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    broker = Broker(context)
    try:
        watch = KafkaWatch(settings_of(tmp_path, broker.port, security_protocol="SSL", ssl_ca_file=tmp_path / "ca.pem"), stage="tls")
        watch.look()
        watch.look()
        assert watch.outage is None, watch.outage
        plain = KafkaWatch(settings_of(tmp_path, broker.port), stage="plain")
        plain.look()
        plain.look()
        assert plain.outage is not None
    finally:
        broker.close()


def test_an_own_broker_is_called_that(tmp_path: Path) -> None:
    (tmp_path / "kafka").mkdir()
    (tmp_path / "kafka" / "ports.json").write_text('{"client": 9, "controller": 10}')
    settings = Settings(state_dir=tmp_path, kafka=KafkaSettings(bootstrap_servers=("127.0.0.1:9",)))
    watch = KafkaWatch(settings, stage="own")
    watch.look()
    watch.look()
    assert watch.outage is not None
    assert "newsmon's own broker does not answer" in watch.outage.reason
    assert "bootstrap_servers" not in watch.outage.reason


def test_a_surprise_does_not_end_the_watch(tmp_path: Path, broker: Broker) -> None:
    """Without it nobody would tell of an outage, and what clients say would stay held back for good."""
    asked = threading.Semaphore(0)

    def servers() -> tuple[str, ...]:
        asked.release()
        raise RuntimeError("a bug")

    with capture_logs() as said, KafkaWatch(settings_of(tmp_path, broker.port), stage="bug", servers=servers, every_s=0.01):
        assert all(asked.acquire(timeout=60) for _ in range(3))
    assert {line["event"] for line in said} == {"watch.failed"}
