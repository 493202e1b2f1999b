"""The control: a plain aiokafka loop over the product's own handlings. Commits per partition, after the effects.

It passes the same conformance suite as the Faust runner, so a failure of one of them alone tells a fault of Faust from one of ours.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import KafkaError

from newsmon.errors import DependencyError
from newsmon.kafka.clients import aio_consumer_config
from newsmon.logs import get_logger
from processors.handling.kafka_writer import close_within
from processors.handling.messages import Incoming
from processors.runner.app import FETCH_WAIT_MS
from processors.runner.parts import ProcessorParts

IDLE_POLL_MS = 200
CLOSE_TIMEOUT_S = 10.0
REBALANCE_TIMEOUT_MS = 60_000
BACKOFF_S = 1.0

log = get_logger(__name__)


async def run_plain(parts: ProcessorParts, stop: asyncio.Event) -> None:
    """Process until `stop` is set, then commit the finished batches. DependencyError when Kafka is out of reach at the start."""
    config = aio_consumer_config(parts.settings, client_id=parts.group, group=parts.group, member=parts.instance)
    consumer = AIOKafkaConsumer(
        **config,
        partition_assignment_strategy=(RoundRobinPartitionAssignor,),  # Faust's too: both runners can be members of one group
        rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
        fetch_max_wait_ms=FETCH_WAIT_MS,
    )
    loop = _Loop(parts, consumer)
    consumer.subscribe([parts.articles_topic, parts.matches_topic], listener=loop)
    try:
        await consumer.start()
    except (KafkaError, OSError) as error:
        await close_within(consumer, CLOSE_TIMEOUT_S)
        raise DependencyError("Kafka", f"{type(error).__name__}: {error}") from error
    try:
        while not stop.is_set():
            parts.health.beat()
            await loop.turn()
        await loop.commit()
    finally:
        await close_within(consumer, CLOSE_TIMEOUT_S)
        await parts.classify_batches.keep_counts()
        await parts.writer.close()


class _Loop(ConsumerRebalanceListener):  # type: ignore[misc]
    """Fetch, handle, note, commit. A rebalance waits for the batch in progress and commits it before the partitions go."""

    def __init__(self, parts: ProcessorParts, consumer: AIOKafkaConsumer) -> None:
        self._parts = parts
        self._consumer = consumer
        self._batch = asyncio.Lock()
        self._generation = 0  # of the assignment; odd during a rebalance
        self._done: dict[TopicPartition, int] = {}  # answered, not yet committed: partition -> next offset
        self._commit_at_s = 0.0

    async def turn(self) -> None:
        """One round; records fetched under an assignment that has ended meanwhile are left to their new owner.

        `getmany` waits through a rebalance and returns records of the assignment after it, its position moved past them. Only
        records still waiting here when the next rebalance begins may be left. So the assignment is noted after the fetch.
        """
        try:
            fetched = await self._consumer.getmany(timeout_ms=IDLE_POLL_MS, max_records=self._parts.settings.processor.batch_size)
        except (KafkaError, OSError) as error:
            self._parts.health.waiting_for("fetch", f"{type(error).__name__}: {error}")
            log.error("kafka.fetch_failed", error=str(error)[:300], retry_in_s=BACKOFF_S)
            await asyncio.sleep(BACKOFF_S)
            return
        self._parts.health.has("fetch")
        generation = self._generation
        async with self._batch:
            if generation == self._generation:
                await self._handle(fetched)
                if time.monotonic() >= self._commit_at_s:
                    await self._commit()

    async def commit(self) -> None:
        """Commit everything answered."""
        async with self._batch:
            await self._commit()

    async def _handle(self, fetched: dict[TopicPartition, list[Any]]) -> None:
        articles: list[Incoming] = []
        matches: list[Incoming] = []
        for place, records in fetched.items():
            into = articles if place.topic == self._parts.articles_topic else matches
            into += map(Incoming.of, records)
        async with asyncio.TaskGroup() as both:  # each waits for Kafka most of the time
            if articles:
                both.create_task(self._parts.classify_batches.handle(articles))
            if matches:
                both.create_task(self._parts.group_batches.handle(matches))
        self._done |= {place: records[-1].offset + 1 for place, records in fetched.items() if records}

    async def _commit(self) -> None:
        self._commit_at_s = time.monotonic() + self._parts.settings.processor.commit_interval_s
        if not self._done:
            return
        try:
            await self._consumer.commit(dict(self._done))
        except (KafkaError, OSError) as error:  # moved away, or no coordinator: the next commit or the next owner repairs it
            log.warning("kafka.commit_failed", error=f"{type(error).__name__}: {error}")
            return
        self._done.clear()

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        async with self._batch:
            self._generation += 1
            await self._commit()
            self._done.clear()
            self._parts.group_batches.drop(place.partition for place in revoked if place.topic == self._parts.matches_topic)
            await self._parts.classify_batches.keep_counts(
                place.partition for place in revoked if place.topic == self._parts.articles_topic
            )
            self._parts.assignment.revoke()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._generation += 1
        places = [(place.topic, place.partition) for place in assigned]
        self._parts.group_batches.drop(partition for topic, partition in places if topic == self._parts.matches_topic)
        self._parts.assignment.assign(places)
