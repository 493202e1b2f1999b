"""Keyword arguments for both Kafka client libraries, from the settings. Security options are set here only.

In: Settings. Out: dicts for kafka-python 3 (`producer_config`, `consumer_config`, `admin_config`) and aiokafka 0.14
(`aio_producer_config`, `aio_consumer_config`), and for Faust the parts of it (`ssl_context_for`, `sasl_for`).
I/O: secret files and certificates are read here; nothing connects.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Any

from newsmon.errors import Problem, SettingsError
from newsmon.kafka.address import bootstrap_servers
from newsmon.kafka.limits import MAX_RECORD_BYTES
from newsmon.kafka.prompt_connections import prompt_client
from newsmon.settings import KafkaSettings, Settings

# All our clients read gzip without another package. aiokafka (and so Faust) reads lz4 and zstd only if cramjam is installed, and a
# record that it cannot decompress stops the partition.
COMPRESSION = "gzip"
LINGER_MS = 20
DELIVERY_TIMEOUT_MS = 120_000
REQUEST_TIMEOUT_MS = 30_000
BOOTSTRAP_TIMEOUT_MS = 15_000
# Below the broker's ten minutes, so that we close idle connections, not the broker.
IDLE_MS = 540_000
# A returning broker is noticed within this time; kafka-python's default is up to 30 s.
RECONNECT_MAX_MS = 2_000
# New partitions and returning leaders are noticed within this time (default: five minutes).
METADATA_AGE_MS = 30_000
MAX_POLL_RECORDS = 500
# A fetch that finds nothing new is answered after this time, and at once when something comes (default: half a second).
FETCH_WAIT_MS = 1_000

# Options that only kafka-python has.
KAFKA_PYTHON = {
    "bootstrap_timeout_ms": BOOTSTRAP_TIMEOUT_MS,
    "request_timeout_ms": REQUEST_TIMEOUT_MS,
    "reconnect_backoff_max_ms": RECONNECT_MAX_MS,
    "kafka_client": prompt_client,
}


@dataclass(frozen=True, slots=True)
class Sasl:
    """Our user name and password on the cluster."""

    mechanism: str
    username: str
    password: str

    def __repr__(self) -> str:
        return f"Sasl({self.mechanism}, {self.username}, ***)"


def group_id(settings: Settings, stage: str) -> str:
    """The consumer group of a stage."""
    return f"{settings.kafka.group_prefix}-{stage}"


def sasl_for(kafka: KafkaSettings) -> Sasl | None:
    """User name and password, or None without SASL; SettingsError if the password file cannot be read."""
    if not kafka.security_protocol.startswith("SASL"):
        return None
    assert kafka.sasl_mechanism is not None  # settings refuse SASL without it
    assert kafka.sasl_username is not None
    return Sasl(kafka.sasl_mechanism, kafka.sasl_username, _password(kafka))


def ssl_context_for(kafka: KafkaSettings) -> ssl.SSLContext | None:
    """A context that verifies certificate and host name, or None without TLS; SettingsError if a certificate is unusable."""
    if kafka.security_protocol not in ("SSL", "SASL_SSL"):
        return None
    try:
        context = ssl.create_default_context(cafile=str(kafka.ssl_ca_file) if kafka.ssl_ca_file else None)
    except OSError as error:
        raise SettingsError([Problem("settings:kafka.ssl_ca_file", f"{kafka.ssl_ca_file}: {error}")]) from error
    if kafka.ssl_cert_file is not None:
        try:
            context.load_cert_chain(kafka.ssl_cert_file, kafka.ssl_key_file)
        except OSError as error:
            raise SettingsError([Problem("settings:kafka.ssl_cert_file", f"{kafka.ssl_cert_file}: {error}")]) from error
    return context


def admin_config(settings: Settings, *, client_id: str = "newsmon-admin") -> dict[str, Any]:
    """Keyword arguments for kafka.KafkaAdminClient."""
    return _connection(settings, client_id) | KAFKA_PYTHON


def producer_config(settings: Settings, *, client_id: str) -> dict[str, Any]:
    """Keyword arguments for kafka.KafkaProducer: idempotent, acknowledged by all replicas, raw bytes in and out."""
    return (
        _connection(settings, client_id)
        | KAFKA_PYTHON
        | {
            "acks": "all",
            "enable_idempotence": True,
            "compression_type": COMPRESSION,
            "linger_ms": LINGER_MS,
            "delivery_timeout_ms": DELIVERY_TIMEOUT_MS,
            "max_block_ms": BOOTSTRAP_TIMEOUT_MS,
            "max_request_size": MAX_RECORD_BYTES,
            "allow_auto_create_topics": False,
        }
    )


def consumer_config(settings: Settings, *, client_id: str, group: str | None, member: str | None = None) -> dict[str, Any]:
    """Keyword arguments for kafka.KafkaConsumer: the caller commits, reading starts at the earliest record.

    `member` makes the membership static (group.instance.id): a restart within the session timeout moves no partition.
    """
    return _connection(settings, client_id) | KAFKA_PYTHON | _consuming(settings, group, member) | {
        "max_poll_records": MAX_POLL_RECORDS,
        "fetch_max_wait_ms": FETCH_WAIT_MS,
        "allow_auto_create_topics": False,
    }  # fmt: skip


def aio_producer_config(settings: Settings, *, client_id: str) -> dict[str, Any]:
    """Keyword arguments for aiokafka.AIOKafkaProducer, with the guarantees of `producer_config`."""
    return _connection(settings, client_id) | {
        "acks": "all",
        "enable_idempotence": True,
        "compression_type": COMPRESSION,
        "linger_ms": LINGER_MS,
        "request_timeout_ms": REQUEST_TIMEOUT_MS,  # expires batches too: then the producer is replaced
        "max_request_size": MAX_RECORD_BYTES,
    }


def aio_consumer_config(settings: Settings, *, client_id: str, group: str | None, member: str | None = None) -> dict[str, Any]:
    """Keyword arguments for aiokafka.AIOKafkaConsumer, with the guarantees of `consumer_config`."""
    return _connection(settings, client_id) | _consuming(settings, group, member) | {"max_poll_records": MAX_POLL_RECORDS}


def _consuming(settings: Settings, group: str | None, member: str | None) -> dict[str, Any]:
    session_ms = int(settings.kafka.session_timeout_s * 1000)
    return {
        "group_id": group,
        "group_instance_id": member,
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "session_timeout_ms": session_ms,
        "heartbeat_interval_ms": min(3000, session_ms // 3),
        "max_partition_fetch_bytes": MAX_RECORD_BYTES,
        "isolation_level": "read_uncommitted",
    }


def _connection(settings: Settings, client_id: str) -> dict[str, Any]:
    """The options that kafka-python and aiokafka spell alike."""
    kafka = settings.kafka
    config: dict[str, Any] = {
        "bootstrap_servers": list(bootstrap_servers(settings)),
        "client_id": client_id,
        "security_protocol": kafka.security_protocol,
        "metadata_max_age_ms": METADATA_AGE_MS,
        "connections_max_idle_ms": IDLE_MS,
    }
    context = ssl_context_for(kafka)
    if context is not None:
        config["ssl_context"] = context
    sasl = sasl_for(kafka)
    if sasl is not None:
        config |= {"sasl_mechanism": sasl.mechanism, "sasl_plain_username": sasl.username, "sasl_plain_password": sasl.password}
    return config


def _password(kafka: KafkaSettings) -> str:
    if kafka.sasl_password is not None:
        return kafka.sasl_password.get_secret_value()
    assert kafka.sasl_password_file is not None  # settings refuse SASL without a secret
    try:
        password = kafka.sasl_password_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([Problem("settings:kafka.sasl_password_file", f"{kafka.sasl_password_file}: {error}")]) from error
    if not password:
        raise SettingsError([Problem("settings:kafka.sasl_password_file", f"{kafka.sasl_password_file} is empty")])
    return password
