"""A batch leaves the right records on Kafka in the right order, even when writes fail or a record cannot be answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from support.processing import article, decide, decisions
from support.samples import NOON

from newsmon.codec import decode, encode
from newsmon.errors import PublishError
from newsmon.net.monitoring import Health
from newsmon.records import Match, StoryState
from newsmon.settings import KafkaSettings, Settings
from newsmon.topics import ALERTS, QUARANTINE, STORIES, STORY_STATE, WORD_COUNTS
from processors.handling.classify_batches import ClassifyBatches
from processors.handling.group_batches import GroupBatches
from processors.handling.kafka_access import KafkaAccess
from processors.handling.kafka_writer import KafkaWriter
from processors.handling.messages import Incoming, Outgoing
from processors.handling.state_reader import Replayed, StateReader

Refuses = Callable[[Sequence[Outgoing]], PublishError | None]


class Log(KafkaWriter, StateReader):
    """A log in memory that takes every record, or refuses a batch as told: after `takes` of its records."""

    def __init__(self, refuses: Refuses = lambda records: None, takes: int = 0) -> None:
        self.written: list[Outgoing] = []
        self.refuses = refuses
        self.takes = takes

    async def publish(self, records: Sequence[Outgoing]) -> None:
        error = self.refuses(records)
        self.written += list(records)[: self.takes] if error else records
        if error:
            raise error

    async def replay(self, partition: int, *, source_log: str | None = None) -> Replayed:
        newest = {one.key: one.value for one in self.written if one.topic is STORY_STATE}
        return Replayed(tuple(decode(value, StoryState) for value in newest.values() if value), (), len(newest))

    async def word_counts(self) -> tuple[Incoming, ...]:
        newest = {one.key: one.value for one in self.written if one.topic is WORD_COUNTS}
        return tuple(Incoming(WORD_COUNTS.base_name, 0, 0, key, value) for key, value in newest.items() if value)

    def of(self, topic: object) -> list[Outgoing]:
        return [one for one in self.written if one.topic is topic]


def kafka_access(log: Log) -> KafkaAccess:
    return KafkaAccess(log, log, Health("processor"), worker="test")


def reports(count: int) -> list[Incoming]:
    event = "The Larnholm ferry Sigrid ran aground off Tverrvik harbour with 212 passengers"
    found = [decide(article(n, event, f"Detail {n} from reporter {n}.", source=f"Outlet {n}"), NOON)[1][0] for n in range(count)]
    return [Incoming("news.matches", 0, offset, b"harbour", encode(match)) for offset, match in enumerate(found)]


def revisions(log: Log) -> list[int]:
    return [decode(one.value, StoryState).story.revision for one in log.of(STORY_STATE)]


async def test_a_batch_is_decided_in_order_and_each_decision_sees_the_one_before() -> None:
    log = Log()
    await GroupBatches(decisions(), kafka_access(log), deadline_s=5).handle(reports(5))
    assert revisions(log) == [1, 2, 3, 4, 5]
    assert len(log.of(STORIES)) == 5
    assert log.of(ALERTS)
    assert {one.partition for one in log.of(STORY_STATE)} == {0}


async def test_trouble_with_the_broker_is_waited_out_with_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("processors.handling.kafka_access.BACKOFF_FIRST_S", 0.001)
    troubles = iter([True, True, False])
    log = Log(lambda records: PublishError("news.stories", "away", retryable=True) if records and next(troubles, False) else None, takes=2)
    await GroupBatches(decisions(), kafka_access(log), deadline_s=5).handle(reports(3))
    by_key: dict[bytes | None, set[bytes | None]] = {}
    for one in log.of(STORY_STATE):
        by_key.setdefault(one.key, set()).add(one.value)
    assert len(by_key) == 3
    assert all(len(values) == 1 for values in by_key.values())


async def test_memory_that_got_ahead_of_the_log_is_thrown_away_when_the_batch_is_cancelled() -> None:
    never = asyncio.Event()

    class Hanging(Log):
        async def publish(self, records: Sequence[Outgoing]) -> None:
            if not never.is_set():
                await asyncio.wait_for(never.wait(), 60)
            await super().publish(records)

    log = Hanging()
    handling = GroupBatches(decisions(), kafka_access(log), deadline_s=5)
    task = asyncio.ensure_future(handling.handle(reports(4)))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    never.set()
    await handling.handle(reports(4))
    assert revisions(log) == [1, 2, 3, 4]  # not 5, 6, 7, 8


async def test_a_match_whose_answer_kafka_refuses_for_its_size_costs_only_itself() -> None:
    batch = reports(5)
    bad = decode(batch[2].value, Match).match_id.encode()

    def refuses(records: Sequence[Outgoing]) -> PublishError | None:
        if any(one.topic is STORY_STATE and one.key == bad for one in records):
            return PublishError("news.story-state", "too large", retryable=False)
        return None

    log = Log(refuses)
    await GroupBatches(decisions(), kafka_access(log), deadline_s=5).handle(batch)
    assert revisions(log) == [1, 2, 3, 4]
    assert [one.value for one in log.of(QUARANTINE)] == [batch[2].value]


async def test_deletions_go_out_only_after_the_answer_that_caused_them() -> None:
    batches: list[list[Outgoing]] = []
    log = Log(lambda records: batches.append(list(records)))
    first = reports(3)
    late = decode(first[0].value, Match)
    other = article(99, "A crane fell at Brunswald harbour and hurt 14 dockers", "Fourteen were hurt.")
    much_later = decide(other, NOON.replace(day=NOON.day + 5))[1][0]
    handling = GroupBatches(decisions(), kafka_access(log), deadline_s=5)
    await handling.handle([*first, Incoming("news.matches", 0, 3, b"harbour", encode(much_later))])
    deleting = [number for number, batch in enumerate(batches) if any(one.value is None for one in batch)]
    assert len(deleting) == 1
    assert {one.key for one in batches[deleting[0]]} == {decode(one.value, Match).match_id.encode() for one in first}
    assert any(one.key == much_later.match_id.encode() for batch in batches[: deleting[0]] for one in batch)
    assert late.match_id.encode() in {one.key for one in batches[deleting[0]]}


async def test_another_sighting_of_a_text_says_nothing_new() -> None:
    log = Log()
    (only,) = reports(1)
    again = Incoming("news.matches", 0, 1, only.key, only.value)
    await GroupBatches(decisions(), kafka_access(log), deadline_s=5).handle([only, again])
    assert len(log.of(STORY_STATE)) == len(log.of(STORIES)) == len(log.of(ALERTS)) == 1


async def test_a_partition_that_moved_on_elsewhere_is_read_again() -> None:
    log, batch = Log(), reports(4)
    here, elsewhere = (GroupBatches(decisions(), kafka_access(log), deadline_s=5) for _ in range(2))
    await here.handle(batch[:1])
    await elsewhere.handle(batch[1:3])
    await here.handle(batch[3:])
    assert revisions(log) == [1, 2, 3, 4]


async def test_a_record_with_neither_key_nor_value_can_be_quarantined(tmp_path: Path) -> None:
    sent: list[Outgoing] = []
    log = Log(lambda records: sent.extend(records))
    await ClassifyBatches(decisions(), kafka_access(log), deadline_s=5).handle([Incoming("news.articles", 0, 0, None, None)])
    assert [(one.key, one.value) for one in sent if one.topic is QUARANTINE] == [(b"", None)]  # clients refuse to send neither


async def test_an_unreachable_broker_is_trouble_to_wait_out_not_a_bad_record(tmp_path: Path) -> None:
    unreachable = Settings(state_dir=tmp_path, kafka=KafkaSettings(bootstrap_servers=("127.0.0.1:9",)))
    writer = KafkaWriter(unreachable, client_id="test")
    with pytest.raises(PublishError) as caught:
        await writer.publish([Outgoing(STORIES, b"k", b"v")])
    assert caught.value.retryable
    health = Health("processor")
    waiting = asyncio.ensure_future(KafkaAccess(writer, Log(), health, worker="test").publish([Outgoing(STORIES, b"k", b"v")]))
    await asyncio.sleep(0.1)
    while "kafka" not in health.unready_because():
        await asyncio.sleep(0.02)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
