"""Requests subscriptions from WebSub hubs and renews them, answers their verifications, and receives pushed content.

Changes to a subscription are kept here until the producer has published them as part of the feed's state. Content is answered with
2xx only once its articles are on Kafka; otherwise the hub tries again. I/O: HTTP in both directions.
"""

from __future__ import annotations

import asyncio
import hmac
import os
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType

import aiohttp
import msgspec
from aiohttp import web

from newsmon import metrics
from newsmon.errors import Problem, SettingsError
from newsmon.logs import get_logger
from newsmon.metrics import HubAnswer, PushAnswer
from newsmon.net.guard import RefusedAddress, guarded_connector
from newsmon.net.http_server import Conditions, PortWait
from newsmon.net.listening import RETRY_S, Taken, listen_on
from newsmon.net.trust import why_untrusted
from newsmon.records import Feed, FeedState, Subscription
from newsmon.settings import Settings, WebSubSettings
from producers.reports.subscription import Keys, asked, is_genuine, refused, verified

LEAST_SECRET_CHARS = 32
MAX_CHALLENGE_CHARS = 2_000
PUSHES_AT_ONCE = 8
MOST_REQUESTS = 4
LOOK_EVERY = timedelta(seconds=1)  # over all feeds, to find subscriptions that are due
STATUS = {
    PushAnswer.ACCEPTED: 200, PushAnswer.BAD_SIGNATURE: 202, PushAnswer.NO_FEED: 202, PushAnswer.NOT_WANTED: 404, PushAnswer.DENIED: 200,
    PushAnswer.UNKNOWN_CALLBACK: 404, PushAnswer.TOO_LARGE: 413, PushAnswer.NOT_PUBLISHED: 503,
}  # fmt: skip

Push = Callable[[str, bytes, str], Awaitable[PushAnswer]]
Change = Callable[[Subscription], Subscription]

log = get_logger(__name__)


def load_keys(settings: WebSubSettings) -> Keys:
    """The keys from the secret in the settings; SettingsError when it is missing or too short."""
    if settings.secret_file is not None:
        where, secret = "settings:websub.secret_file", _content(settings.secret_file)
    else:
        where, secret = "settings:websub.secret_env", os.environ.get(settings.secret_env or "", "")
    if len(secret.strip()) < LEAST_SECRET_CHARS:
        raise SettingsError([Problem(where, f"the secret must have at least {LEAST_SECRET_CHARS} characters")])
    return Keys(secret.strip())


def _content(file: Path) -> str:
    try:
        return file.read_text("utf-8")[:10_000]
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([Problem("settings:websub.secret_file", f"{file} cannot be read: {error}")]) from error


class Hubs:
    """An async context manager, used only when the settings have a callback address."""

    def __init__(
        self,
        settings: Settings,
        feeds: Mapping[str, Feed],
        state_of: Callable[[str], FeedState | None],
        push: Push,
        health: Conditions | None = None,
    ) -> None:
        self._websub = settings.websub
        self._producer = settings.producer
        self._feeds = {feed_id: feed for feed_id, feed in feeds.items() if feed.websub}
        self._state_of = state_of
        self._push = push
        self.keys = load_keys(settings.websub)
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None
        self._port_wait = PortWait("websub.port", self._websub.port, health)
        self._listening: asyncio.Task[None] | None = None
        self._requests: dict[str, asyncio.Task[None]] = {}
        self._changes: dict[str, list[Change]] = {}
        self._look_at = datetime.min.replace(tzinfo=UTC)
        self._pushing = asyncio.Semaphore(PUSHES_AT_ONCE)

    async def __aenter__(self) -> Hubs:
        app = web.Application(client_max_size=self._producer.max_body_bytes)
        app.router.add_get("/{feed_id}/{token}", self._asked_for_intent)
        app.router.add_post("/{feed_id}/{token}", self._content)
        self._runner = web.AppRunner(app, access_log=None, auto_decompress=False, shutdown_timeout=2.0)
        await self._runner.setup()
        try:
            if not await self._listens(self._runner):
                self._listening = asyncio.create_task(self._listen_later(self._runner))
        except SettingsError:
            await self._runner.cleanup()
            raise
        self._session = aiohttp.ClientSession(
            connector=guarded_connector(self._producer.allow_private, setting="producer.allow_private", limit=MOST_REQUESTS),
            timeout=aiohttp.ClientTimeout(total=self._producer.timeout_s),
            headers={"User-Agent": self._producer.user_agent},
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )
        return self

    async def __aexit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        tasks = [*self._requests.values(), *([self._listening] if self._listening is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _listens(self, runner: web.AppRunner) -> bool:
        """True once the callback server listens; False while another program holds its port."""
        found = listen_on(self._websub.bind, self._websub.port, key="websub.port")
        if isinstance(found, Taken):
            self._port_wait.is_taken(found)
            return False
        await web.SockSite(runner, found).start()
        self._port_wait.is_over()
        return True

    async def _listen_later(self, runner: web.AppRunner) -> None:
        """Try again until the port is free. Meanwhile hubs cannot reach us, and polls bring what they would have pushed."""
        while not await self._listens(runner):
            await asyncio.sleep(RETRY_S)

    @property
    def port(self) -> int:
        """The port of the callback server, or the one it waits for."""
        assert self._runner is not None
        addresses = self._runner.addresses
        return int(addresses[0][1]) if addresses else self._websub.port

    def ask_due(self, owned: tuple[str, ...], now: datetime) -> None:
        """Send the requests to hubs that are due; drop changes for feeds that went to another replica."""
        if now < self._look_at:
            return
        self._look_at = now + LOOK_EVERY
        for feed_id in set(self._changes) - set(owned):
            del self._changes[feed_id]
        active_count = 0
        for feed_id in owned:
            subscription = self._subscription(feed_id)
            if subscription is None:
                continue
            active_count += subscription.lease_until is not None and subscription.lease_until > now
            busy = feed_id in self._requests or feed_id in self._changes or len(self._requests) >= MOST_REQUESTS
            if subscription.ask_at <= now and not busy:
                task = asyncio.create_task(self._ask(feed_id, subscription), name=f"hub of {feed_id}")
                self._requests[feed_id] = task
                task.add_done_callback(lambda _done, feed_id=feed_id: self._requests.pop(feed_id, None))  # type: ignore[misc]
        metrics.WEBSUB_ACTIVE.set(active_count)

    def changed(self, feed_id: str, state: FeedState) -> tuple[FeedState, int] | None:
        """The state with its changed subscription, and the number of changes; None when there are none."""
        changes = self._changes.get(feed_id)
        if not changes or state.subscription is None:
            return None
        subscription = state.subscription
        for change in changes:
            subscription = change(subscription)
        return msgspec.structs.replace(state, subscription=subscription), len(changes)

    def settle(self, feed_id: str, count: int) -> None:
        """Drop the first `count` changes: they are published."""
        left = self._changes.get(feed_id, [])[count:]
        if left:
            self._changes[feed_id] = left
        else:
            self._changes.pop(feed_id, None)

    def forget_changes(self, feed_id: str) -> None:
        """Drop all changes: the feed has no subscription any more."""
        self._changes.pop(feed_id, None)

    def changed_feeds(self) -> frozenset[str]:
        """Feeds with changes to be published."""
        return frozenset(self._changes)

    def _subscription(self, feed_id: str) -> Subscription | None:
        state = self._state_of(feed_id) if feed_id in self._feeds else None
        return state.subscription if state is not None else None

    def _change(self, feed_id: str, subscription: Subscription, change: Change) -> None:
        """Keep a change to a subscription; it is ignored if the feed has a different one when it is published."""
        target = (subscription.hub, subscription.topic, subscription.callback)
        changes = self._changes.setdefault(feed_id, [])
        changes.append(lambda one: change(one) if (one.hub, one.topic, one.callback) == target else one)

    async def _ask(self, feed_id: str, subscription: Subscription) -> None:
        """Request a subscription from the hub (section 5.1). The hub verifies it later, with its own request."""
        assert self._session is not None
        form = {
            "hub.mode": "subscribe",
            "hub.topic": subscription.topic,
            "hub.callback": subscription.callback,
            "hub.secret": self.keys.hub_secret(feed_id, subscription.hub),
            "hub.lease_seconds": str(int(self._websub.lease_s)),
        }
        answer, detail = HubAnswer.UNREACHABLE, ""
        try:
            async with self._session.post(subscription.hub, data=form, allow_redirects=False) as response:
                detail = f"HTTP {response.status}"
                answer = HubAnswer.ACCEPTED if 200 <= response.status < 300 else HubAnswer.REFUSED
        except (aiohttp.ClientError, RefusedAddress, OSError, TimeoutError, ValueError) as error:
            detail = why_untrusted(error) or f"{type(error).__name__}: {error}"[:200]
        metrics.WEBSUB_REQUESTS.labels(answer.value).inc()
        log.info("websub.asked", feed_id=feed_id, reason=answer.value, detail=detail)
        at = _now()
        self._change(feed_id, subscription, lambda one: asked(one, now=at) if one.ask_at <= at else one)

    async def _asked_for_intent(self, request: web.Request) -> web.Response:
        """Answer a hub that verifies a subscription (section 5.3) or denies it (section 5.2)."""
        feed_id, subscription = self._addressed(request)
        if subscription is None:
            return _answered(PushAnswer.UNKNOWN_CALLBACK)
        query = request.query
        mode, challenge = query.get("hub.mode", ""), query.get("hub.challenge", "")
        if query.get("hub.topic") != subscription.topic or mode not in ("subscribe", "denied"):
            return _answered(PushAnswer.NOT_WANTED)
        at = _now()
        if mode == "denied":
            reason = query.get("hub.reason", "")
            self._change(feed_id, subscription, lambda one: refused(one, reason, now=at))
            log.warning("websub.denied", feed_id=feed_id, reason=reason[:200])
            return _answered(PushAnswer.DENIED)
        lease_s = _seconds(query.get("hub.lease_seconds", ""), self._websub.lease_s)
        if not challenge or len(challenge) > MAX_CHALLENGE_CHARS:
            return _answered(PushAnswer.NOT_WANTED)
        self._change(feed_id, subscription, lambda one: verified(one, lease_s, now=at))
        metrics.WEBSUB_CALLBACKS.labels(PushAnswer.VERIFIED.value).inc()
        log.info("websub.verified", feed_id=feed_id, lease_s=lease_s)
        # Plain text and nosniff: knowing the address must not let anyone make us serve a page.
        return web.Response(text=challenge, content_type="text/plain", headers={"X-Content-Type-Options": "nosniff"})

    async def _content(self, request: web.Request) -> web.Response:
        """Receive pushed content (section 7). Every request is answered, but only genuine content is read."""
        feed_id, subscription = self._addressed(request)
        if subscription is None:
            return _answered(PushAnswer.UNKNOWN_CALLBACK)
        async with self._pushing:
            try:
                body = await request.read()
            except web.HTTPRequestEntityTooLarge:
                return _answered(PushAnswer.TOO_LARGE)
            if not is_genuine(self.keys.hub_secret(feed_id, subscription.hub), body, request.headers.get("X-Hub-Signature")):
                log.warning("websub.bad_signature", feed_id=feed_id, remote=request.remote)
                return _answered(PushAnswer.BAD_SIGNATURE)
            return _answered(await self._push(feed_id, body, request.headers.get("Content-Type", "")))

    def _addressed(self, request: web.Request) -> tuple[str, Subscription | None]:
        """The feed of this callback address, and its subscription; None for any other address."""
        feed_id, token = request.match_info["feed_id"], request.match_info["token"]
        known = hmac.compare_digest(self.keys.token(feed_id).encode(), token.encode("utf-8", "replace"))
        return feed_id, self._subscription(feed_id) if known else None


def _answered(answer: PushAnswer) -> web.Response:
    metrics.WEBSUB_CALLBACKS.labels(answer.value).inc()
    return web.Response(status=STATUS[answer], text=answer.value)


def _seconds(text: str, otherwise: float) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 12 else otherwise


def _now() -> datetime:
    return datetime.now(UTC)
