"""A broker out of reach ends the attempt with an error that names it."""

from __future__ import annotations

import gc
import socket
import threading
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError
from support.nobody import nobodys_port

from newsmon.errors import DependencyError
from newsmon.kafka.clients import admin_config, consumer_config, producer_config
from newsmon.kafka.connect import admin_client
from newsmon.kafka.prompt_connections import constructed
from newsmon.settings import KafkaSettings, Settings


def test_broker_out_of_reach_is_an_error_with_the_hosts_after_a_bounded_wait() -> None:
    with (
        nobodys_port() as port,
        pytest.raises(DependencyError, match=f"no response from 127.0.0.1:{port}.*Check kafka.bootstrap_servers"),
        admin_client(Settings(kafka=KafkaSettings(bootstrap_servers=(f"127.0.0.1:{port}",))), timeout_ms=500),
    ):
        pytest.fail("connected to nobody")


def test_a_client_that_could_not_connect_leaves_no_thread_and_no_socket_behind() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and never says a word, as a stopped broker does
        settings = Settings(kafka=KafkaSettings(bootstrap_servers=(f"127.0.0.1:{silent.getsockname()[1]}",)))
        gc.collect()
        threads, file_count = {thread.name for thread in threading.enumerate()}, open_files()
        for kind, config in (
            (KafkaAdminClient, admin_config(settings)),
            (KafkaConsumer, consumer_config(settings, client_id="test", group=None)),
            (KafkaProducer, producer_config(settings, client_id="test")),
        ):
            with pytest.raises(KafkaError):
                constructed(kind, config | {"bootstrap_timeout_ms": 300})
        gc.collect()
        assert {thread.name for thread in threading.enumerate()} == threads
        assert open_files() <= file_count


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
