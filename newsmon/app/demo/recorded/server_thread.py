"""A thread that runs one asyncio server of the demo, between `__enter__` and `__exit__`."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import Self

from newsmon.errors import DependencyError

START_TIMEOUT_S = 60.0


class ServerThread:
    """Subclasses listen in `serve` and call `ready()` once they do; an OSError before that becomes a DependencyError."""

    name = "server"

    def __init__(self) -> None:
        self._started = threading.Event()
        self._listening = False
        self._failure: OSError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name=self.name, daemon=True)

    async def serve(self, stop: asyncio.Event) -> None:
        """Listen, call `ready()`, and return after `stop` is set."""
        raise NotImplementedError

    def ready(self) -> None:
        self._listening = True
        self._started.set()

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait(START_TIMEOUT_S)
        if not self._listening:
            raise DependencyError(self.name, f"cannot listen on loopback: {self._failure or 'no response'}")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(START_TIMEOUT_S)

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            await self.serve(self._stop)
        except OSError as error:
            self._failure = error
        finally:
            self._started.set()
