"""Opens kafka-python clients. An unreachable broker raises DependencyError with the hosts and what to do."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from newsmon.errors import DependencyError, RefusedError
from newsmon.host.disks import why_full
from newsmon.kafka.address import bootstrap_servers, local_broker_dir, uses_local_broker
from newsmon.kafka.clients import BOOTSTRAP_TIMEOUT_MS, admin_config, consumer_config, producer_config
from newsmon.kafka.probe import Answer, probe
from newsmon.kafka.prompt_connections import constructed
from newsmon.settings import Settings

if TYPE_CHECKING:
    from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer


ANSWER_WITHIN_S = 2.0


class _ConnectionFailures(logging.Handler):
    """Collects why connections failed: kafka-python only logs the reason and then raises "Unable to bootstrap"."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._seen: list[Exception] = []

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.args, tuple):
            self._seen += [value for value in record.args if isinstance(value, Exception)]

    def refusal(self) -> Exception | None:
        """The broker's refusal of our user name or password, if it was among the failures."""
        from kafka.errors import SaslAuthenticationFailedError

        return next((error for error in self._seen if isinstance(error, SaslAuthenticationFailedError)), None)

    def last(self) -> Exception | None:
        """The last failure that is more specific than a timeout."""
        from kafka.errors import KafkaTimeoutError

        return next((error for error in reversed(self._seen) if not isinstance(error, KafkaTimeoutError)), None)


@contextmanager
def reaching_kafka(settings: Settings) -> Iterator[None]:
    """Turn the errors of a broker that is unreachable into DependencyError, and of one that refuses us into RefusedError."""
    from kafka.errors import AuthorizationError, KafkaConnectionError, KafkaError, KafkaTimeoutError, SaslAuthenticationFailedError

    servers = ", ".join(bootstrap_servers(settings))
    with _watching_connections() as failures:
        try:
            yield
        except (SaslAuthenticationFailedError, AuthorizationError) as error:
            raise _refused(servers, error) from error
        except (KafkaConnectionError, KafkaTimeoutError, OSError) as error:
            refusal = failures.refusal()
            if refusal is not None:
                raise _refused(servers, refusal) from error
            raise DependencyError("Kafka", f"no response from {servers} ({failures.last() or error}). {_hint(settings)}.") from error
        except KafkaError as error:
            raise DependencyError("Kafka", f"{servers}: {type(error).__name__}: {error}") from error


def _hint(settings: Settings) -> str:
    if settings.starts_own_kafka:
        return "Start `newsmon run`"
    if uses_local_broker(settings):
        return why_full(local_broker_dir(settings)) or "That is newsmon's own broker, which `newsmon run` keeps running"
    # A broker that refuses a password often just closes the connection, before kafka-python has read the refusal.
    sasl = "kafka.sasl_username, its password, " if settings.kafka.security_protocol.startswith("SASL") else ""
    return f"Check {sasl}kafka.bootstrap_servers, kafka.security_protocol and the network"


def _refused(servers: str, error: Exception) -> RefusedError:
    return RefusedError("Kafka", f"{servers} refused access: {error}. Check kafka.sasl_username, its password and its permissions.")


class _QuietConnections:
    """Keeps kafka-python's lines about single connection attempts, dozens a minute, out of the log while a caller waits for the result
    and then raises one error. Several threads may wait at once. The debug level shows all lines."""

    def __init__(self) -> None:
        self._logger = logging.getLogger("kafka.net")
        self._logger.addHandler(logging.NullHandler())  # without a handler, Python prints what does not propagate
        self._lock = threading.Lock()
        self._waiting_count = 0

    def __enter__(self) -> None:
        with self._lock:
            self._waiting_count += 1
            self._logger.propagate = logging.getLogger().isEnabledFor(logging.DEBUG)

    def __exit__(self, *_error: object) -> None:
        with self._lock:
            self._waiting_count -= 1
            if self._waiting_count == 0:
                self._logger.propagate = True


_quiet_connections = _QuietConnections()


@contextmanager
def _watching_connections() -> Iterator[_ConnectionFailures]:
    logger, failures = logging.getLogger("kafka.net.manager"), _ConnectionFailures()
    logger.addHandler(failures)
    try:
        with _quiet_connections:
            yield failures
    finally:
        logger.removeHandler(failures)


def open_producer(settings: Settings, *, client_id: str) -> KafkaProducer:
    """A connected producer; DependencyError after a bounded wait."""
    from kafka import KafkaProducer

    with reaching_kafka(settings):
        return constructed(KafkaProducer, producer_config(settings, client_id=client_id))


def open_consumer(settings: Settings, *, client_id: str, group: str | None, member: str | None = None) -> KafkaConsumer:
    """A connected consumer without a subscription; DependencyError after a bounded wait."""
    from kafka import KafkaConsumer

    with reaching_kafka(settings):
        return constructed(KafkaConsumer, consumer_config(settings, client_id=client_id, group=group, member=member))


@contextmanager
def admin_client(settings: Settings, *, timeout_ms: int = BOOTSTRAP_TIMEOUT_MS) -> Iterator[KafkaAdminClient]:
    """A connected admin client, closed at the end; DependencyError after `timeout_ms` and for failures inside the block."""
    from kafka import KafkaAdminClient

    with reaching_kafka(settings):
        client = constructed(KafkaAdminClient, admin_config(settings) | {"bootstrap_timeout_ms": timeout_ms})
        try:
            yield client
        finally:
            client.close()


def await_answer(settings: Settings) -> None:
    """Return when a broker answers a new connection; DependencyError after a few seconds at most.

    Clients find out late that a broker is back: they wait for connections that a stopped broker never took, for up to half a minute.
    """
    if settings.kafka.security_protocol != "PLAINTEXT":
        with admin_client(settings, timeout_ms=int(ANSWER_WITHIN_S * 2000)):
            return
    reason = ""
    for server in bootstrap_servers(settings):
        host, _, port = server.rpartition(":")
        found = probe(host.strip("[]"), int(port), timeout_s=ANSWER_WITHIN_S)
        if found.answer is Answer.READY:
            return
        reason = f"{found.answer.value} {found.detail}".strip()
    raise DependencyError("Kafka", f"no response from {', '.join(bootstrap_servers(settings))} ({reason}). {_hint(settings)}.")
