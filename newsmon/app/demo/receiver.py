"""The demo's receiver: the verifying receiver of `newsmon listen`, on its own thread.

Out: `deliveries`, complete after the block. I/O: one listening socket on loopback.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from newsmon.app.demo.recorded.server_thread import ServerThread
from newsmon.app.listener import Answer, Received, VerifyingReceiver


class ReceiverThread(ServerThread):
    """Listens on `url`."""

    name = "demo receiver"

    def __init__(self, secret: str, *, answers: Iterable[Answer] = ()) -> None:
        super().__init__()
        self._receiver = VerifyingReceiver(secret, answers=answers)

    @property
    def url(self) -> str:
        return self._receiver.url

    @property
    def deliveries(self) -> tuple[Received, ...]:
        """Every POST so far."""
        return tuple(self._receiver.deliveries)

    async def serve(self, stop: asyncio.Event) -> None:
        async with self._receiver:
            self.ready()
            await stop.wait()
