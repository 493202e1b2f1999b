"""Open kafka-python clients, with a broker out of reach told as what it is: DependencyError with the hosts and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from newsmon.errors import DependencyError
from newsmon.kafka.address import bootstrap_servers
from newsmon.kafka.clients import BOOTSTRAP_TIMEOUT_MS, admin_config, consumer_config, producer_config
from newsmon.settings import Settings

if TYPE_CHECKING:
    from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer


@contextmanager
def reaching_kafka(settings: Settings) -> Iterator[None]:
    """Turn errors of a broker that cannot be reached, or refuses us, into DependencyError."""
    from kafka.errors import AuthorizationError, KafkaConnectionError, KafkaError, KafkaTimeoutError, SaslAuthenticationFailedError

    servers = ", ".join(bootstrap_servers(settings))
    try:
        yield
    except (SaslAuthenticationFailedError, AuthorizationError) as error:
        raise DependencyError("Kafka", f"{servers} refuses us: {error}. Check kafka.sasl_* and what this user may do.") from error
    except (KafkaConnectionError, KafkaTimeoutError, OSError) as error:
        check = "Check kafka.bootstrap_servers, kafka.security_protocol and the network"
        hint = "Start `newsmon run`" if settings.starts_own_kafka else check
        raise DependencyError("Kafka", f"no answer from {servers} ({error}). {hint}.") from error
    except KafkaError as error:
        raise DependencyError("Kafka", f"{servers}: {type(error).__name__}: {error}") from error


def open_producer(settings: Settings, *, client_id: str) -> KafkaProducer:
    """Return a connected producer; DependencyError after a bounded wait."""
    from kafka import KafkaProducer

    with reaching_kafka(settings):
        return KafkaProducer(**producer_config(settings, client_id=client_id))


def open_consumer(settings: Settings, *, client_id: str, group: str | None, member: str | None = None) -> KafkaConsumer:
    """Return a connected consumer without a subscription; DependencyError after a bounded wait."""
    from kafka import KafkaConsumer

    with reaching_kafka(settings):
        return KafkaConsumer(**consumer_config(settings, client_id=client_id, group=group, member=member))


@contextmanager
def admin_client(settings: Settings, *, timeout_ms: int = BOOTSTRAP_TIMEOUT_MS) -> Iterator[KafkaAdminClient]:
    """Give a connected admin client and close it; DependencyError after `timeout_ms`, and for what goes wrong inside the block."""
    from kafka import KafkaAdminClient

    with reaching_kafka(settings):
        client = KafkaAdminClient(**admin_config(settings) | {"bootstrap_timeout_ms": timeout_ms})
        try:
            yield client
        finally:
            client.close()
