"""Word counts outlive restarts, moves of partitions and deliveries made twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from support import processing
from support.processing import decisions
from support.samples import article

from newsmon.codec import decode, encode
from newsmon.errors import PublishError
from newsmon.net.monitoring import Health
from newsmon.records import Article, Match, Origin, WordCounts
from newsmon.topics import ARTICLES, MATCHES, QUARANTINE, WORD_COUNTS
from processors.handling import word_counter
from processors.handling.classify_batches import ClassifyBatches
from processors.handling.kafka_access import KafkaAccess
from processors.handling.kafka_writer import KafkaWriter
from processors.handling.messages import Incoming, Outgoing
from processors.handling.state_reader import StateReader
from processors.handling.word_counter import KEEP_EVERY_S, Seen, WordCounter, out_of_date, shares_kept
from processors.rarity.counting import Counting
from processors.rarity.observation import Observation

TODAY = datetime.now(UTC).replace(hour=12)


class Log(KafkaWriter, StateReader):
    """A compacted topic in memory; `reads` counts how often it was read."""

    def __init__(self) -> None:
        self.newest: dict[bytes | None, bytes | None] = {}
        self.quarantined: list[Outgoing] = []
        self.matches: list[Match] = []
        self.writes = self.reads = 0

    async def publish(self, records: Sequence[Outgoing]) -> None:
        for one in records:
            if one.topic is QUARANTINE:
                self.quarantined.append(one)
                continue
            if one.topic is MATCHES and one.value is not None:
                self.matches.append(decode(one.value, Match))
            if one.topic is not WORD_COUNTS:
                continue
            self.writes += 1
            self.newest[one.key] = one.value

    async def word_counts(self) -> tuple[Incoming, ...]:
        self.reads += 1
        return tuple(Incoming(WORD_COUNTS.base_name, 0, 0, key, value) for key, value in self.newest.items() if value)

    def counts(self, day: datetime, partition: int) -> WordCounts:
        value = self.newest[f"{day.date()}/{partition}".encode()]
        assert value is not None
        return decode(value, WordCounts)


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def worker(log: Log, clock: Clock | None = None, articles_log: str | None = None) -> WordCounter:
    kafka = KafkaAccess(log, log, Health("processor"), worker="test")
    return WordCounter(Counting(), kafka, articles_log=lambda: articles_log, clock=clock or Clock())


def seen(offset: int, partition: int = 0, day: datetime = TODAY, keys: tuple[str, ...] = ("n:x",)) -> Seen:
    return Seen(Observation(f"a{partition}-{offset}", day.date(), "en", frozenset(keys)), partition, offset)


async def count(counter: WordCounter, *articles: Seen) -> None:
    for one in articles:
        await counter.count(one)
    await counter.keep_if_due()


def first_seen(at: datetime, origin: Origin = Origin.LIVE) -> Article:
    return msgspec.structs.replace(article(), first_seen_at=at, origin=origin)


def test_counts_are_written_every_ten_minutes_and_when_asked() -> None:
    async def run() -> None:
        log, clock = Log(), Clock()
        one = worker(log, clock)
        await count(one, seen(1), seen(2))
        assert log.writes == 0
        clock.now_s = KEEP_EVERY_S
        await count(one, seen(3))
        assert log.counts(TODAY, 0).keys == {"n:x": 3}
        await count(one, seen(4))
        assert log.writes == 1
        await one.keep()
        await one.keep()
        assert (log.counts(TODAY, 0).keys, log.writes) == ({"n:x": 4}, 2)

    asyncio.run(run())


def test_a_restarted_worker_goes_on_and_counts_no_article_twice() -> None:
    async def run() -> None:
        log = Log()
        killed = worker(log)
        await count(killed, seen(1), seen(2))
        await killed.keep()
        await count(killed, seen(3))  # lost with it
        restarted = worker(log)
        await count(restarted, seen(1), seen(2), seen(4), seen(5), seen(5))
        await restarted.keep()
        assert log.counts(TODAY, 0).keys == {"n:x": 4}
        assert log.counts(TODAY, 0).through_offset == 5

    asyncio.run(run())


def test_offsets_of_a_topic_that_was_created_again_count_from_its_beginning() -> None:
    async def run() -> None:
        log = Log()
        before = worker(log, articles_log="cluster/one")
        await count(before, seen(100))
        await before.keep()
        after = worker(log, articles_log="cluster/two")
        await count(after, seen(1))
        await after.keep()
        assert log.counts(TODAY, 0).keys == {"n:x": 2}

    asyncio.run(run())


def test_a_partition_moves_to_another_worker_and_back() -> None:
    async def run() -> None:
        log = Log()
        one, other = worker(log), worker(log)
        await count(one, seen(1), seen(1, partition=1))
        await one.drop([1])
        await count(other, seen(2, partition=1))
        await other.drop([1])
        await count(one, seen(3, partition=1), seen(2))
        await one.keep()
        assert [log.counts(TODAY, partition).keys for partition in (0, 1)] == [{"n:x": 2}, {"n:x": 3}]

    asyncio.run(run())


def test_counts_that_could_not_be_written_in_time_are_read_back_before_counting_goes_on() -> None:
    async def run() -> None:
        log = Log()
        one, other = worker(log), worker(log)
        await count(one, seen(1))
        one.forget([0])
        await count(other, seen(1), seen(2))
        await other.drop([0])
        await count(one, seen(3))
        await one.keep()
        assert log.counts(TODAY, 0).keys == {"n:x": 3}

    asyncio.run(run())


def test_shares_are_of_the_completed_days_of_all_workers() -> None:
    async def run() -> None:
        log = Log()
        one, other = worker(log), worker(log)
        yesterday = TODAY - timedelta(days=1)
        await count(one, *(seen(number, day=yesterday) for number in range(2_000)))
        await one.keep()
        await count(other, *(seen(number, partition=1, day=yesterday, keys=()) for number in range(2_000)))
        await count(other, seen(9_999, partition=1))
        found = await other.shares_for(first_seen(TODAY))
        assert found.day_count == 1
        assert 0.2 < found.share("n:x", "en") < 0.5
        reads = log.reads
        await other.shares_for(first_seen(TODAY))
        assert log.reads == reads, "read once a day"

    asyncio.run(run())


def test_whoever_reads_what_the_workers_have_kept_measures_as_they_do() -> None:
    async def run() -> None:
        log = Log()
        one, other = worker(log), worker(log)
        yesterday = TODAY - timedelta(days=1)
        await count(one, *(seen(number, day=yesterday) for number in range(300)))
        await count(other, *(seen(number, partition=1, day=yesterday, keys=()) for number in range(300)))
        await one.keep()
        await other.keep()
        log.newest[b"no day"] = log.newest[f"{(TODAY - timedelta(days=2)).date()}/0".encode()] = b"\xff"
        found = shares_kept(await log.word_counts(), Counting(), TODAY)
        theirs = await worker(log).shares_for(first_seen(TODAY))
        assert found.share("n:x", "en") == theirs.share("n:x", "en") > 0
        assert found.day_count == theirs.day_count

    asyncio.run(run())


def test_a_day_counted_to_its_end_after_the_next_has_begun_counts_within_ten_minutes() -> None:
    """After an outage over midnight one partition is read into the new day before another reaches the end of the old one."""

    async def run() -> None:
        yesterday = TODAY - timedelta(days=1)
        clock = Clock()
        behind = worker(Log(), clock)
        await count(behind, *(seen(number, day=yesterday) for number in range(300)))
        await count(behind, seen(9_999))
        early = (await behind.shares_for(first_seen(TODAY))).share("n:x", "en")
        await count(behind, *(seen(number, partition=1, day=yesterday, keys=()) for number in range(300)))
        assert (await behind.shares_for(first_seen(TODAY))).share("n:x", "en") == early, "not summed for every article"
        clock.now_s = KEEP_EVERY_S
        await count(behind, seen(301, partition=1, day=yesterday, keys=()))
        found = (await behind.shares_for(first_seen(TODAY))).share("n:x", "en")
        in_order = worker(Log())
        await count(in_order, *(seen(number, day=yesterday) for number in range(300)))
        await count(in_order, *(seen(number, partition=1, day=yesterday, keys=()) for number in (*range(300), 301)))
        assert found == (await in_order.shares_for(first_seen(TODAY))).share("n:x", "en") < early

    asyncio.run(run())


def test_an_archive_of_many_days_does_not_sum_each_of_them() -> None:
    async def run() -> None:
        log = Log()
        one = worker(log)
        now = await one.shares_for(first_seen(TODAY))
        for days in range(1, 40):
            assert await one.shares_for(first_seen(TODAY - timedelta(days=days), Origin.BACKFILL)) is now
        assert log.reads == 1

    asyncio.run(run())


def test_old_days_are_deleted_and_those_that_a_wrong_clock_has_made() -> None:
    async def run() -> None:
        log = Log()
        one = worker(log)
        for days in (-50, -20, 0, 400):
            await count(one, seen(days + 100, partition=days + 100, day=TODAY + timedelta(days=days)))
        await one.keep()
        await worker(log).shares_for(first_seen(TODAY))
        kept = [key for key, value in log.newest.items() if value is not None]
        assert len(kept) == 2

    asyncio.run(run())


def test_a_day_in_the_future_costs_one_place_in_memory() -> None:
    async def run() -> None:
        log = Log()
        one = worker(log)
        for number, days in enumerate((0, 700, 0, 1, 2, 3, 4)):
            await count(one, seen(number, day=TODAY + timedelta(days=days)))
        await one.keep()
        assert {key for key in log.newest if key is not None} == {
            f"{(TODAY + timedelta(days=days)).date()}/0".encode() for days in (0, 700, 1, 2, 3, 4)
        }
        assert log.counts(TODAY, 0).keys == {"n:x": 2}

    asyncio.run(run())


def test_what_cannot_be_read_is_set_aside_and_the_rest_counts() -> None:
    async def run() -> None:
        log = Log()
        yesterday = TODAY - timedelta(days=1)
        good = worker(log)
        await count(good, seen(1, day=yesterday))
        await good.keep()
        log.newest |= {f"{yesterday.date()}/4".encode(): b"\x00", b"nonsense": encode(log.counts(yesterday, 0))}
        found = await worker(log).shares_for(first_seen(TODAY))
        assert found.day_count == 1
        assert len(log.quarantined) == 2

    asyncio.run(run())


def test_what_no_worker_has_written_is_set_aside() -> None:
    async def run() -> None:
        log = Log()
        yesterday = TODAY - timedelta(days=1)
        good = WordCounts(day=str(yesterday.date()), partition=0, through_offset=1, articles_log=None, articles={"en": 5}, keys={"n:x": 1})
        replace = msgspec.structs.replace
        wrong = (
            replace(good, level=999),
            replace(good, level=-3),
            replace(good, articles={"en": -(10**7)}),
            replace(good, keys={"n:x": 0}),
        )
        log.newest = {f"{yesterday.date()}/{partition}".encode(): encode(one) for partition, one in enumerate((*wrong, good))}
        reader = worker(log)
        await count(reader, seen(7, day=yesterday))
        found = await reader.shares_for(first_seen(TODAY))
        assert found.rarity("n:y", "en") == 1
        assert len(log.quarantined) == len(wrong)

    asyncio.run(run())


def test_a_worker_whose_clock_is_wrong_deletes_nothing() -> None:
    days = {TODAY.date() - timedelta(days=number) for number in range(30)}
    today = TODAY.date()
    assert out_of_date(days, today) == set()
    assert out_of_date(days, date(1970, 1, 1)) == out_of_date(days, today + timedelta(days=365)) == set()
    wrong = {date(1970, 1, 1), today + timedelta(days=400)}
    assert out_of_date(days | wrong, today) == wrong


class Faulty(Log):
    """Takes no counts for one partition, and gives nonsense when it is read."""

    async def publish(self, records: Sequence[Outgoing]) -> None:
        if any(one.topic is WORD_COUNTS and one.key is not None and one.key.endswith(b"/0") for one in records):
            raise PublishError(WORD_COUNTS.base_name, "too large", retryable=False)
        await super().publish(records)

    async def word_counts(self) -> tuple[Incoming, ...]:
        await super().word_counts()
        raise ValueError("a fault of ours")


def test_counting_that_fails_costs_no_article() -> None:
    async def run() -> None:
        log = Faulty()
        batches = ClassifyBatches(decisions(), KafkaAccess(log, log, Health("processor"), worker="test"), deadline_s=20)
        articles = [processing.article(number, f"A ferry called Sigrid-{number} in the harbour") for number in range(20)]
        articles[3] = msgspec.structs.replace(articles[3], first_seen_at=datetime(1, 1, 1, tzinfo=UTC))
        await batches.handle([Incoming(ARTICLES.base_name, 0, offset, None, encode(one)) for offset, one in enumerate(articles)])
        await batches.keep_counts()
        await batches.keep_counts([0])
        assert [match.article.article_id for match in log.matches] == [one.article_id for one in articles]
        assert not log.quarantined

    asyncio.run(run())


def test_the_counts_of_one_partition_do_not_hold_back_those_of_the_others() -> None:
    async def run() -> None:
        log = Faulty()
        one = worker(log)
        one._kept = frozenset()
        await count(one, seen(1), seen(1, partition=1))
        await one.keep()
        assert log.counts(TODAY, 1).keys == {"n:x": 1}

    asyncio.run(run())


def test_counts_that_kafka_does_not_take_do_not_stop_the_news(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_counter, "KEEP_WITHIN_S", 0.01)

    class Stuck(Log):
        is_stuck = True

        async def publish(self, records: Sequence[Outgoing]) -> None:
            if self.is_stuck and any(one.topic is WORD_COUNTS for one in records):
                await asyncio.sleep(600)  # longer than any writer waits
            await super().publish(records)

    async def run() -> None:
        log, clock = Stuck(), Clock()
        one = worker(log, clock)
        clock.now_s = KEEP_EVERY_S
        await count(one, seen(1))
        log.is_stuck = False
        await count(one, seen(2))
        await one.keep()
        assert log.counts(TODAY, 0).keys == {"n:x": 2}

    asyncio.run(run())


def test_a_batch_of_several_days_measures_each_by_the_days_before_it() -> None:
    async def run() -> None:
        log = Log()
        kafka = KafkaAccess(log, log, Health("processor"), worker="test")
        batches = ClassifyBatches(decisions(), kafka, deadline_s=20)
        before = [processing.article(number, f"A ferry called Sigrid-{number}") for number in range(60)]
        after = processing.article(99, "A ferry in the harbour")
        dated = [msgspec.structs.replace(one, first_seen_at=TODAY - timedelta(days=1)) for one in before]
        dated.append(msgspec.structs.replace(after, first_seen_at=TODAY))
        await batches.handle([Incoming(ARTICLES.base_name, 0, offset, None, encode(one)) for offset, one in enumerate(dated)])
        (match,) = log.matches
        assert match.traits is not None
        assert match.traits.rarity["w:ferry"] < 0.5
        assert "w:harbou" not in match.traits.rarity

    asyncio.run(run())
