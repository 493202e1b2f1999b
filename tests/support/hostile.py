"""A server on loopback that sends exactly the bytes a test sets, and records its requests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

FEED = (
    b'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Quay</title><link>https://quay.example/</link>'
    b"<item><title>Ferry returns to the northern pier</title><link>https://quay.example/ferry</link></item></channel></rss>"
)
Answer = Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]


@dataclass
class Server:
    """Answers each path with what a test put there, byte for byte."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    bytes_sent: int = 0

    def url(self, path: str = "/feed") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def says(self, status: int, *headers: str, body: bytes = b"", path: str = "/feed") -> None:
        """A complete answer with its length."""
        lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body)}", "Connection: close", *headers]
        self.raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body, path=path)

    def raw(self, data: bytes, *, path: str = "/feed") -> None:
        async def answer(_asked: Asked, writer: asyncio.StreamWriter) -> None:
            writer.write(data)
            await writer.drain()

        self.answers[path] = answer

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in request[1:] if line)}
            asked = Asked(request[0].split(" ")[1], headers)
            self.asked.append(asked)
            await self.answers[asked.path](asked, writer)
        writer.close()


@contextlib.asynccontextmanager
async def hostile_server() -> AsyncIterator[Server]:
    """A server on a free port of loopback that answers nothing yet."""
    built = Server()
    listening = await asyncio.start_server(built.handle, "127.0.0.1", 0)
    built.port = listening.sockets[0].getsockname()[1]
    try:
        yield built
    finally:
        listening.close()
