"""The two Faust agents: batches of events to the runner-neutral batch handlers. Faust sees neither an exception nor a decision.

Faust acknowledges a batch in a `finally`, even when its handler raised or was cancelled. So the batch in progress always finishes
before a cancel goes on, and an unforeseen failure ends the process hard, while nothing is committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import faust

from processors.handling.messages import Incoming
from processors.runner.parts import ProcessorParts
from processors.runner.watchdog import exit_uncommitted

BATCH_WAIT_S = 0.05  # the longest wait for a batch to fill. Every alert pays it, so it stays far below the seconds a webhook takes
FIRST_WAIT_S = 0.01  # the same for an event that nothing came before: there is rarely a second one to wait for
QUIET_WAIT_S = 1.0  # between looks when nothing comes


def add_agents(app: faust.App, parts: ProcessorParts, *, end_process: Callable[[str], None] = exit_uncommitted) -> None:
    """Let `app` classify articles and group matches."""
    size = parts.settings.processor.batch_size

    @app.agent(_raw_topic(app, parts.articles_topic), name="classify", concurrency=1)  # type: ignore[untyped-decorator]
    async def classify(stream: Any) -> None:
        async for events in sleeping_until_events(stream).take_events(size, within=BATCH_WAIT_S):
            await finished(parts.classify_batches.handle([Incoming.of(event.message) for event in events]), end_process)

    @app.agent(_raw_topic(app, parts.matches_topic), name="group", concurrency=1)  # type: ignore[untyped-decorator]
    async def group(stream: Any) -> None:
        async for events in sleeping_until_events(stream).take_events(size, within=BATCH_WAIT_S):
            await finished(parts.group_batches.handle([Incoming.of(event.message) for event in events]), end_process)


def sleeping_until_events(stream: Any) -> Any:
    """The stream, whose `take_events` waits for an event before it waits for a batch to fill: Faust looks twenty times a second.

    Then a single event is handled after FIRST_WAIT_S. One that comes while a batch is handled is noted before Faust buffers it, so the next
    wait for an event ends at once, and the batch fills as before.
    """
    come = asyncio.Event()
    wait = stream.wait_for_stopped

    async def note(value: Any) -> Any:
        come.set()
        return value

    async def wait_for_stopped(full: asyncio.Event, *, timeout: float) -> bool:
        is_busy = come.is_set()
        if not is_busy and (await wait(come, timeout=QUIET_WAIT_S) or not come.is_set()):
            return bool(stream.should_stop)  # Faust asks again
        come.clear()
        return bool(await wait(full, timeout=timeout if is_busy else min(timeout, FIRST_WAIT_S)))

    stream.add_processor(note)
    stream.wait_for_stopped = wait_for_stopped
    return stream


async def finished(batch: Coroutine[Any, Any, None], end_process: Callable[[str], None]) -> None:
    """Finish `batch` even if we are cancelled meanwhile, then pass the cancel on. If the batch fails, the process ends here."""
    task = asyncio.ensure_future(batch)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    failure = asyncio.CancelledError() if task.cancelled() else task.exception()
    if failure is not None:
        end_process(f"a batch failed unexpectedly: {type(failure).__name__}: {failure}")
    if cancelled is not None:
        raise cancelled


def _raw_topic(app: faust.App, name: str) -> Any:
    return app.topic(name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
