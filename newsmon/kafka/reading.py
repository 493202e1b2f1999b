"""Reads topics with kafka-python, up to the end they had at the start or without end; joins a group with everything paused.

In: a consumer, partitions. Out: kafka-python's own records, in the order of each partition. I/O: Kafka.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kafka import KafkaConsumer, TopicPartition
    from kafka.consumer.fetcher import ConsumerRecord

POLL_MS = 250
# Without a record for this long, although the end was not reached, the broker no longer serves us.
SILENT_S = 30.0

OnPartitions = Callable[["frozenset[TopicPartition]"], None]


def partitions_of(consumer: KafkaConsumer, topic: str) -> list[TopicPartition]:
    """The topic's partitions in order; none when there is no such topic."""
    from kafka import TopicPartition

    return [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]


def read_to_end(
    consumer: KafkaConsumer,
    partitions: Iterable[TopicPartition],
    *,
    starts: Mapping[TopicPartition, int] | None = None,
    ends: Mapping[TopicPartition, int] | None = None,
    stopped: threading.Event | None = None,
) -> Iterator[ConsumerRecord]:
    """Every record of the partitions from `starts` (default: the beginning) up to `ends` (default: where they end now).

    Ends early once `stopped` is set. KafkaTimeoutError when no record comes for SILENT_S although the end was not reached.
    """
    from kafka.errors import KafkaTimeoutError

    wanted = list(partitions)
    if not wanted:
        return
    consumer.assign(wanted)
    consumer.resume(*wanted)  # an earlier reading with the same consumer has paused what it read to the end
    consumer.seek_to_beginning(*wanted)
    for partition, offset in (starts or {}).items():
        consumer.seek(partition, offset)
    open_until = dict(ends if ends is not None else consumer.end_offsets(wanted))
    silent_s = 0.0
    while True:
        # The position tells, not the last record: compaction leaves holes.
        for partition in [partition for partition, end in open_until.items() if consumer.position(partition) >= end]:
            consumer.pause(partition)
            del open_until[partition]
        if not open_until or (stopped is not None and stopped.is_set()):
            return
        started = time.monotonic()
        polled = consumer.poll(timeout_ms=POLL_MS)
        silent_s = 0.0 if polled else silent_s + time.monotonic() - started
        if silent_s > SILENT_S:
            names = ", ".join(f"{partition.topic}/{partition.partition}" for partition in sorted(open_until))
            raise KafkaTimeoutError(f"{names}: no records for {SILENT_S:.0f} s although the end was not reached")
        for partition, records in polled.items():
            end = open_until.get(partition, 0)
            yield from (record for record in records if record.offset < end)


def follow(consumer: KafkaConsumer, stopped: threading.Event) -> Iterator[ConsumerRecord]:
    """Every record of the assigned partitions from their positions on, until `stopped` is set."""
    while not stopped.is_set():
        for records in consumer.poll(timeout_ms=POLL_MS).values():
            yield from records


def paused_listener(consumer: KafkaConsumer, on_assigned: OnPartitions, on_revoked: OnPartitions) -> Any:
    """A rebalance listener that pauses each new partition at once, so that nothing is read before the caller says from where.

    Kafka's thread calls both functions; they must not touch the network.
    """
    from kafka import ConsumerRebalanceListener

    class PausedListener(ConsumerRebalanceListener):  # type: ignore[misc]
        def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
            arrived = frozenset(assigned)
            for partition in arrived:
                consumer.pause(partition)
                consumer.seek(partition, 0)  # any position: without one the client would ask Kafka for the committed offset
            on_assigned(arrived)

        def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
            # A rebalance has begun. kafka-python 3.0.12 may forget that it wants to join: after a change of the topic's metadata it
            # takes the join for done once the assignment is made, and a poll that times out before the group answers is the last
            # that asks. The member is then expelled in silence. The client clears this flag when it has joined.
            consumer._coordinator.request_rejoin()  # noqa: SLF001 - nothing public asks for it
            on_revoked(frozenset(revoked))

        def on_partitions_lost(self, lost: Iterable[TopicPartition]) -> None:
            on_revoked(frozenset(lost))

    return PausedListener()
