"""Subscriptions and pushes go through a feed's one slot: in order, never during a poll, and answered once they are published.

The hub is a real one; the test plays Kafka's part (slots, states, acknowledgements), and can make it wait and fail.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.drafts import FEED, draft, state
from support.feedserver import item, rss
from support.hub import Hub, hub

from newsmon.errors import PublishError
from newsmon.metrics import PushAnswer
from newsmon.records import FeedState, FetchKind, FetchResult
from newsmon.settings import ProducerSettings, Settings, WebSubSettings
from producers.answers.outcome import Fetched
from producers.polling.feed_states import Lease
from producers.polling.hub_updates import HubUpdates
from producers.polling.replica import Replica
from producers.reports.poll_report import FeedReport
from producers.workers.worker_pool import WorkerPool

TOPIC = "https://a.example/feed"


class Kafka:
    """Slots, states and report writer in one: keeps in order what is published; refuses it while `away`."""

    def __init__(self) -> None:
        self.state = state(draft(1))
        self.published: list[FeedReport | FeedState] = []
        self.busy: set[str] = set()
        self.away = False

    def state_of(self, _feed_id: str) -> FeedState:
        return self.state

    def lease(self, _feed_id: str) -> Lease:
        return Lease(0, 1)

    def holds(self, _lease: Lease) -> bool:
        return True

    def may_start(self, feed_id: str) -> bool:
        return feed_id not in self.busy

    def start(self, feed_id: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        assert feed_id not in self.busy, "two pieces of work on one feed at once"
        self.busy.add(feed_id)
        task = asyncio.create_task(work)
        task.add_done_callback(lambda _done: self.busy.discard(feed_id))
        return task

    async def write(self, found: FeedReport, _lease: Lease) -> bool:
        await asyncio.sleep(0.01)
        if self.away:
            return False
        self.published.append(found)
        self.state = found.state
        return True

    async def save_state(self, following: FeedState, _lease: Lease) -> None:
        if self.away:
            raise PublishError("news.feed-state", "away", retryable=True)
        self.published.append(following)
        self.state = following


@asynccontextmanager
async def updates(running: Hub, tmp_path: Path) -> AsyncIterator[tuple[HubUpdates, Kafka]]:
    file = tmp_path / "secret"
    file.write_text("a secret that is long enough for everybody", "utf-8")
    kafka, workers = Kafka(), WorkerPool(cpu_limit_s=60.0)
    settings = Settings(
        producer=ProducerSettings(allow_private=("127.0.0.0/8",)),
        websub=WebSubSettings(callback_url="http://placeholder.example", secret_file=file, port=0),
    )
    replica = Replica(settings, {"a": FEED}, kafka, kafka, kafka, "test")  # type: ignore[arg-type]
    built = HubUpdates(replica, workers, lambda _feed, report, _now: report)
    async with built:
        url = f"http://127.0.0.1:{built._hubs.port}"
        heard = settings.model_copy(update={"websub": settings.websub.model_copy(update={"callback_url": url})})
        built._replica = replace(replica, settings=heard)
        fetched = Fetched(FetchResult.OK, 200, f'<rss><atom:link rel="hub" href="{running.url}"/>'.encode(), {}, TOPIC)
        outcome = FeedReport((), _outcome(kafka), kafka.state)
        kafka.state = built.after_poll(FEED, outcome, fetched, datetime.now(UTC)).state
        assert kafka.state.subscription is not None
        yield built, kafka
    workers.close()


def _outcome(kafka: Kafka) -> Any:
    from newsmon.records import FetchOutcome

    now = datetime.now(UTC)
    return FetchOutcome(
        feed_id="a", poll_seq=1, poll_id="p", started_at=now, finished_at=now, result=FetchResult.OK, next_due_at=kafka.state.next_due_at
    )


async def until(built: HubUpdates, claim: Callable[[], bool]) -> None:
    async with asyncio.timeout(180):
        while not claim():
            built.start_due(("a",), datetime.now(UTC))
            await asyncio.sleep(0.02)


@pytest.fixture
async def running() -> AsyncIterator[Hub]:
    async with hub() as started:
        yield started


async def test_a_lease_becomes_part_of_the_state(running: Hub, tmp_path: Path) -> None:
    async with updates(running, tmp_path) as (built, kafka):
        await until(built, lambda: kafka.state.subscription is not None and kafka.state.subscription.lease_until is not None)
        assert isinstance(kafka.published[-1], FeedState)
        assert kafka.state.poll_seq == 1, "a lease is no poll"


async def test_while_kafka_is_away_a_lease_is_kept_and_published_when_it_is_back(running: Hub, tmp_path: Path) -> None:
    async with updates(running, tmp_path) as (built, kafka):
        kafka.away = True
        await until(built, lambda: bool(running.verifications))
        for _turn in range(10):
            built.start_due(("a",), datetime.now(UTC))
            await asyncio.sleep(0.02)
        assert kafka.published == []
        kafka.away = False
        await until(built, lambda: kafka.state.subscription is not None and kafka.state.subscription.lease_until is not None)


async def test_a_push_is_answered_when_its_articles_are_published(running: Hub, tmp_path: Path) -> None:
    async with updates(running, tmp_path) as (built, kafka):
        await until(built, lambda: TOPIC in running.subscribers and "a" not in kafka.busy)
        await until(built, lambda: kafka.state.subscription is not None and kafka.state.subscription.lease_until is not None)
        assert await running.deliver(TOPIC, rss([item(3)])) == 200
        pushed = [one for one in kafka.published if isinstance(one, FeedReport)]
        assert [(one.outcome.kind, [article.title for article in one.articles]) for one in pushed] == [(FetchKind.PUSH, ["Report 3"])]
        assert await running.deliver(TOPIC, rss([item(3)])) == 200
        assert kafka.published[-1].outcome.known_count == 1  # type: ignore[union-attr]
        assert await running.deliver(TOPIC, b"no feed at all") == 202


async def test_a_push_waits_for_a_poll_under_way(running: Hub, tmp_path: Path) -> None:
    async with updates(running, tmp_path) as (built, kafka):
        await until(built, lambda: TOPIC in running.subscribers and "a" not in kafka.busy)
        kafka.busy.add("a")
        delivery = asyncio.ensure_future(running.deliver(TOPIC, rss([item(3)])))
        await asyncio.sleep(0.3)
        assert not any(isinstance(one, FeedReport) for one in kafka.published)
        kafka.busy.discard("a")
        assert await delivery == 200


async def test_a_push_that_kafka_will_not_have_is_asked_for_again(running: Hub, tmp_path: Path) -> None:
    async with updates(running, tmp_path) as (built, kafka):
        await until(built, lambda: TOPIC in running.subscribers and "a" not in kafka.busy)
        kafka.away = True
        assert await running.deliver(TOPIC, rss([item(3)])) == 503
        kafka.away = False
        assert await running.deliver(TOPIC, rss([item(3)])) == 200


async def test_a_feed_whose_slot_stays_taken_makes_the_hub_come_again(
    running: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("producers.polling.hub_updates.SLOT_WITHIN_S", 0.2)
    async with updates(running, tmp_path) as (built, kafka):
        kafka.busy.add("a")
        assert await built._pushed("a", rss([item(3)]), "application/rss+xml") is PushAnswer.NOT_PUBLISHED
