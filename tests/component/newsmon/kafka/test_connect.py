"""A broker out of reach ends the attempt with an error that names it."""

from __future__ import annotations

import socket

import pytest

from newsmon.errors import DependencyError
from newsmon.kafka.connect import admin_client
from newsmon.settings import KafkaSettings, Settings


def test_broker_out_of_reach_is_an_error_with_the_hosts_after_a_bounded_wait() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    settings = Settings(kafka=KafkaSettings(bootstrap_servers=(f"127.0.0.1:{free}",)))
    with (
        pytest.raises(DependencyError, match=f"no response from 127.0.0.1:{free}.*Check kafka.bootstrap_servers"),
        admin_client(settings, timeout_ms=500),
    ):
        pytest.fail("connected to nobody")
