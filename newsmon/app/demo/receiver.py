"""The demo's receiver: the verifying receiver of `newsmon listen`, on its own thread.

Out: `deliveries`, complete after the block. I/O: one listening socket on loopback.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from types import TracebackType

from newsmon.app.listener import Answer, Received, VerifyingReceiver
from newsmon.errors import DependencyError

START_TIMEOUT_S = 60.0


class ReceiverThread:
    """Listens on `url` between `__enter__` and `__exit__`."""

    def __init__(self, secret: str, *, answers: Iterable[Answer] = ()) -> None:
        self._receiver = VerifyingReceiver(secret, answers=answers)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="demo-receiver", daemon=True)

    @property
    def url(self) -> str:
        return self._receiver.url

    @property
    def deliveries(self) -> tuple[Received, ...]:
        """Every POST so far."""
        return tuple(self._receiver.deliveries)

    def __enter__(self) -> ReceiverThread:
        self._thread.start()
        self._ready.wait(START_TIMEOUT_S)
        if self._failure is not None or self._receiver.port == 0:
            raise DependencyError("demo receiver", f"cannot listen on loopback: {self._failure or 'no answer'}")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(START_TIMEOUT_S)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            async with self._receiver:
                self._ready.set()
                await self._stop.wait()
        except OSError as error:
            self._failure = error
        finally:
            self._ready.set()
