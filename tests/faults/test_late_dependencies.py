"""Stages started one by one while Kafka or the database is missing: they wait, healthy and not ready, and begin when both are there."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.postgres import PostgresServer
from support.signals import stand_still
from support.storing import eventually

from newsmon.kafka.broker.process import LocalBroker
from newsmon.settings import Settings

STAGES = ("producer", "processor", "store", "deliver")
ENDS_WITHIN_S = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Stage:
    """One running stage, and what it says of itself."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process = process
        self._port = port
        self._log = log

    def says(self, path: str) -> tuple[int, dict[str, str]]:
        """Status and reasons; 0 while it does not listen."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{path}", timeout=60) as answer:
                return answer.status, json.load(answer)["because"]
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)["because"]
        except OSError:
            return 0, {}

    def waits_for(self, what: str) -> bool:
        assert self.process.poll() is None, self.log
        return self.says("/readyz")[0] == 503 and what in self.says("/readyz")[1] and self.says("/healthz")[0] == 200

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log
        return self.says("/readyz")[0] == 200

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(ENDS_WITHIN_S)


@contextmanager
def started(name: str, settings: Settings, directory: Path, *, database: str | None = None, command: Sequence[str] = ()) -> Iterator[Stage]:
    port, log = free_port(), directory / f"{name}.log"
    kafka = settings.kafka
    given = {
        "NEWSMON_STATE_DIR": str(directory / "state"),
        "NEWSMON_KAFKA__BOOTSTRAP_SERVERS": ",".join(kafka.bootstrap_servers),
        "NEWSMON_KAFKA__TOPIC_PREFIX": kafka.topic_prefix,
        "NEWSMON_KAFKA__GROUP_PREFIX": kafka.group_prefix,
        "NEWSMON_KAFKA__SESSION_TIMEOUT_S": str(kafka.session_timeout_s),
        f"NEWSMON_MONITORING__{name.upper()}_PORT": str(port),
        "NEWSMON_PRODUCER__FEEDS_FILE": str(directory / "feeds.toml"),
    } | ({"NEWSMON_DATABASE__URL": database} if database else {})
    (directory / "feeds.toml").write_text('[[feed]]\nid = "nobody"\nurl = "https://feeds.invalid/x"\nsource = "Nobody"\nlanguage = "en"\n')
    clean = {key: value for key, value in os.environ.items() if not key.startswith("NEWSMON_")}
    with log.open("ab") as lines:
        process = subprocess.Popen(command or [sys.executable, "-Im", "newsmon", name], env=clean | given, stdout=lines, stderr=lines)
    try:
        yield Stage(process, port, log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(60)


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_started_before_kafka_waits_says_why_and_begins_when_it_is_there(
    name: str, broker: LocalBroker, bare_kafka_settings: Settings, tmp_path: Path
) -> None:
    broker.stop()
    try:
        with started(name, bare_kafka_settings, tmp_path) as stage:
            eventually(lambda: stage.waits_for("kafka"), f"{name} waits for Kafka")
            reason = stage.says("/readyz")[1]["kafka"]
            eventually(lambda: "no response" in stage.says("/readyz")[1]["kafka"], f"{name} says why: {reason}")
            broker.start()
            eventually(stage.is_ready, f"{name} is ready once Kafka is there")
            assert stage.stop() == 0
            assert "Traceback" not in stage.log
            assert stage.log.count("start.waiting") == 1, stage.log
    finally:
        broker.start()


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_that_waits_for_kafka_ends_when_it_is_asked_to(
    name: str, broker: LocalBroker, bare_kafka_settings: Settings, tmp_path: Path
) -> None:
    """The broker is stopped, not dead: its connections are taken by the kernel and never answered."""
    assert broker.pid is not None
    stand_still(broker.pid)
    try:
        with started(name, bare_kafka_settings, tmp_path) as stage:
            eventually(lambda: stage.waits_for("kafka"), f"{name} waits for Kafka")
            assert stage.stop() == 0
            assert "Traceback" not in stage.log
    finally:
        os.kill(broker.pid, signal.SIGCONT)


@pytest.mark.parametrize("name", ["store", "deliver"])
def test_a_sink_started_before_its_database_waits_says_why_and_begins_when_it_is_there(
    name: str, postgres_server: PostgresServer, kafka_settings: Settings, tmp_path: Path
) -> None:
    url = postgres_server.create_database()
    postgres_server.stop()
    try:
        with started(name, kafka_settings, tmp_path, database=url) as stage:
            eventually(lambda: stage.waits_for("database"), f"{name} waits for its database")
            eventually(lambda: "database.url" in stage.says("/readyz")[1]["database"], f"{name} says why")
            postgres_server.start()
            eventually(stage.is_ready, f"{name} is ready once its database is there")
            assert stage.stop() == 0
            assert "Traceback" not in stage.log
    finally:
        if postgres_server.process is None:
            postgres_server.start()


# Kafka answered a moment ago, and is gone when Faust starts.
GONE_AT_FAUSTS_START = """
import sys
import processors.runner.service as service
service.ensure_topics = lambda *_: None
async def adopt_nothing(self): ...
async def wait(self, stop): await stop.wait()
service.ThemeReloader.start, service.ThemeReloader.run = adopt_nothing, wait
sys.argv = ["newsmon", "processor"]
from newsmon.app.cli import main
main()
"""


def test_a_processor_whose_broker_dies_as_faust_starts_begins_anew_and_works_when_it_is_back(
    broker: LocalBroker, kafka_settings: Settings, tmp_path: Path
) -> None:
    broker.stop()
    try:
        with started("processor", kafka_settings, tmp_path, command=[sys.executable, "-Ic", GONE_AT_FAUSTS_START]) as stage:
            eventually(lambda: "processor.begins_anew" in stage.log, "it begins anew")
            broker.start()
            eventually(stage.is_ready, "it is ready once Kafka is back")
            assert stage.stop() == 0
            assert "Traceback" not in stage.log
    finally:
        broker.start()


def test_a_sink_whom_the_database_refuses_ends_for_waiting_cannot_help(
    postgres_server: PostgresServer, kafka_settings: Settings, tmp_path: Path
) -> None:
    url = postgres_server.create_database().replace("postgres@", "nobody_of_this_name@")
    with started("store", kafka_settings, tmp_path, database=url) as stage:
        assert stage.process.wait(ENDS_WITHIN_S) == 3
        assert "Check the user and the password in database.url" in stage.log
        assert "Traceback" not in stage.log
