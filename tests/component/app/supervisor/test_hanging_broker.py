"""A broker that runs but hangs is ended, to be started again; one that somebody stopped is left alone."""

from __future__ import annotations

import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.signals import stand_still

from newsmon.app.supervisor import kafka_keeper
from newsmon.app.supervisor.kafka_keeper import KafkaKeeper
from newsmon.app.supervisor.whole import KafkaPhase
from newsmon.kafka.broker.children import Children
from newsmon.kafka.ports import BrokerPorts
from newsmon.settings import Settings


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[KafkaKeeper, subprocess.Popen[bytes]]]:
    """A keeper whose broker is a process that runs, and a port that takes connections and never answers."""
    monkeypatch.setattr(kafka_keeper, "PROBE_EVERY_S", 0.1)
    monkeypatch.setattr(kafka_keeper, "PROBE_TIMEOUT_S", 0.2)
    monkeypatch.setattr(kafka_keeper, "HANGS_AFTER_S", 0.5)
    keeper = KafkaKeeper(Settings(state_dir=tmp_path), Children(tmp_path), lack_of_space=lambda: None)
    with socket.create_server(("127.0.0.1", 0)) as listening, subprocess.Popen(["sleep", "600"]) as process:
        assert keeper._broker is not None
        keeper._broker._process, keeper._broker._ports = process, BrokerPorts(listening.getsockname()[1], 1)
        keeper._turn_to(KafkaPhase.UP, "")
        yield keeper, process
        process.kill()


def test_a_broker_that_hangs_is_ended(hanging: tuple[KafkaKeeper, subprocess.Popen[bytes]]) -> None:
    keeper, process = hanging
    watching = threading.Thread(target=keeper._watch, daemon=True)
    watching.start()
    watching.join(60)
    assert not watching.is_alive()
    assert process.poll() == -signal.SIGTERM


def test_a_broker_that_somebody_stopped_is_left_to_them(hanging: tuple[KafkaKeeper, subprocess.Popen[bytes]]) -> None:
    keeper, process = hanging
    stand_still(process.pid)
    asked = []
    note = keeper._note

    def noted(why: str | None) -> None:
        note(why)
        asked.append(why)
        if len(asked) == 12:  # well beyond the time after which one that hangs is ended
            keeper._stopped.set()

    keeper._note = noted  # type: ignore[method-assign]
    keeper._watch()
    assert len(asked) == 12
    assert process.poll() is None
    assert keeper.view.phase is KafkaPhase.SILENT
