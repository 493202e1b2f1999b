"""The two Faust agents: events in batches -> the runner-neutral handlings. Faust sees neither an exception nor a decision.

Faust acknowledges a batch in a `finally`: also one whose handler raised, and one that was cancelled. So what is
in hand is always finished before a cancel passes, and anything unforeseen ends the process hard, while nothing is committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import faust

from processors.handling.core import Incoming
from processors.runner.last_words import die
from processors.runner.parts import Work

BATCH_WAIT_S = 0.05  # the longest wait for a batch to fill. Every alert pays it, so it stays far below the seconds a webhook takes


def add_agents(app: faust.App, work: Work, *, end_process: Callable[[str], None] = die) -> None:
    """Let `app` classify articles and group matches."""
    size, within = work.settings.processor.batch_size, BATCH_WAIT_S

    @app.agent(_raw_topic(app, work.articles_topic), name="classify", concurrency=1)  # type: ignore[untyped-decorator]
    async def classify(stream: Any) -> None:
        async for events in stream.take_events(size, within=within):
            await in_hand(work.classify.handle(_incoming(events)), end_process)

    @app.agent(_raw_topic(app, work.matches_topic), name="group", concurrency=1)  # type: ignore[untyped-decorator]
    async def group(stream: Any) -> None:
        async for events in stream.take_events(size, within=within):
            await in_hand(work.group_up.handle(_incoming(events)), end_process)


async def in_hand(handling: Coroutine[Any, Any, None], end_process: Callable[[str], None]) -> None:
    """Finish `handling`, whoever cancels us meanwhile; then pass the cancel on. If it fails, the process ends here."""
    task = asyncio.ensure_future(handling)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    failure = asyncio.CancelledError() if task.cancelled() else task.exception()
    if failure is not None:
        end_process(f"a batch failed in a way nobody foresaw: {type(failure).__name__}: {failure}")
    if cancelled is not None:
        raise cancelled


def _raw_topic(app: faust.App, name: str) -> Any:
    return app.topic(name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")


def _incoming(events: Sequence[Any]) -> list[Incoming]:
    messages = [event.message for event in events]
    return [Incoming(message.topic, message.partition, message.offset, message.key, message.value) for message in messages]
