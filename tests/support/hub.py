"""A WebSub hub on loopback that behaves like a real one to subscribers: verifies intent, keeps leases, signs content."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web


@dataclass
class Subscriber:
    callback: str
    secret: str
    asked_lease_s: int
    expires_at_s: float  # monotonic


@dataclass
class Hub:
    """`says` is the status a request gets; `lease_s` is what the hub grants; `verifies` False: it accepts and never comes back."""

    port: int = 0
    says: int = 202
    lease_s: int = 600
    verifies: bool = True
    denies: str | None = None
    wrong_topic: bool = False
    subscribers: dict[str, Subscriber] = field(default_factory=dict)  # by topic
    requests: list[dict[str, str]] = field(default_factory=list)
    verifications: list[tuple[int, bool]] = field(default_factory=list)  # status, whether the challenge came back
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    session: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hub"

    async def answer(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.requests.append(form)
        if self.says // 100 == 2:
            task = asyncio.ensure_future(self._verify(form))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        return web.Response(status=self.says)

    async def _verify(self, form: dict[str, str]) -> None:
        assert self.session is not None
        if self.denies is not None:
            await self.session.get(
                form["hub.callback"], params={"hub.mode": "denied", "hub.topic": form["hub.topic"], "hub.reason": self.denies}
            )
            return
        if not self.verifies:
            return
        challenge = secrets.token_urlsafe(24)
        topic = "https://other.example/feed" if self.wrong_topic else form["hub.topic"]
        query = {"hub.mode": form["hub.mode"], "hub.topic": topic, "hub.challenge": challenge, "hub.lease_seconds": str(self.lease_s)}
        async with self.session.get(form["hub.callback"], params=query) as response:
            came_back = (await response.text()) == challenge
            self.verifications.append((response.status, came_back))
            if response.status // 100 == 2 and came_back:
                self.subscribers[form["hub.topic"]] = Subscriber(
                    form["hub.callback"], form["hub.secret"], int(form["hub.lease_seconds"]), time.monotonic() + self.lease_s
                )

    async def deliver(
        self, topic: str, body: bytes, *, method: str = "sha256", signature: str | None = None, path: str | None = None
    ) -> int:
        """Bring content to the topic's subscriber; returns the status it answers with."""
        assert self.session is not None
        subscriber = self.subscribers[topic]
        digest = hmac.new(subscriber.secret.encode(), body, getattr(hashlib, method)).hexdigest()
        headers = {"Content-Type": "application/rss+xml", "X-Hub-Signature": f"{method}={digest}" if signature is None else signature}
        async with self.session.post(path or subscriber.callback, data=body, headers={k: v for k, v in headers.items() if v}) as response:
            return response.status


@asynccontextmanager
async def hub() -> AsyncIterator[Hub]:
    """A running hub, in the caller's event loop."""
    built = Hub()
    app = web.Application()
    app.router.add_post("/hub", built.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    built.port = runner.addresses[0][1]
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as built.session:
        try:
            yield built
        finally:
            for task in list(built.tasks):
                task.cancel()
            await asyncio.gather(*built.tasks, return_exceptions=True)
            await runner.cleanup()
