"""A website on loopback: tests set the answer for each path; every request is recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Asked:
    method: str
    path: str  # with the query
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Site:
    """`pages[path]` is a body, or a function that answers; a missing path is 404."""

    port: int = 0
    pages: dict[str, bytes | str | Answer] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)  # Content-Type by path; text/html where nothing is said
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def paths(self) -> list[str]:
        return [one.path for one in self.asked]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(Asked(request.method, request.path_qs, dict(request.headers), await request.read()))
        page = self.pages.get(request.path_qs, self.pages.get(request.path))
        if page is None:
            return web.Response(status=404)
        if callable(page):
            return await page(request)
        content = page.encode() if isinstance(page, str) else page
        headers = {"Content-Type": self.types.get(request.path, "text/html; charset=utf-8")} | self.headers.get(request.path, {})
        return web.Response(body=content, headers=headers)


@asynccontextmanager
async def site() -> AsyncIterator[Site]:
    """A running site, in the test's own event loop."""
    built = Site()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", built.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    built.port = runner.addresses[0][1]
    try:
        yield built
    finally:
        await runner.cleanup()
