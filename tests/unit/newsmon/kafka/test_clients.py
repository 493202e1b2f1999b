from __future__ import annotations

import inspect
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

from newsmon.errors import DependencyError, SettingsError
from newsmon.kafka import address, clients
from newsmon.kafka.connect import admin_client
from newsmon.kafka.ports import BrokerPorts, remember_ports
from newsmon.settings import KafkaSettings, Settings

PLAIN = Settings(kafka=KafkaSettings(bootstrap_servers=("b1:9092", "b2:9092")))


def secured(**more: Any) -> Settings:
    kafka = {
        "bootstrap_servers": ("b1:9093",),
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_username": "newsmon",
        "sasl_password": "s3cret",
    }
    return Settings(kafka=KafkaSettings.model_validate(kafka | more))


def every_config(settings: Settings) -> dict[str, dict[str, Any]]:
    return {
        "admin": clients.admin_config(settings),
        "producer": clients.producer_config(settings, client_id="c"),
        "consumer": clients.consumer_config(settings, client_id="c", group="g", member="m"),
        "aio_producer": clients.aio_producer_config(settings, client_id="c"),
        "aio_consumer": clients.aio_consumer_config(settings, client_id="c", group="g", member="m"),
    }


ACCEPTED = {
    "admin": set(KafkaAdminClient.DEFAULT_CONFIG),
    "producer": set(KafkaProducer.DEFAULT_CONFIG),
    "consumer": set(KafkaConsumer.DEFAULT_CONFIG),
    "aio_producer": set(inspect.signature(AIOKafkaProducer).parameters),
    "aio_consumer": set(inspect.signature(AIOKafkaConsumer).parameters),
}


@pytest.mark.parametrize("settings", [PLAIN, secured()], ids=["plain", "secured"])
@pytest.mark.parametrize("client", sorted(ACCEPTED))
def test_installed_library_knows_every_option(client: str, settings: Settings) -> None:
    assert every_config(settings)[client].keys() - ACCEPTED[client] == set()


@pytest.mark.parametrize("client", sorted(ACCEPTED))
def test_every_client_is_told_user_password_and_verified_tls(client: str) -> None:
    config = every_config(secured())[client]
    assert (config["security_protocol"], config["sasl_mechanism"]) == ("SASL_SSL", "SCRAM-SHA-512")
    assert (config["sasl_plain_username"], config["sasl_plain_password"]) == ("newsmon", "s3cret")
    assert config["ssl_context"].verify_mode is ssl.CERT_REQUIRED
    assert config["ssl_context"].check_hostname is True


def test_password_comes_from_its_file_without_the_line_end(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("fr0m file\n")
    sasl = clients.sasl_for(secured(sasl_password=None, sasl_password_file=tmp_path / "password").kafka)
    assert sasl is not None
    assert sasl.password == "fr0m file"
    assert "fr0m" not in repr(sasl)


@pytest.mark.parametrize("content", [None, "\n"])
def test_password_file_that_is_missing_or_empty_is_named(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "password").write_text(content)
    settings = secured(sasl_password=None, sasl_password_file=tmp_path / "password")
    with pytest.raises(SettingsError) as refused:
        clients.producer_config(settings, client_id="c")
    (problem,) = refused.value.problems
    assert problem.where == "settings:kafka.sasl_password_file"
    assert str(tmp_path / "password") in problem.message


@pytest.mark.parametrize("key", ["ssl_ca_file", "ssl_cert_file"])
def test_certificate_that_cannot_be_used_is_named(tmp_path: Path, key: str) -> None:
    (tmp_path / "bad.pem").write_text("not a certificate")
    with pytest.raises(SettingsError, match=f"settings:kafka.{key}: .*bad.pem"):
        clients.admin_config(secured(**{key: tmp_path / "bad.pem"}))


def test_producers_wait_for_all_replicas_and_never_write_twice() -> None:
    for name in ("producer", "aio_producer"):
        config = every_config(PLAIN)[name]
        assert (config["acks"], config["enable_idempotence"]) == ("all", True)


def test_consumers_never_commit_by_themselves_and_miss_no_record() -> None:
    for name in ("consumer", "aio_consumer"):
        config = every_config(PLAIN)[name]
        assert (config["enable_auto_commit"], config["auto_offset_reset"]) == (False, "earliest")
        assert config["heartbeat_interval_ms"] * 3 <= config["session_timeout_ms"]
        assert config["max_partition_fetch_bytes"] >= every_config(PLAIN)["producer"]["max_request_size"]


def test_group_carries_the_prefix_of_the_installation() -> None:
    assert clients.group_id(Settings(kafka=KafkaSettings(group_prefix="desk7")), "store") == "desk7-store"


def test_own_broker_is_found_where_it_last_listened(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path)
    address.local_broker_dir(settings).mkdir()
    remember_ports(address.local_broker_dir(settings) / "ports.json", BrokerPorts(21001, 21002))
    assert clients.admin_config(settings)["bootstrap_servers"] == ["127.0.0.1:21001"]


def test_without_any_broker_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DependencyError, match=r"newsmon run.*kafka\.bootstrap_servers"):
        clients.admin_config(Settings(state_dir=tmp_path))


def test_broker_out_of_reach_is_an_error_with_the_hosts_after_a_bounded_wait() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    settings = Settings(kafka=KafkaSettings(bootstrap_servers=(f"127.0.0.1:{free}",)))
    with (
        pytest.raises(DependencyError, match=f"no response from 127.0.0.1:{free}.*Check kafka.bootstrap_servers"),
        admin_client(settings, timeout_ms=500),
    ):
        pytest.fail("connected to nobody")
