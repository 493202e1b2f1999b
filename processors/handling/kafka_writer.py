"""Publishes records and returns only when Kafka has acknowledged every one.

Faust's own producer is not idempotent; this one is. A producer that failed to deliver is replaced: after an expired batch its
sequence numbers have a gap, which the broker refuses.

I/O: Kafka.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError, RecordTooLargeError

from newsmon.errors import PublishError
from newsmon.kafka.clients import aio_producer_config
from newsmon.logs import get_logger
from newsmon.settings import Settings
from processors.handling.messages import Outgoing

TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError, RecordTooLargeError)
CLOSE_TIMEOUT_S = 5.0
# A whole batch of answers is queued before the sender runs: lingering for more would only add delay.
BATCHING = {"linger_ms": 0, "max_batch_size": 256 * 1024}

log = get_logger(__name__)


class KafkaWriter:
    """Publishes batches; connects on first use and after a failure."""

    def __init__(self, settings: Settings, *, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._prefix = settings.kafka.topic_prefix
        self._producer: AIOKafkaProducer | None = None
        self._connecting = asyncio.Lock()

    async def publish(self, records: Sequence[Outgoing]) -> None:
        """Send in the given order and wait for every acknowledgement.

        PublishError when one is missing: some records may have arrived, so the caller repeats all of them. It is not `retryable`
        when a record is larger than its topic allows.
        """
        if not records:
            return
        producer = await self._connected()
        sent: list[asyncio.Future[Any]] = []
        failures: list[tuple[Outgoing, BaseException]] = []
        try:
            for one in records:
                sent.append(await self._send(producer, one))
        except (KafkaError, OSError) as error:
            failures.append((records[len(sent)], error))
        outcomes = await asyncio.gather(*sent, return_exceptions=True)
        failures += [(one, outcome) for one, outcome in zip(records, outcomes, strict=False) if isinstance(outcome, BaseException)]
        if failures:
            await self._failed(producer, failures)

    async def _send(self, producer: AIOKafkaProducer, one: Outgoing) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = await producer.send(
            one.topic.named(self._prefix), key=one.key, value=one.value, partition=one.partition, headers=list(one.headers)
        )
        return future

    async def _failed(self, producer: AIOKafkaProducer, failures: list[tuple[Outgoing, BaseException]]) -> None:
        for _one, error in failures:
            if not isinstance(error, (KafkaError, OSError)):
                raise error  # cancelled, or a bug
        too_large = next(((one, error) for one, error in failures if isinstance(error, TOO_LARGE)), None)
        one, error = too_large or failures[0]
        if self._producer is producer:
            self._producer = None
        await close_within(producer, CLOSE_TIMEOUT_S)
        detail = f"{len(failures)} not acknowledged; {type(error).__name__}: {error}"
        raise PublishError(one.topic.base_name, detail, retryable=too_large is None) from error

    async def _connected(self) -> AIOKafkaProducer:
        async with self._connecting:
            if self._producer is None:
                config = aio_producer_config(self._settings, client_id=self._client_id) | BATCHING
                producer = AIOKafkaProducer(**config)
                try:
                    await producer.start()
                except (KafkaError, OSError) as error:
                    await close_within(producer, CLOSE_TIMEOUT_S)
                    raise PublishError("Kafka", f"cannot connect: {type(error).__name__}: {error}", retryable=True) from error
                self._producer = producer
            return self._producer

    async def close(self) -> None:
        """Close without waiting for records that no caller waits for."""
        if self._producer is not None:
            await close_within(self._producer, CLOSE_TIMEOUT_S)
            self._producer = None


async def close_within(client: Any, timeout_s: float) -> None:
    """Stop an aiokafka client, but give up after `timeout_s`: without a broker it would wait far longer."""
    try:
        await asyncio.wait_for(client.stop(), timeout_s)
    except (TimeoutError, KafkaError, OSError) as error:
        log.warning("kafka.client_abandoned", reason=type(error).__name__)
