"""A real Kafka broker for tests: one per test session, and fresh topics and groups for every test.

`broker` starts it the first time a test asks. `kafka_settings` gives Settings for it with a prefix nobody else has and all topics
of the table created; they are gone after the test: a broker that is killed reads every partition there is again.
"""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from kafka.errors import KafkaError

from newsmon.errors import DependencyError
from newsmon.kafka.admin import ensure_topics
from newsmon.kafka.broker.process import LocalBroker
from newsmon.kafka.connect import admin_client
from newsmon.settings import KafkaSettings, Settings

HEAP_MB = 384
START_TIMEOUT_S = 300.0  # after kill -9 on a slow machine
SESSION_TIMEOUT_S = 6.0  # the least Kafka allows: tests that kill a member wait this long for its partitions


@pytest.fixture(scope="session")
def broker() -> Iterator[LocalBroker]:
    """The broker of this test session; a test may kill and start it (`broker.start()`), the address stays."""
    directory = Path(tempfile.mkdtemp(prefix="newsmon-test-kafka-"))
    running = LocalBroker(directory, heap_mb=HEAP_MB, start_timeout_s=START_TIMEOUT_S)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def bare_kafka_settings(broker: LocalBroker, tmp_path: Path) -> Iterator[Settings]:
    """Settings for the broker with a topic and group prefix of their own; no topic exists yet."""
    with settings_of_their_own(broker, tmp_path) as settings:
        yield settings


@contextmanager
def settings_of_their_own(broker: LocalBroker, directory: Path) -> Iterator[Settings]:
    """Settings with a prefix that nobody else has; its topics are deleted after the block."""
    broker.start()  # does nothing while it runs; a test before this one may have killed it
    mark = uuid.uuid4().hex[:10]
    settings = Settings(
        state_dir=directory / "state",
        kafka=KafkaSettings(
            bootstrap_servers=(broker.bootstrap_servers,),
            topic_prefix=f"t{mark}.",
            group_prefix=f"t{mark}",
            session_timeout_s=SESSION_TIMEOUT_S,
        ),
    )
    yield settings
    if broker.poll() is None:
        with suppress(DependencyError, KafkaError):
            _delete_topics(settings)


def _delete_topics(settings: Settings) -> None:
    with admin_client(settings) as admin:
        ours = [name for name in admin.list_topics() if name.startswith(settings.kafka.topic_prefix)]
        if ours:
            admin.delete_topics(ours)


@pytest.fixture
def kafka_settings(bare_kafka_settings: Settings) -> Settings:
    """`bare_kafka_settings` with every topic of the table created."""
    ensure_topics(bare_kafka_settings)
    return bare_kafka_settings
