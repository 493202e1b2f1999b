"""Subscriptions with a local hub: intent verified, leases renewed, refusals remembered, signatures checked before content is read."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import msgspec
import pytest
from support.drafts import FEED, state
from support.hub import Hub, hub

from newsmon.errors import SettingsError
from newsmon.metrics import PushAnswer
from newsmon.net.monitoring import Health
from newsmon.records import FeedState, Subscription
from newsmon.settings import ProducerSettings, Settings, WebSubSettings
from producers.formats.hub_links import HubLink
from producers.reports.subscription import callback_of, with_hub
from producers.websub.hubs import Hubs, load_keys

SECRET = "a secret that is long enough for everybody"
TOPIC = "https://a.example/feed"
BODY = b"<rss version='2.0'><channel><item><title>Pushed</title></item></channel></rss>"


@pytest.fixture
async def running() -> AsyncIterator[Hub]:
    async with hub() as started:
        yield started


class Desk:
    """What the producer is to `Hubs`: it holds the state, applies changes to it, and takes what is pushed."""

    def __init__(self, hubs: Hub) -> None:
        self.hub = hubs
        self.state: FeedState | None = state()
        self.pushed: list[tuple[str, bytes, str]] = []
        self.answer = PushAnswer.ACCEPTED
        self.hubs: Hubs | None = None

    async def push(self, feed_id: str, body: bytes, content_type: str) -> PushAnswer:
        self.pushed.append((feed_id, body, content_type))
        return self.answer

    @property
    def there(self) -> Subscription:
        assert self.state is not None
        assert self.state.subscription is not None
        return self.state.subscription

    async def until(self, claim: Callable[[], bool]) -> None:
        """Turn like the producer until the claim holds."""
        assert self.hubs is not None
        async with asyncio.timeout(180):
            while not claim():
                self.hubs.ask_due(("a",), datetime.now(UTC))
                changed = self.hubs.changed("a", self.state) if self.state is not None else None
                if changed is not None:
                    self.state, count = changed
                    self.hubs.settle("a", count)
                await asyncio.sleep(0.02)


@asynccontextmanager
async def desk(
    running: Hub, tmp_path: Path, *, subscribe: bool = True, health: Health | None = None, **changes: object
) -> AsyncIterator[Desk]:
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n", "utf-8")
    base: dict[str, object] = {"callback_url": "http://placeholder.example", "secret_file": file, "port": 0}
    settings = Settings(
        producer=ProducerSettings(allow_private=("127.0.0.0/8",), max_body_bytes=100_000),
        websub=WebSubSettings(**(base | changes)),  # type: ignore[arg-type]
    )
    built = Desk(running)
    async with Hubs(settings, {"a": FEED}, lambda _feed_id: built.state, built.push, health) as built.hubs:
        callback = callback_of(f"http://127.0.0.1:{built.hubs.port}", "a", built.hubs.keys)
        if subscribe:
            built.state = with_hub(state(), HubLink(running.url, TOPIC), callback, now=datetime.now(UTC))
        yield built


async def test_a_hub_is_asked_verifies_and_its_lease_is_kept(running: Hub, tmp_path: Path) -> None:
    async with desk(running, tmp_path, lease_s=3_600) as one:
        await one.until(lambda: one.there.lease_until is not None)
        (request,) = running.requests
        assert request["hub.mode"] == "subscribe"
        assert (request["hub.topic"], request["hub.lease_seconds"]) == (TOPIC, "3600")
        assert running.verifications == [(200, True)]
        assert one.there.lease_until is not None
        assert timedelta(seconds=500) < one.there.lease_until - datetime.now(UTC) <= timedelta(seconds=600)
        assert one.there.ask_at < one.there.lease_until


async def test_a_lease_is_renewed_before_it_ends_and_not_before_it_is_due(running: Hub, tmp_path: Path) -> None:
    async with desk(running, tmp_path) as one:
        await one.until(lambda: one.there.lease_until is not None)
        for _turn in range(20):
            assert one.hubs is not None
            one.hubs.ask_due(("a",), datetime.now(UTC))
            await asyncio.sleep(0.01)
        assert len(running.requests) == 1
        due = msgspec.structs.replace(one.there, ask_at=datetime.now(UTC) - timedelta(seconds=1))
        before = due.lease_until
        one.state = msgspec.structs.replace(one.state, subscription=due)
        await one.until(lambda: one.there.lease_until != before)
        assert len(running.requests) == 2


async def test_what_the_old_hub_says_does_not_count_for_a_new_one(running: Hub, tmp_path: Path) -> None:
    async with desk(running, tmp_path) as one:
        assert one.hubs is not None
        one.hubs.ask_due(("a",), datetime.now(UTC))
        async with asyncio.timeout(180):
            while not running.subscribers:
                await asyncio.sleep(0.02)
        moved = msgspec.structs.replace(one.there, hub="https://new.example/")
        changed = one.hubs.changed("a", msgspec.structs.replace(one.state, subscription=moved))
        assert changed is not None
        assert changed[0].subscription == moved


@pytest.mark.parametrize("status", [400, 404, 500, 302])
async def test_a_hub_that_refuses_the_request_is_asked_again_later(running: Hub, tmp_path: Path, status: int) -> None:
    running.says = status
    async with desk(running, tmp_path) as one:
        await one.until(lambda: one.there.attempt_count == 1)
        assert one.there.ask_at > datetime.now(UTC) + timedelta(minutes=9)
        assert one.there.lease_until is None


async def test_a_hub_out_of_reach_or_in_the_private_network_is_asked_again_later(running: Hub, tmp_path: Path) -> None:
    for address in ("http://127.0.0.1:1/hub", "http://10.0.0.1/hub"):
        async with desk(running, tmp_path) as one:
            one.state = msgspec.structs.replace(one.state, subscription=msgspec.structs.replace(one.there, hub=address))
            await one.until(lambda one=one: one.there.attempt_count == 1)  # type: ignore[misc]
            assert one.there.lease_until is None


async def test_a_denial_is_remembered_with_its_reason(running: Hub, tmp_path: Path) -> None:
    running.denies = "no such feed here"
    async with desk(running, tmp_path) as one:
        await one.until(lambda: one.there.denied is not None)
        assert (one.there.denied, one.there.lease_until) == ("no such feed here", None)


async def test_a_verification_of_something_we_never_asked_for_is_refused(running: Hub, tmp_path: Path) -> None:
    running.wrong_topic = True
    async with desk(running, tmp_path) as one:
        await one.until(lambda: len(running.verifications) == 1)
        assert running.verifications == [(404, False)]
        assert one.there.lease_until is None


async def test_unsubscribing_behind_our_back_is_refused_and_a_challenge_is_never_html(running: Hub, tmp_path: Path) -> None:
    async with desk(running, tmp_path) as one, aiohttp.ClientSession() as session:
        query = {"hub.mode": "unsubscribe", "hub.topic": TOPIC, "hub.challenge": "x"}
        async with session.get(one.there.callback, params=query) as response:
            assert response.status == 404
        query = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "<script>", "hub.lease_seconds": "nonsense"}
        async with session.get(one.there.callback, params=query) as response:
            assert (response.status, response.content_type) == (200, "text/plain")
            assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
async def test_genuine_content_is_handed_on_to_the_letter(running: Hub, tmp_path: Path, method: str) -> None:
    async with desk(running, tmp_path) as one:
        await one.until(lambda: TOPIC in running.subscribers)
        assert await running.deliver(TOPIC, BODY, method=method) == 200
        assert one.pushed == [("a", BODY, "application/rss+xml")]


@pytest.mark.parametrize("signature", ["", "sha256=" + "0" * 64, "md5=abc", "sha256"])
async def test_content_without_a_good_signature_is_acknowledged_and_not_read(running: Hub, tmp_path: Path, signature: str) -> None:
    async with desk(running, tmp_path) as one:
        await one.until(lambda: TOPIC in running.subscribers)
        assert await running.deliver(TOPIC, BODY, signature=signature) == 202
        assert one.pushed == []


async def test_content_that_could_not_be_published_is_asked_for_again(running: Hub, tmp_path: Path) -> None:
    async with desk(running, tmp_path) as one:
        await one.until(lambda: TOPIC in running.subscribers)
        one.answer = PushAnswer.NOT_PUBLISHED
        assert await running.deliver(TOPIC, BODY) == 503


async def test_addresses_nobody_gave_out_are_not_found_and_large_bodies_refused(running: Hub, tmp_path: Path) -> None:
    async with desk(running, tmp_path) as one:
        await one.until(lambda: TOPIC in running.subscribers)
        base = one.there.callback.rsplit("/", 1)[0]
        for path in (f"{base}/{'0' * 32}", one.there.callback.replace("/a/", "/b/"), base.replace("/a", "/")):
            assert await running.deliver(TOPIC, BODY, path=path) == 404
        assert await running.deliver(TOPIC, b"x" * 200_000) == 413
        assert one.pushed == []


async def test_a_feed_that_went_to_another_replica_answers_no_hub(running: Hub, tmp_path: Path) -> None:
    async with desk(running, tmp_path) as one:
        await one.until(lambda: TOPIC in running.subscribers)
        one.state = None
        assert await running.deliver(TOPIC, BODY) == 404


async def test_a_port_that_is_taken_is_waited_for_and_said(running: Hub, tmp_path: Path) -> None:
    health = Health("producer")
    holder = socket.create_server(("127.0.0.1", 0))
    async with desk(running, tmp_path, health=health, port=holder.getsockname()[1]) as one:
        assert "another program listens" in health.unready_because()["websub.port"]
        holder.close()
        await one.until(lambda: "websub.port" not in health.unready_because())
        await one.until(lambda: TOPIC in running.subscribers and one.there.lease_until is not None)
        assert await running.deliver(TOPIC, BODY) == 200


async def test_an_address_that_cannot_exist_is_a_wrong_setting(running: Hub, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"websub.port"):
        async with desk(running, tmp_path, bind="no such host"):
            pass


def test_a_missing_or_short_secret_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = tmp_path / "short"
    short.write_text("short", "utf-8")
    with pytest.raises(SettingsError, match="at least 32"):
        load_keys(WebSubSettings(callback_url="https://us.example", secret_file=short))
    with pytest.raises(SettingsError, match="cannot be read"):
        load_keys(WebSubSettings(callback_url="https://us.example", secret_file=tmp_path / "none"))
    monkeypatch.setenv("WEBSUB_SECRET", SECRET)
    assert load_keys(WebSubSettings(callback_url="https://us.example", secret_env="WEBSUB_SECRET")).secret == SECRET
    for wrong in ({"callback_url": "us.example"}, {"callback_url": "https://us.example/?a"}, {"callback_url": "https://us.example"}):
        with pytest.raises(ValueError, match=r"secret|address"):
            WebSubSettings(**wrong)  # type: ignore[arg-type]
