"""The feeds this replica polls and their states, from the consumer group and the compacted topic news.feed-state.

A feed belongs to the partition of its key, and the consumer group assigns partitions to replicas. The states of a partition are read
when it is assigned and dropped when it is revoked. The group's consumer reads nothing itself: it stays paused, for membership only.

When the topic is another one under the same name (deleted and created again while we run), it is empty: then the states that this
replica had in memory stay valid, and each is written whole with the feed's next poll.

Out: `owned()`, `state_of()`, and leases, which tell whether a feed has moved to another replica. I/O: Kafka, on its own thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import AuthorizationError, KafkaError

from newsmon.clock import ClockStep
from newsmon.errors import DependencyError, PublishError, RecordError, RefusedError
from newsmon.kafka.clients import group_id
from newsmon.kafka.connect import open_consumer
from newsmon.kafka.positions.identity import log_id_seen_by, same_log
from newsmon.kafka.reading import POLL_MS, paused_listener
from newsmon.liveness.dependencies import SeldomSaid
from newsmon.logs import get_logger
from newsmon.metrics import KAFKA_ASSIGNED, KAFKA_REBALANCES, LOG_LOSSES
from newsmon.quarantine import Quarantined, Stage, reason_of
from newsmon.records import FeedKnown, FeedState
from newsmon.records.resume_reasons import ResumeReason
from newsmon.settings import Settings
from newsmon.topics import FEED_STATE
from producers.articles.state_record import SavedState, StateWrite, saved_state_of, state_write_after
from producers.polling.state_reader import CLOSE_TIMEOUT_MS, partition_of, read_bases, read_states
from producers.timing.clock_steps import moved_on, set_right

if TYPE_CHECKING:
    from kafka.consumer.fetcher import ConsumerRecord

RETRY_S = 2.0
QUIET_S = 0.5  # between polls of the group, whose partitions are all paused: the client would look again every 0.1 s
CONSUMER = "producer"
WRITE_WHOLE = b""  # as the base of a state, makes its next record hold all entries
JOIN_WITHIN_S = 60.0  # a coordinator may leave a first member unanswered for minutes; a second one wakes it

log = get_logger(__name__)

Quarantine = Callable[[Quarantined], None]


@dataclass(frozen=True, slots=True)
class Lease:
    """Valid until the feed's partition leaves this replica; see `FeedStates.holds`."""

    partition: int
    epoch: int


class FeedStates(threading.Thread):
    """Runs until `stop()`, through every outage. `failed` is the error that ended it, if any: a refusal or a bug."""

    def __init__(self, settings: Settings, feed_ids: Iterable[str], *, quarantine: Quarantine, worker: str) -> None:
        super().__init__(name="feed-states", daemon=True)
        self._settings = settings
        self._topic = FEED_STATE.named(settings.kafka.topic_prefix)
        self._group = group_id(settings, "producer")
        self._quarantine = quarantine
        self._worker = worker
        self._feed_ids = tuple(feed_ids)
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._partition_of: Mapping[str, int] = {}
        self._epochs: dict[int, int] = {}  # by partition, of those assigned and read
        self._arrived: set[int] = set()  # assigned, not yet read
        self._epoch = 0
        self._joined = False
        self._saved: dict[str, SavedState] = {}
        self._seldom = SeldomSaid()
        self._former: dict[str, SavedState] = {}  # of the partitions revoked last
        self._inherited: dict[str, SavedState] = {}  # known from a topic that is no longer there
        self._log_id: str | None = None  # of the topic that was read last
        self.failed: Exception | None = None
        LOG_LOSSES.labels(CONSUMER, ResumeReason.LOG_REPLACED.value)

    def stop(self) -> None:
        self._stopped.set()

    def owned(self) -> tuple[str, ...]:
        """The feeds this replica polls now, in configuration order."""
        with self._lock:
            return tuple(feed for feed in self._feed_ids if self._partition_of.get(feed) in self._epochs)

    def unread_count(self) -> int:
        """How many partitions were assigned whose feeds are not polled yet, because their states have not been read."""
        with self._lock:
            return len(self._arrived)

    def state_of(self, feed_id: str) -> FeedState | None:
        """The feed's last state; None before its first poll."""
        with self._lock:
            saved = self._saved.get(feed_id)
        return saved.state if saved else None

    def lease(self, feed_id: str) -> Lease | None:
        with self._lock:
            partition = self._partition_of.get(feed_id, -1)
            epoch = self._epochs.get(partition)
            return None if epoch is None else Lease(partition, epoch)

    def holds(self, lease: Lease) -> bool:
        with self._lock:
            return self._epochs.get(lease.partition) == lease.epoch

    def state_write_after(self, state: FeedState) -> StateWrite:
        """The records for the state, which Kafka must acknowledge before `remember` is called."""
        with self._lock:
            last = self._saved.get(state.feed_id)
        return state_write_after(state, last)

    def remember(self, written: StateWrite, lease: Lease) -> None:
        """Keep a state that Kafka has acknowledged."""
        with self._lock:
            if self._epochs.get(lease.partition) == lease.epoch:
                self._saved[written.record.feed_id] = written.saved

    def clock_stepped(self, step: ClockStep) -> None:
        """The system clock was set: every feed waits for as long as it would have."""
        with self._lock:
            for feed_id, saved in self._saved.items():
                state = moved_on(saved.state, step.span) if step.seconds > 0 else set_right(saved.state, now=step.at)
                self._saved[feed_id] = replace(saved, state=state)

    def run(self) -> None:
        try:
            self._hold_membership()
        except (KafkaError, DependencyError, OSError) as error:
            log.error("feed_states.ended", reason=f"{type(error).__name__}: {error}"[:300])
            self.failed = error
        finally:
            if self.failed is None and not self._stopped.is_set():  # a bug; without membership the producer would idle forever
                self.failed = RuntimeError("the thread that reads the feeds' states ended unexpectedly")

    def _hold_membership(self) -> None:
        while not self._stopped.is_set():
            try:
                self._be_a_member()
            except RefusedError:
                raise
            except (KafkaError, DependencyError, OSError) as error:
                self._wait(error)

    def _wait(self, error: Exception) -> None:
        if self._seldom.is_due():
            log.warning("feed_states.waiting", reason=f"{type(error).__name__}: {error}"[:300], retry_in_s=RETRY_S)
        self._stopped.wait(RETRY_S)

    def _be_a_member(self) -> None:
        """Stay a member until stopped. If the group does not answer the first request to join, return, and another member joins."""
        consumer = open_consumer(self._settings, client_id=self._group, group=self._group)
        partitions: set[int] = set()
        try:
            partitions = consumer.partitions_for_topic(self._topic) or set()
            if not partitions:  # the broker has lost its topics; the next publishing creates them
                raise DependencyError("Kafka", f"{self._topic} does not exist")
            self._partition_of = {feed: partition_of(feed, len(partitions)) for feed in self._feed_ids}
            self._joined = False
            consumer.subscribe([self._topic], listener=paused_listener(consumer, self._on_assigned, self._on_revoked))
            deadline_s = time.monotonic() + JOIN_WITHIN_S
            while not self._stopped.is_set() and (self._joined or time.monotonic() < deadline_s):
                self._poll_group(consumer)
                if self._joined:
                    self._stopped.wait(QUIET_S)
            if not self._joined and not self._stopped.is_set():
                log.warning("feed_states.join_unanswered", reason=f"the group did not answer within {JOIN_WITHIN_S:.0f} s; joining again")
        finally:
            self.revoked(partitions)
            with suppress(KafkaError):
                consumer.close(autocommit=False, timeout_ms=CLOSE_TIMEOUT_MS)

    def _poll_group(self, consumer: KafkaConsumer) -> None:
        """Stay in the group and read newly assigned partitions. If the broker is down, wait: nothing is lost meanwhile."""
        try:
            consumer.poll(timeout_ms=POLL_MS)
            log_id = log_id_seen_by(consumer, self._topic)
            if log_id is not None and not same_log(self._log_id, log_id):
                self._take_over(log_id)
            self._read_arrived()
            self._log_id = log_id or self._log_id
        except AuthorizationError as error:
            raise RefusedError("Kafka", f"no permission to read {self._topic}: {error}. Check the user's permissions.") from error
        except (KafkaError, DependencyError, PublishError, OSError) as error:
            self._wait(error)

    def _on_assigned(self, partitions: frozenset[TopicPartition]) -> None:
        """Kafka's thread: these were given to us; they stay paused, their content is read elsewhere."""
        self._joined = True
        with self._lock:
            self._arrived |= {one.partition for one in partitions}
        KAFKA_REBALANCES.labels(self._group).inc()

    def _on_revoked(self, partitions: frozenset[TopicPartition]) -> None:
        self.revoked(one.partition for one in partitions)

    def revoked(self, partitions: Iterable[int]) -> None:
        gone = set(partitions)
        with self._lock:
            self._arrived -= gone
            for partition in gone & set(self._epochs):
                del self._epochs[partition]
            dropped = {feed: saved for feed, saved in self._saved.items() if self._partition_of.get(feed) not in self._epochs}
            self._former = dropped or self._former
            self._saved = {feed: saved for feed, saved in self._saved.items() if self._partition_of.get(feed) in self._epochs}
            held = len(self._epochs)
        KAFKA_ASSIGNED.labels(self._group, FEED_STATE.base_name).set(held)

    def _take_over(self, log_id: str) -> None:
        """The topic is another one: keep what is in memory, as states that refer to no base and are written whole next time."""
        with self._lock:
            self._saved = {feed: SavedState(saved.state, WRITE_WHOLE) for feed, saved in self._saved.items()}
            self._inherited = {feed: SavedState(saved.state, WRITE_WHOLE) for feed, saved in (self._former | self._saved).items()}
        LOG_LOSSES.labels(CONSUMER, ResumeReason.LOG_REPLACED.value).inc()
        log.error("feed_states.log_replaced", topic=self._topic, log_before=self._log_id, log_now=log_id, kept_count=len(self._inherited))

    def _read_arrived(self) -> None:
        """Read newly assigned partitions. Their feeds are polled only after the whole partition has been read."""
        with self._lock:
            wanted = sorted(self._arrived)
        if not wanted:
            return
        found = self._read(wanted)
        if self._stopped.is_set():
            return
        with self._lock:
            still_ours = [partition for partition in wanted if partition in self._arrived]
            self._epoch += 1
            for partition in still_ours:
                self._arrived.discard(partition)
                self._epochs[partition] = self._epoch
            self._saved |= {
                feed: saved for feed, saved in (self._inherited | found).items() if self._partition_of.get(feed) in still_ours
            }  # fmt: skip
            for kept in (self._former, self._inherited):
                for feed in [feed for feed in kept if self._partition_of.get(feed) in still_ours]:
                    del kept[feed]
            held = len(self._epochs)
        KAFKA_ASSIGNED.labels(self._group, FEED_STATE.base_name).set(held)
        self._seldom.over()
        log.info("feed_states.read", partition_count=len(still_ours), state_count=len(found))

    def _read(self, partitions: list[int]) -> dict[str, SavedState]:
        """The states first, then their bases: a base is written before the first state that refers to it and kept until after the last."""
        states = read_states(self._settings, self._topic, partitions, self._set_aside, stopped=self._stopped)
        bases: dict[str, FeedKnown] = {}
        if any(state.known_base for state in states.values()) and not self._stopped.is_set():
            bases = read_bases(self._settings, states, self._set_aside, stopped=self._stopped)
        found: dict[str, SavedState] = {}
        for feed_id, state in states.items():
            if self._stopped.is_set() or feed_id not in self._partition_of:
                continue  # a feed that is no longer configured
            found[feed_id], is_whole = saved_state_of(set_right(state, now=datetime.now(UTC)), bases.pop(feed_id, None))
            if not is_whole:
                log.warning("feed_states.base_missing", feed_id=feed_id, reason="entries its state refers to are not in news.feed-known")
        return found

    def _set_aside(self, record: ConsumerRecord, error: RecordError) -> None:
        self._quarantine(
            Quarantined(
                stage=Stage.PRODUCER,
                reason=reason_of(error),
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                error=str(error),
                at=datetime.now(UTC),
                worker=self._worker,
                key=record.key,
                value=record.value,
            )
        )
