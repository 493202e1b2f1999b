"""Counts the words of the articles a worker classifies, keeps the counts on news.word-counts, and knows the shares of all workers.

In: observations of articles, with their places in the log. Out: the shares for a moment of the log. I/O: Kafka.
Nothing here ends a batch: a fault is logged and costs counts, never an article.

A record is the whole count of one day in one partition, written every ten minutes, when a day is over, when partitions are taken away
and at the end. It names the last offset counted, so an article that is delivered again is not counted again, and no article has to wait
until its count is on Kafka. A killed worker loses the counts of at most ten minutes of a month. The shares of the completed days are
summed once a day, from the records of all workers.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

from newsmon.codec import decode, encode
from newsmon.errors import RecordError, RecordFault
from newsmon.kafka.positions.identity import same_log
from newsmon.logs import get_logger
from newsmon.metrics import WORD_DAYS, WORD_DAYS_END, WORD_KEYS, WORDS_COUNTED
from newsmon.quarantine import Stage
from newsmon.records import Article, Origin, WordCounts
from newsmon.topics import WORD_COUNTS
from processors.handling.kafka_access import KafkaAccess, unreadable
from processors.handling.messages import Incoming, Outgoing
from processors.rarity.counting import Counting, Part, day_for
from processors.rarity.day_counts import MAX_LEVEL, DayCounts
from processors.rarity.observation import Observation
from processors.rarity.shares import WINDOW_DAYS, KeyShares

KEEP_EVERY_S = 600.0
KEEP_WITHIN_S = 5.0  # then classifying goes on; counts not written by then are written with the next ones
OWN_DAYS = 3  # per partition in memory: today, yesterday until it is over, and one made by a clock that is ahead
DELETED_AFTER = timedelta(days=WINDOW_DAYS + 10)
NOT_COUNTED = -1  # before the first offset
AHEAD = timedelta(days=2)  # records of days further ahead were dated by a wrong clock

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is counted of one article, and its place in news.articles."""

    observation: Observation
    partition: int
    offset: int


class WordCounter:
    """One worker's counts, and the shares it knows."""

    def __init__(
        self, counting: Counting, kafka: KafkaAccess, *, articles_log: Callable[[], str | None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._counting = counting
        self._kafka = kafka
        self._articles_log = articles_log
        self._clock = clock
        self._through: dict[Part, int] = {}  # what this worker counts, and the last offset it has counted; the newest last
        self._changed: set[Part] = set()
        self._kept: frozenset[Part] | None = None  # what the topic holds; None: not read yet
        self._kept_at = clock()
        self._late: date | None = None  # the earliest day counted since shares were made that take it for over
        self._one_at_a_time = asyncio.Lock()  # partitions may be taken away while a batch is being counted

    async def shares_for(self, article: Article) -> KeyShares:
        """The shares that a match on `article` is measured by. They are read and summed once a day."""
        at = article.first_seen_at
        async with self._one_at_a_time:
            if not self._counting.has_shares_for(at):
                latest = self._counting.latest_shares()
                if latest is not None and article.origin is not Origin.LIVE:
                    return latest  # an archive may come in any order: summing for each of its days is not worth it
                try:
                    await self._sum(at)
                except Exception:  # a fault in counting must not stop the news
                    log.exception("words.not_summed", before=day_for(at).isoformat())
                    self._counting.go_on_with_latest(at)
            return self._counting.shares_at(at)

    async def count(self, seen: Seen) -> None:
        """Count an article once, however often it is delivered."""
        try:
            async with self._one_at_a_time:
                await self._count(seen)
        except Exception:  # a fault in counting must not stop the news
            log.exception("words.not_counted", partition=seen.partition, offset=seen.offset)

    async def _count(self, seen: Seen) -> None:
        part = (seen.observation.day, seen.partition)
        if part not in self._through:
            await self._take_over(part)
        if seen.offset > self._through.get(part, seen.offset):  # it may have been taken away meanwhile
            self._through[part] = seen.offset
            if self._counting.add(seen.observation, seen.partition):
                WORDS_COUNTED.inc()
                self._note_late(seen.observation.day)
            self._changed.add(part)

    def _note_late(self, day: date) -> None:
        """A worker that catches up over midnight reaches the new day in one partition before the end of the old one in another."""
        if self._counting.is_late(day) and (self._late is None or day < self._late):
            self._late = day

    async def keep_if_due(self) -> None:
        """Write the counts that have changed, every ten minutes. Shares that lack some of them are made again when they are next needed."""
        if self._changed and self._clock() - self._kept_at >= KEEP_EVERY_S:
            self._kept_at = self._clock()
            await self.keep()
            if self._late is not None:
                self._counting.make_again(self._late)
                self._late = None

    async def keep(self) -> None:
        """Write every count that has changed."""
        async with self._one_at_a_time:
            await self._keep(sorted(self._changed))

    async def drop(self, partitions: Sequence[int]) -> None:
        """Write and forget the counts of partitions that another worker may continue."""
        async with self._one_at_a_time:
            taken = sorted(part for part in self._through if part[1] in partitions)
            await self._keep([part for part in taken if part in self._changed])
            self.forget(partitions)

    def forget(self, partitions: Sequence[int]) -> None:
        """Forget the counts of partitions, written or not; what is counted of them from now on is read back first."""
        self._kept = None  # another worker may have written since we read
        for part in [part for part in self._through if part[1] in partitions]:
            self._forget(part)

    async def _read(self) -> dict[Part, Incoming]:
        """The records of all workers by day and partition; those too old to count are deleted."""
        found, foreign = dict[Part, Incoming](), list[tuple[Incoming, RecordError]]()
        for incoming in await self._kafka.word_counts():
            try:
                found[_part(incoming.key)] = incoming
            except ValueError as error:
                foreign.append((incoming, RecordError(RecordFault.WRONG_SHAPE, f"no day and partition: {error}")))
        await self._set_aside(foreign)
        old = out_of_date({day for day, _partition in found}, datetime.now(UTC).date())
        old_parts = [part for part in found if part[0] in old and part not in self._through]
        await self._kafka.publish([Outgoing(WORD_COUNTS, _key(part), None) for part in sorted(old_parts)])
        self._kept = frozenset(found.keys() - set(old_parts))
        return found

    async def _sum(self, at: datetime) -> None:
        """Make the shares for articles first seen at `at`, of the days that are over."""
        await self._keep(sorted(self._changed))
        bad: list[tuple[Incoming, RecordError]] = []
        elsewhere = {
            part: partial(_counts_or_none, incoming, bad) for part, incoming in (await self._read()).items() if part not in self._through
        }
        started = time.perf_counter()
        shares = await asyncio.to_thread(self._counting.shares_at, at, elsewhere)  # a second or two: the event loop goes on
        await self._set_aside(bad)
        day = day_for(at)
        WORD_DAYS.set(shares.day_count)
        WORD_KEYS.set(len(shares))
        WORD_DAYS_END.set(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
        took_s = round(time.perf_counter() - started, 2)
        log.info("words.summed", before=day.isoformat(), days=shares.day_count, keys=len(shares), took_s=took_s)

    async def _take_over(self, part: Part) -> None:
        """Continue the counts of a day in a partition, if there are any."""
        if self._kept is None or part in self._kept:
            incoming = (await self._read()).get(part)
            if incoming is not None:
                await self._go_on_from(part, incoming)
        self._through.setdefault(part, NOT_COUNTED)
        day, partition = part
        others = sorted(other for other in self._through if other[1] == partition and other[0] != day)
        for older in others[: max(len(others) + 1 - OWN_DAYS, 0)]:
            await self._keep([older] if older in self._changed else [])
            self._forget(older)

    async def _go_on_from(self, part: Part, incoming: Incoming) -> None:
        try:
            record = decode(incoming.value, WordCounts)
            self._counting.hold(*part, _counts(record))
        except RecordError as error:
            await self._set_aside([(incoming, error)])
            return
        is_same_log = same_log(record.articles_log, self._articles_log())
        self._through[part] = record.through_offset if is_same_log else NOT_COUNTED

    async def _set_aside(self, bad: Iterable[tuple[Incoming, RecordError]]) -> None:
        await self._kafka.quarantine(Stage.CLASSIFY, [(incoming, unreadable(error)) for incoming, error in bad])

    async def _keep(self, parts: Sequence[Part]) -> None:
        """Write what Kafka accepts within a few seconds; the rest stays marked as changed."""
        try:
            async with asyncio.timeout(KEEP_WITHIN_S):
                for part in parts:
                    await self._keep_one(part)
        except TimeoutError:
            log.warning("words.not_kept", within_s=KEEP_WITHIN_S)

    async def _keep_one(self, part: Part) -> None:
        if part not in self._through:
            return  # taken away meanwhile
        try:
            await self._kafka.publish([Outgoing(WORD_COUNTS, _key(part), encode(self._record(part)))])
        except Exception:  # too large for Kafka, or a fault of ours: it must stop neither the news nor the other counts
            log.exception("words.not_kept", day=part[0].isoformat(), partition=part[1])
            return
        self._changed.discard(part)
        if self._kept is not None:
            self._kept |= {part}

    def _record(self, part: Part) -> WordCounts:
        counts = self._counting.counts(*part)
        return WordCounts(
            day=part[0].isoformat(), partition=part[1], through_offset=self._through[part], articles_log=self._articles_log(),
            articles=dict(sorted(counts.articles.items())), keys=dict(sorted(counts.keys.items())), level=counts.level,
        )  # fmt: skip

    def _forget(self, part: Part) -> None:
        self._counting.drop(*part)
        self._through.pop(part, None)
        self._changed.discard(part)


def shares_kept(records: Iterable[Incoming], counting: Counting, at: datetime) -> KeyShares:
    """The shares for an article first seen at `at`, of what all workers have kept on news.word-counts; unreadable records count nothing."""
    elsewhere = dict[Part, Callable[[], DayCounts]]()
    for incoming in records:
        with suppress(ValueError):
            elsewhere[_part(incoming.key)] = partial(_counts_or_none, incoming, [])
    return counting.shares_at(at, elsewhere)


def out_of_date(days: Set[date], today: date) -> set[date]:
    """The days too old to count, and those made by a clock that was ahead; none when our own clock seems to be wrong.

    It seems so when more than half of the days would go.
    """
    old = {day for day in days if not today - DELETED_AFTER <= day <= today + AHEAD}
    return old if 2 * len(old) <= len(days) else set()


def _counts(record: WordCounts) -> DayCounts:
    """The counts of a record; RecordError for numbers that no worker of ours has written."""
    if not 0 <= record.level <= MAX_LEVEL or min((*record.articles.values(), *record.keys.values()), default=1) < 1:
        raise RecordError(RecordFault.WRONG_SHAPE, "counts below 1, or an unknown level")
    return DayCounts(record.articles, record.keys, record.level)


def _counts_or_none(incoming: Incoming, bad: list[tuple[Incoming, RecordError]]) -> DayCounts:
    try:
        return _counts(decode(incoming.value, WordCounts))
    except RecordError as error:
        bad.append((incoming, error))
        return DayCounts()


def _key(part: Part) -> bytes:
    return f"{part[0].isoformat()}/{part[1]}".encode()


def _part(key: bytes | None) -> Part:
    day, _, partition = (key or b"").decode().partition("/")
    return date.fromisoformat(day), int(partition)
