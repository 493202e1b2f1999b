"""Which feeds this replica polls, and where each stands: membership and memory from compacted news.feed-state and news.feed-known.

A feed belongs to the partition of its key; the consumer group gives partitions to replicas. What a partition holds is read to its
end when it arrives and forgotten when it goes. The group consumer itself reads nothing: it stays paused, for membership only.

I/O: Kafka, on a thread of its own. Out: `owned()`, `state_of()`, and a lease that tells whether a feed changed hands meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import AuthorizationError, KafkaError
from kafka.partitioner.default import murmur2

from newsmon.codec import decode
from newsmon.errors import DependencyError, PublishError, RecordError, RecordFault
from newsmon.kafka.clients import consumer_config, group_id
from newsmon.kafka.connect import open_consumer
from newsmon.kafka.reading import paused_listener, read_to_end
from newsmon.logs import get_logger
from newsmon.metrics import KAFKA_ASSIGNED, KAFKA_REBALANCES
from newsmon.quarantine import Quarantined, Stage, reason_of
from newsmon.records import FeedKnown, FeedState
from newsmon.settings import Settings
from newsmon.topics import FEED_KNOWN, FEED_STATE
from producers.articles.known_pack import Saved, Written, as_saved, checked, to_write

if TYPE_CHECKING:
    from kafka.consumer.fetcher import ConsumerRecord

TURN_MS = 250
RETRY_S = 2.0
CLOSE_TIMEOUT_MS = 3_000
JOIN_WITHIN_S = 60.0  # a coordinator was once seen to leave a first member without an answer for minutes; another wakes it

log = get_logger(__name__)

Quarantine = Callable[[Quarantined], None]
SetAside = Callable[[Any, RecordError], None]
S = TypeVar("S", FeedState, FeedKnown)


@dataclass(frozen=True, slots=True)
class Lease:
    """Good while `FeedStates.holds` says so: the feed's partition has not left this replica since."""

    partition: int
    epoch: int


def partition_of(feed_id: str, partition_count: int) -> int:
    """The partition Kafka's default partitioner gives a feed's records (murmur2, as every client of ours)."""
    hashed: int = murmur2(feed_id.encode("utf-8"))
    return (hashed & 0x7FFFFFFF) % partition_count


class FeedStates(threading.Thread):
    """Runs until `stop()`. `failed` holds the error that ended it, if one did."""

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
        self._epochs: dict[int, int] = {}  # of partitions held and read
        self._arrived: set[int] = set()  # held, not yet read
        self._epoch = 0
        self._joined = False
        self._saved: dict[str, Saved] = {}
        self.failed: Exception | None = None

    def stop(self) -> None:
        self._stopped.set()

    def owned(self) -> tuple[str, ...]:
        """Feeds this replica polls now, in configuration order."""
        with self._lock:
            return tuple(feed for feed in self._feed_ids if self._partition_of.get(feed) in self._epochs)

    def state_of(self, feed_id: str) -> FeedState | None:
        """The feed's last state; None before its first poll ever."""
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

    def to_write(self, state: FeedState) -> Written:
        """What must be acknowledged by Kafka before `remember` takes the state over."""
        with self._lock:
            last = self._saved.get(state.feed_id)
        return to_write(state, last)

    def remember(self, written: Written, lease: Lease) -> None:
        """Take over a state that Kafka has acknowledged."""
        with self._lock:
            if self._epochs.get(lease.partition) == lease.epoch:
                self._saved[written.record.feed_id] = written.saved

    def run(self) -> None:
        try:
            self._hold_membership()
        except (KafkaError, DependencyError, OSError) as error:
            log.error("feed_states.ended", reason=f"{type(error).__name__}: {error}"[:300])
            self.failed = error
        finally:
            if self.failed is None and not self._stopped.is_set():  # a bug: a producer without membership would idle for ever
                self.failed = RuntimeError("the thread that holds the feeds ended unexpectedly")

    def _hold_membership(self) -> None:
        while not self._stopped.is_set():
            self._be_a_member()

    def _be_a_member(self) -> None:
        """Until stopped, or until the group has left the first wish to join without an answer: then another member asks."""
        consumer = open_consumer(self._settings, client_id=self._group, group=self._group)
        partitions: set[int] = set()
        try:
            partitions = consumer.partitions_for_topic(self._topic) or set()
            self._partition_of = {feed: partition_of(feed, len(partitions)) for feed in self._feed_ids}
            self._joined = False
            consumer.subscribe([self._topic], listener=paused_listener(consumer, self._on_assigned, self._on_revoked))
            deadline_s = time.monotonic() + JOIN_WITHIN_S
            while not self._stopped.is_set() and (self._joined or time.monotonic() < deadline_s):
                self._turn(consumer)
            if not self._joined and not self._stopped.is_set():
                log.warning("feed_states.join_unanswered", reason=f"no answer of the group within {JOIN_WITHIN_S:.0f} s: asking anew")
        finally:
            self.revoked(partitions)
            consumer.close(autocommit=False, timeout_ms=CLOSE_TIMEOUT_MS)

    def _turn(self, consumer: KafkaConsumer) -> None:
        """Stay in the group and read what arrived. A broker that is away is waited for: whatever it misses is still there later."""
        try:
            consumer.poll(timeout_ms=TURN_MS)
            self._read_arrived()
        except AuthorizationError as error:
            raise DependencyError("Kafka", f"may not read {self._topic}: {error}. Check what this user may do.") from error
        except (KafkaError, DependencyError, PublishError, OSError) as error:
            log.warning("feed_states.waiting", reason=f"{type(error).__name__}: {error}"[:300], retry_in_s=RETRY_S)
            self._stopped.wait(RETRY_S)

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
            self._saved = {feed: saved for feed, saved in self._saved.items() if self._partition_of.get(feed) in self._epochs}
            held = len(self._epochs)
        KAFKA_ASSIGNED.labels(self._group, FEED_STATE.base_name).set(held)

    def _read_arrived(self) -> None:
        """Read what arrived; a feed is ours to poll only when its partition has been read to the end."""
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
            self._saved |= {feed: saved for feed, saved in found.items() if self._partition_of.get(feed) in still_ours}
            held = len(self._epochs)
        KAFKA_ASSIGNED.labels(self._group, FEED_STATE.base_name).set(held)
        log.info("feed_states.read", partition_count=len(still_ours), state_count=len(found))

    def _read(self, partitions: list[int]) -> dict[str, Saved]:
        """The states first: what one of them refers to was there before it, and is not taken away while it is the last."""
        states = read_states(self._settings, self._topic, partitions, self._set_aside, stopped=self._stopped)
        bases: dict[str, FeedKnown] = {}
        if any(state.known_base for state in states.values()) and not self._stopped.is_set():
            bases = read_bases(self._settings, states, self._set_aside, stopped=self._stopped)
        found: dict[str, Saved] = {}
        for feed_id, state in states.items():
            if self._stopped.is_set() or feed_id not in self._partition_of:
                continue  # feeds no longer configured
            found[feed_id], is_whole = as_saved(state, bases.pop(feed_id, None))
            if not is_whole:
                log.warning("feed_states.base_missing", feed_id=feed_id, reason="its state refers to entries that news.feed-known has not")
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


def read_states(
    settings: Settings,
    topic: str,
    partitions: Iterable[int],
    set_aside: SetAside,
    *,
    stopped: threading.Event | None = None,
) -> dict[str, FeedState]:
    """The last readable state of every feed in these partitions, read to the end they have now (or until `stopped`).

    As they travel: the known entries of one that refers to a base are not all there. Bytes that are no state are passed over: a feed
    goes on from its state before them, or from none. They are set aside unless a good state of the same feed came later, so that a
    restart does not set them aside again.
    """
    return _last_of_each(settings, topic, partitions, FeedState, set_aside, stopped)


def read_bases(
    settings: Settings, states: Mapping[str, FeedState], set_aside: SetAside, *, stopped: threading.Event | None = None
) -> dict[str, FeedKnown]:
    """What these states refer to, and other bases of their partitions, which nobody need look at."""
    topic = FEED_KNOWN.named(settings.kafka.topic_prefix)
    consumer = KafkaConsumer(**consumer_config(settings, client_id="newsmon-feed-known", group=None))
    try:
        count = len(consumer.partitions_for_topic(topic) or ())
    finally:
        consumer.close(autocommit=False, timeout_ms=CLOSE_TIMEOUT_MS)
    partitions = {partition_of(feed_id, count) for feed_id, state in states.items() if state.known_base} if count else set()
    return _last_of_each(settings, topic, partitions, FeedKnown, set_aside, stopped)


def _last_of_each(
    settings: Settings, topic: str, partitions: Iterable[int], kind: type[S], set_aside: SetAside, stopped: threading.Event | None
) -> dict[str, S]:
    consumer = KafkaConsumer(**consumer_config(settings, client_id="newsmon-feed-states", group=None))
    found: dict[str, S] = {}
    poison: dict[bytes | None, tuple[Any, RecordError]] = {}
    try:
        places = [TopicPartition(topic, partition) for partition in partitions]
        for record in read_to_end(consumer, places, stopped=stopped):
            _take(record, kind, found, poison)
    finally:
        consumer.close(autocommit=False, timeout_ms=CLOSE_TIMEOUT_MS)
    for record, error in poison.values():
        set_aside(record, error)
    return found


def _take(record: Any, kind: type[S], found: dict[str, S], poison: dict[bytes | None, tuple[Any, RecordError]]) -> None:
    key = (record.key or b"").decode("utf-8", "replace")
    if record.value is None:
        found.pop(key, None)
        poison.pop(record.key, None)
        return
    try:
        one = checked(decode(record.value, kind))
        if one.feed_id != key:
            raise RecordError(RecordFault.WRONG_SHAPE, f"the record of {one.feed_id!r} under the key {key!r}")
    except RecordError as error:
        poison[record.key] = (record, error)
        return
    found[key] = one
    poison.pop(record.key, None)
