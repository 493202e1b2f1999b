"""Publishes records and returns once Kafka has acknowledged all of them, with a kafka-python client that is replaced when it fails.

A client that has given up a record is not to be trusted: kafka-python 3.0.12 resets its producer id after its delivery time-out and
never asks for another, so that it sends nothing more and fails nothing more either. A new client publishes at once. What the old one
had sent may still arrive; every record of ours may be repeated.

In: records. Out: acknowledged records, or PublishError. I/O: Kafka; any number of threads may publish at once.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newsmon.errors import DependencyError, PublishError
from newsmon.kafka.connect import open_producer
from newsmon.logs import get_logger
from newsmon.settings import Settings
from newsmon.topics import Topic

if TYPE_CHECKING:
    from kafka import KafkaProducer

ACKNOWLEDGED_WITHIN_S = 30.0  # as long as the client waits for one answer of the broker
LOOK_AGAIN_S = 0.5
CLOSE_WITHIN_S = 3.0

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Keyed:
    """One record as Kafka takes it."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Publisher:
    """Connects on first use, or with `connect`. Use as a context manager, or call `close`."""

    def __init__(self, settings: Settings, *, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._prefix = settings.kafka.topic_prefix
        self._client: KafkaProducer | None = None
        self._opening = threading.Lock()
        self._failed_at_s = float("-inf")
        self._failure: DependencyError | None = None
        self._closing = threading.Event()

    def __enter__(self) -> Publisher:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def connect(self) -> None:
        """Open a client if there is none; DependencyError when Kafka does not answer."""
        self._connected()

    def publish(self, topic: Topic, records: Sequence[Keyed], *, within_s: float | None = None) -> None:
        """Return when Kafka has acknowledged all; after a PublishError none may be taken as published.

        The error is not `retryable` when Kafka refuses these records whoever sends them: too large, or no permission.
        """
        if not records:
            return
        if self._closing.is_set():
            raise PublishError(topic.base_name, "the process is stopping", retryable=True)
        try:
            client = self._connected()
        except DependencyError as error:  # also a refused password: that is not these records' fault, and others would fare no better
            raise PublishError(topic.base_name, str(error), retryable=True) from error
        deadline_s = time.monotonic() + (ACKNOWLEDGED_WITHIN_S if within_s is None else within_s)
        self._acknowledged(client, topic, [self._sent(client, topic, one) for one in records], deadline_s)

    def give_up(self) -> None:
        """End all waits for acknowledgements with PublishError, now and later."""
        self._closing.set()

    def close(self) -> None:
        """Blocks for a few seconds at most. Records without acknowledgement are dropped; whoever published them repeats them."""
        self.give_up()
        with self._opening:
            client, self._client = self._client, None
        if client is not None:
            abandon(client)

    def _connected(self) -> KafkaProducer:
        asked_at_s = time.monotonic()
        with self._opening:
            if self._client is not None:
                return self._client
            if self._failure is not None and self._failed_at_s > asked_at_s:  # somebody has tried while we waited for the lock
                raise self._failure
            try:
                self._client = open_producer(self._settings, client_id=self._client_id)
            except DependencyError as error:
                self._failure, self._failed_at_s = error, time.monotonic()
                raise
            self._failure = None
            return self._client

    def _sent(self, client: KafkaProducer, topic: Topic, one: Keyed) -> Any:
        from kafka.errors import KafkaError

        try:
            return client.send(topic.named(self._prefix), key=one.key, value=one.value, headers=list(one.headers))
        except KafkaError as error:
            raise self._failed(client, topic, error) from error

    def _acknowledged(self, client: KafkaProducer, topic: Topic, futures: Sequence[Any], deadline_s: float) -> None:
        from kafka.errors import KafkaError, KafkaTimeoutError

        for future in futures:
            while not future.is_done and not self._closing.is_set() and time.monotonic() < deadline_s:
                with contextlib.suppress(KafkaError):  # a time-out of this wait, or the error handled below
                    future.get(timeout=LOOK_AGAIN_S)
            if not future.is_done:
                error = KafkaTimeoutError("not acknowledged in time, or before the process stopped")
                raise self._failed(client, topic, error)
            if (found := future.exception) is not None:
                raise self._failed(client, topic, found) from found

    def _failed(self, client: KafkaProducer, topic: Topic, error: BaseException) -> PublishError:
        """The PublishError for a failure; the client is replaced unless the records themselves are at fault."""
        from kafka.errors import AuthorizationError, InvalidTopicError, MessageSizeTooLargeError, RecordListTooLargeError

        records_own = isinstance(error, (MessageSizeTooLargeError, RecordListTooLargeError))
        if not records_own:
            self._replace(client)
        refused = records_own or isinstance(error, (AuthorizationError, InvalidTopicError))
        return PublishError(topic.base_name, f"{type(error).__name__}: {error}", retryable=not refused)

    def _replace(self, client: KafkaProducer) -> None:
        with self._opening:
            if self._client is not client:
                return
            self._client = None
        threading.Thread(target=abandon, args=(client,), name="kafka-client-abandoned", daemon=True).start()


def abandon(client: KafkaProducer) -> None:
    """Close a client without waiting for what it has not sent: its records fail. Takes CLOSE_WITHIN_S at most."""
    from kafka.errors import KafkaError

    # `close` first flushes, and when that takes too long it raises and leaves the client's thread running for ever.
    client._sender.force_close()  # noqa: SLF001 - nothing public ends it
    try:
        client.close(timeout=CLOSE_WITHIN_S)
    except KafkaError as error:
        log.warning("kafka.client_abandoned", reason=f"{type(error).__name__}: {error}"[:200])
