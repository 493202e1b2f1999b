"""WebSub on a real broker: subscribe, push, restart, safety poll; a push is published before the hub gets its answer."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from support.feedserver import FeedServer, feed_server, item, rss
from support.hub import Hub, hub
from support.ledgers import assert_log_is_stored_and_balances
from support.producing import producing, records, write_config
from support.storing import eventually

from newsmon.records import Article, FeedState, FetchKind, FetchOutcome
from newsmon.settings import Settings
from newsmon.topics import ARTICLES, FEED_STATE, FETCHES

T = TypeVar("T")


class HubThread:
    """A hub in a loop of its own: the test waits for Kafka meanwhile."""

    def __init__(self, running: Hub, loop: asyncio.AbstractEventLoop) -> None:
        self.hub = running
        self._loop = loop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(180)


@contextmanager
def hub_thread() -> Iterator[HubThread]:
    loop, stop, ready = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
    found: list[Hub] = []

    async def serve() -> None:
        async with hub() as running:
            found.append(running)
            ready.set()
            await asyncio.wait_for(stop.wait(), 600)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(120)
    try:
        yield HubThread(found[0], loop)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(120)
        loop.close()


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as running:
        yield running


def with_links(body: bytes, hub_url: str, topic: str) -> bytes:
    links = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="{hub_url}"/>'
    links += f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="{topic}"/>'
    return body.replace(b"<channel>", b"<channel>" + links.encode())


def state(settings: Settings) -> FeedState:
    return records(settings, FEED_STATE, FeedState)[-1]


def titles(settings: Settings) -> list[str]:
    return sorted(article.title for article in records(settings, ARTICLES, Article))


def test_from_subscription_to_pushed_articles_over_a_restart(kafka_settings: Settings, server: FeedServer, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    topic = server.url("/a")
    config = write_config(tmp_path, kafka_settings, [("a", topic)], interval_s=0.5)
    (tmp_path / "secret").write_text("a secret that is long enough for everybody", "utf-8")
    config.write_text(
        config.read_text("utf-8") + f'[websub]\ncallback_url = "http://127.0.0.1:{port}"\nport = {port}\nsecret_file = "secret"\n', "utf-8"
    )
    with hub_thread() as hubs:
        server.bodies["/a"] = with_links(rss([item(1), item(2)]), hubs.hub.url, topic)
        with producing(config, tmp_path / "log"):
            eventually(lambda: bool(records(kafka_settings, FEED_STATE, FeedState)), "the first poll")
            eventually(
                lambda: state(kafka_settings).subscription is not None and state(kafka_settings).subscription.lease_until is not None,
                "a lease",
            )  # type: ignore[union-attr]
            before = server.counts()["/a"]
            eventually(lambda: server.counts()["/a"] > before, "a hub that has brought nothing yet is not relied on")
            assert hubs.run(hubs.hub.deliver(topic, rss([item(3)]))) == 200
            assert "Report 3" in titles(kafka_settings), "when the hub has its answer the article is on Kafka"
            assert hubs.run(hubs.hub.deliver(topic, rss([item(66)]), signature="sha256=" + "0" * 64)) == 202
            due_s = (state(kafka_settings).next_due_at - state(kafka_settings).subscription.pushed_at).total_seconds()  # type: ignore[operator, union-attr]
            assert due_s > 300, "from now on it is polled for safety only"
        with producing(config, tmp_path / "log"):  # the lease outlives the restart
            eventually(lambda: _answers(hubs, topic) == 200, "the callback answers again")
        assert len(hubs.hub.requests) == 1, "no second subscription"
    assert titles(kafka_settings) == ["Report 1", "Report 2", "Report 3", "Report 4"]
    outcomes = sorted(records(kafka_settings, FETCHES, FetchOutcome), key=lambda one: one.poll_seq)
    assert [one.poll_seq for one in outcomes] == list(range(1, len(outcomes) + 1))
    pushes = [one for one in outcomes if one.kind is FetchKind.PUSH]
    assert [one.new_count for one in pushes][:2] == [1, 1]
    assert not any(one.gap_suspected for one in outcomes)
    assert_log_is_stored_and_balances(kafka_settings, tmp_path)


def _answers(hubs: HubThread, topic: str) -> int:
    import aiohttp

    try:
        return hubs.run(hubs.hub.deliver(topic, rss([item(4), item(3)])))
    except (aiohttp.ClientError, TimeoutError):
        return 0
