"""Real HTTP receivers that behave badly, on loopback, and the settings to reach any receiver."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newsmon.settings import ReceiverSettings
from sinks.message.signature import Secret

SECRET = Secret(b"thirty-two bytes for our testing")
LOOPBACK = ("127.0.0.0/8",)


def secret_file(directory: Path) -> Path:
    """A file with SECRET."""
    file = directory / "receiver.secret"
    file.write_text(SECRET.text() + "\n", "utf-8")
    return file


def receiver_settings(name: str, url: str, file: Path = Path("unused"), **changes: Any) -> ReceiverSettings:
    """Settings of a receiver on loopback, which they allow."""
    return ReceiverSettings(**{"id": name, "url": url, "secret_files": (file,), "allow_private": LOOPBACK} | changes)


Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class RawReceiver:
    """A TCP server whose every connection, once its request is read, gets one behaviour; `requests` counts them."""

    behaviour: Behaviour
    port: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            body = await reader.readexactly(length)
            self.requests.append(head + body)
            await self.behaviour(reader, writer)
        writer.close()


@asynccontextmanager
async def raw_receiver(behaviour: Behaviour) -> AsyncIterator[RawReceiver]:
    receiver = RawReceiver(behaviour)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        server.close_clients() if hasattr(server, "close_clients") else None


def says(raw: bytes) -> Behaviour:
    """Answers with exactly these bytes and closes."""

    async def behave(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()

    return behave


async def hangs(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Takes the request and never says anything."""
    await reader.read(1)


async def closes_early(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Takes the request and hangs up."""


async def drips_its_head(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends one byte of an endless header every 50 ms."""
    writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def drips_its_body(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accepts at once, then sends an endless body byte by byte."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def floods(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accepts, then sends as much body as is taken."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()
