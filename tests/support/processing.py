"""Run processors in the test's own event loop against the real broker, and read back the records they wrote.

The rule is a small real one behind the product's seam: an article belongs to a theme when the theme's word stands in its title.
Grouping and alerting are the product's own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from newsmon import ids
from newsmon.codec import decode, encode
from newsmon.kafka.clients import aio_consumer_config, aio_producer_config, group_id
from newsmon.kafka.lag import consumer_lag
from newsmon.records import (
    Article,
    Classification,
    ClassificationOutcome,
    DateQuality,
    Evidence,
    Match,
    Origin,
    Record,
    Severity,
    Story,
    ThemeScore,
)
from newsmon.settings import Settings
from newsmon.topics import ARTICLES, MATCHES, Topic
from processors.handling.decisions import Decisions
from processors.handling.kafka_writer import KafkaWriter
from processors.handling.messages import Outgoing
from processors.likeness.traits import observed, stamped
from processors.rarity.counting import Counting
from processors.runner.parts import ProcessorParts, new_parts
from processors.stories.grouping import Grouping

R = TypeVar("R", bound=Record)
Runner = Callable[[ProcessorParts, asyncio.Event], Awaitable[None]]
THEMES = ("harbour", "treaty", "budget")
DEADLINE_S = 120.0
OUTLETS = ("Example Wire", "Kestrel Post", "Harbour Gazette", "Meridian Daily", "Northern Ledger")


def decide(article: Article, now: datetime) -> tuple[Classification, tuple[Match, ...]]:
    """The rule: a theme is matched when its word is in the title."""
    hits = [theme for theme in THEMES if theme in article.title.casefold().split()]
    scores = tuple(ThemeScore(theme_id=theme, score=2.0, threshold=1.0) for theme in hits)
    classification = Classification(
        article_id=article.article_id, revision=article.revision, revision_id=article.revision_id, origin=article.origin,
        feed_id=article.feed_id, poll_seq=article.poll_seq, language=article.language,
        outcome=ClassificationOutcome.MATCHED if hits else ClassificationOutcome.UNMATCHED,
        scores=scores, matched_theme_ids=tuple(hits), generation="test", classified_at=now,
    )  # fmt: skip
    return classification, tuple(_match(article, theme, scores, now) for theme in hits)


def _match(article: Article, theme: str, scores: tuple[ThemeScore, ...], now: datetime) -> Match:
    start = article.title.casefold().index(theme)
    evidence = Evidence(clause=theme, field="title", start=start, end=start + len(theme), text=theme, contribution=2.0)
    return Match(
        match_id=ids.match_id(article.revision_id, theme), theme_id=theme, theme_label=theme.title(), theme_version="1",
        generation="test", score=2.0, threshold=1.0, severity=Severity.NOTICE, evidence=(evidence,),
        also_matched=tuple(score for score in scores if score.theme_id != theme), matched_at=now, article=article,
    )  # fmt: skip


def decisions(*, raise_on: Callable[[Article], bool] | None = None, raise_on_match: Callable[[Match], bool] | None = None) -> Decisions:
    """The rule, or the rule with a fault injected for certain articles or matches."""

    def classify(article: Article, now: datetime) -> tuple[Classification, tuple[Match, ...]]:
        if raise_on is not None and raise_on(article):
            raise ZeroDivisionError("an injected fault")
        return decide(article, now)

    class FaultyGrouping(Grouping):
        def decide(self, match: Match, *, source_offset: int) -> Any:
            if raise_on_match is not None and raise_on_match(match):
                raise ZeroDivisionError("an injected fault")
            return super().decide(match, source_offset=source_offset)

    return Decisions(
        classify=classify, observe=observed, stamp=stamped, new_counting=Counting, new_grouping=FaultyGrouping, theme_ids=THEMES,
        generation="test",
    )  # fmt: skip


def article(number: int, title: str, body: str = "A text.", *, source: str = OUTLETS[0]) -> Article:
    """An article whose identity follows from number and text."""
    url = f"https://press.example/{number}"
    article_id = ids.article_id_of_url(url)
    content = ids.content_hash(title, "", body)
    now = datetime.now(UTC)
    return Article(
        article_id=article_id, revision=1, revision_id=ids.revision_id(article_id, content), content_hash=content, origin=Origin.LIVE,
        feed_id="press", source=source, tier=2, poll_seq=1, poll_id="p_test", url=url, title=title, lead="", body=body, language="en",
        published_at=now, date_quality=DateQuality.STATED, first_seen_at=now,
    )  # fmt: skip


def mixed_articles(count: int, *, start: int = 0) -> list[Article]:
    """Articles of which every third belongs to one theme, every tenth to two."""
    found = []
    for number in range(start, start + count):
        theme = f"{THEMES[number % 3]} " if number % 3 == 0 or number % 10 == 0 else ""
        second = f"{THEMES[(number + 1) % 3]} " if number % 10 == 0 else ""
        word = "".join("bdfgklmnprst"[int(digit)] + "aeiouaeiou"[int(digit)] for digit in f"{number:05d}")
        title = f"Town {word.title()} opens {theme}{second}office number {number}"
        found.append(article(number, title, f"Residents of {word.title()} saw {number} visitors.", source=OUTLETS[number % 5]))
    return found


@dataclass(slots=True)
class Gate:
    """Holds back everything published while it is shut and `holds` says so."""

    holds: Callable[[Outgoing], bool]
    opened: asyncio.Event
    reached: asyncio.Event


class GatedWriter(KafkaWriter):
    """A writer whose acknowledgements can be made to wait: a broker that takes its time."""

    gate: Gate | None = None

    async def publish(self, records: Sequence[Outgoing]) -> None:
        gate = self.gate
        if gate is not None and any(gate.holds(one) for one in records):
            gate.reached.set()
            await asyncio.wait_for(gate.opened.wait(), DEADLINE_S)
        await super().publish(records)


def gated_parts(settings: Settings, chosen: Decisions, gate: Gate) -> ProcessorParts:
    """Parts whose classify stage publishes through the gate."""
    parts = new_parts(settings, chosen)
    writer = GatedWriter(settings, client_id="gated")
    writer.gate = gate
    parts.classify_batches._kafka._writer = writer
    return replace(parts, writer=writer)


@asynccontextmanager
async def running(runner: Runner, parts: ProcessorParts) -> AsyncIterator[asyncio.Event]:
    """A worker for the block; stopped cleanly at its end, and a failure of its own is raised there."""
    stop = asyncio.Event()
    task = asyncio.ensure_future(runner(parts, stop))
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.wait_for(task, DEADLINE_S)


async def until(condition: Callable[[], Awaitable[bool]], what: str, *, within_s: float = DEADLINE_S, every_s: float = 0.25) -> None:
    """Return when the condition holds; fail with `what` when it does not in time."""
    deadline = time.monotonic() + within_s
    while not await condition():
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {what}"
        await asyncio.sleep(every_s)


async def caught_up(settings: Settings, *, within_s: float = DEADLINE_S) -> None:
    """Return when the processor's group has committed everything there is, articles first."""
    for topic in (ARTICLES, MATCHES):

        async def done(topic: Topic = topic) -> bool:
            return await lag(settings, topic) == 0

        await until(done, f"{topic.base_name} committed to its end", within_s=within_s)


async def lag(settings: Settings, topic: Topic) -> int:
    """Records of the topic the processor has not committed."""
    group, name = group_id(settings, "processor"), topic.named(settings.kafka.topic_prefix)
    found = await asyncio.to_thread(consumer_lag, settings, {group: [name]})
    return sum(one.lag for one in found)


async def committed(settings: Settings, topic: Topic) -> dict[int, int]:
    """Committed offsets by partition; 0 where nothing was committed."""
    group, name = group_id(settings, "processor"), topic.named(settings.kafka.topic_prefix)
    found = await asyncio.to_thread(consumer_lag, settings, {group: [name]})
    return {one.partition: one.committed or 0 for one in found}


async def put(
    settings: Settings, topic: Topic, values: Iterable[tuple[bytes | None, bytes | None]], *, partition: int | None = None
) -> list[tuple[int, int]]:
    """Write raw records; returns (partition, offset) of each."""
    producer = AIOKafkaProducer(**aio_producer_config(settings, client_id="test-put"))
    await producer.start()
    try:
        name = topic.named(settings.kafka.topic_prefix)
        waiting = [await producer.send(name, key=key, value=value, partition=partition) for key, value in values]
        done = [await one for one in waiting]
    finally:
        await producer.stop()
    return [(one.partition, one.offset) for one in done]


async def put_articles(settings: Settings, articles: Iterable[Article], *, partition: int | None = None) -> list[tuple[int, int]]:
    """Write articles as a producer does."""
    return await put(settings, ARTICLES, [(one.article_id.encode(), encode(one)) for one in articles], partition=partition)


async def log_of(settings: Settings, topic: Topic) -> list[Any]:
    """Every record on the topic now, by partition and offset."""
    consumer = AIOKafkaConsumer(**aio_consumer_config(settings, client_id="test-read", group=None))
    await consumer.start()
    try:
        name = topic.named(settings.kafka.topic_prefix)
        places = [TopicPartition(name, number) for number in range(topic.partitions)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        for place in places:
            consumer.seek(place, 0)
        found: list[Any] = []
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += records
    finally:
        await consumer.stop()
    return sorted(found, key=lambda record: (record.partition, record.offset))


async def records_of(settings: Settings, topic: Topic, kind: type[R]) -> list[R]:
    """Every record on the topic now, decoded; deletions left out."""
    return [decode(record.value, kind) for record in await log_of(settings, topic) if record.value is not None]


def headers_of(record: Any) -> dict[str, str]:
    return {name: value.decode() for name, value in record.headers}


def story_members(stories: Iterable[Story]) -> dict[str, set[tuple[str, str]]]:
    """story_id -> (match_id, relation) of every member, from the stories' own log."""
    members: dict[str, set[tuple[str, str]]] = {}
    for story in stories:
        if story.latest is not None:
            members.setdefault(story.story_id, set()).add((story.latest.match_id, story.latest.relation.value))
    return members
