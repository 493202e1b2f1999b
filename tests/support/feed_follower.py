"""One feed on a real server, polled over days by the real client, parser and decisions; only the clock is virtual."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from newsmon.records import Feed, FeedState, FetchResult, NoticeKind, NoticeState
from newsmon.settings import ProducerSettings
from producers.health.feed_health import FeedHealth, health_of
from producers.http.fetch import Fetcher
from producers.polling.poller import Poller
from producers.reports.poll_report import FeedReport
from producers.workers.worker_pool import WorkerPool
from support.feedserver import item, rss
from support.hostile import Asked, Server, hostile_server

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SETTINGS = ProducerSettings(
    timeout_s=60.0, connect_timeout_s=30.0, max_body_bytes=40_000_000, parse_timeout_s=60.0, allow_private=("127.0.0.1/32",),
    host_spacing_s=0.0,
)  # fmt: skip


@dataclass
class Follow:
    """One feed polled again and again, as the producer does; `state` is what it would have put on Kafka."""

    server: Server
    poller: Poller
    feed: Feed
    now: datetime = START
    state: FeedState | None = None
    told: list[tuple[NoticeKind, NoticeState]] = field(default_factory=list)

    async def poll(self, *, later: timedelta = 5 * MINUTE) -> FeedReport:
        """One poll, `later` than the one before; checks what holds of every poll."""
        self.now += later
        self.poller.clock = lambda: self.now
        found = await self.poller.poll(self.feed, self.state)
        outcome, before = found.outcome, self.state.result_counts if self.state else {}
        assert found.state.result_counts == before | {outcome.result: before.get(outcome.result, 0) + 1}
        assert sum(found.state.result_counts.values()) == found.state.poll_seq == outcome.poll_seq
        assert found.state.last_result is outcome.result
        assert outcome.entry_count == outcome.new_count + outcome.revised_count + outcome.known_count + sum(outcome.rejected.values())
        assert len(found.articles) == outcome.new_count + outcome.revised_count
        assert outcome.next_due_at > self.now
        self.state = found.state
        self.told += [(one.kind, one.state) for one in found.notices]
        return found

    async def results(self, count: int = 1, *, later: timedelta = 5 * MINUTE) -> list[FetchResult]:
        return [(await self.poll(later=later)).outcome.result for _time in range(count)]

    @property
    def health(self) -> FeedHealth:
        return health_of(self.state, now=self.now).word

    @property
    def wait_s(self) -> float:
        assert self.state is not None
        return (self.state.next_due_at - self.now).total_seconds()


@pytest.fixture(scope="module")
def workers() -> Iterator[WorkerPool]:
    worker = WorkerPool(cpu_limit_s=SETTINGS.parse_timeout_s)
    yield worker
    worker.close()


@pytest.fixture
async def follow(workers: WorkerPool) -> AsyncIterator[Follow]:
    async with hostile_server() as server, Fetcher(SETTINGS) as fetcher:
        feed = Feed(feed_id="quay", url=server.url(), source="Quay", language="en")
        yield Follow(server, Poller(fetcher, workers, SETTINGS, "test"), feed)


def shown(*numbers: int, **more: str) -> bytes:
    return rss([item(number, **more) for number in numbers])


def conditional(server: Server, etag: str, body: bytes, *, lying_with: bytes | None = None) -> None:
    """Answers 304 to its ETag; `lying_with`: what it really has by now, still under that ETag."""

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        same = asked.headers.get("if-none-match") == etag
        content = b"" if same else lying_with or body
        writer.write(
            f"HTTP/1.1 {304 if same else 200} X\r\nETag: {etag}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n".encode()
            + content
        )
        await writer.drain()

    server.answers["/feed"] = answer
