"""Runners with one known mistake each: the conformance suite must fail every one."""

from __future__ import annotations

import asyncio
from typing import Any

import faust
from aiokafka import AIOKafkaConsumer

from newsmon.kafka.clients import aio_consumer_config
from processors.handling.messages import Incoming
from processors.runner.app import app_settings, run_faust
from processors.runner.parts import ProcessorParts
from support.plain_runner import run_plain


def _app(parts: ProcessorParts, **changed: Any) -> faust.App:
    return faust.App(parts.group, **app_settings(parts) | changed)


def _raw(app: faust.App, name: str) -> Any:
    return app.topic(name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")


async def four_at_a_time(parts: ProcessorParts, stop: asyncio.Event) -> None:
    """concurrency=4: the committed offset jumps over a record still in progress."""
    app = _app(parts)

    @app.agent(_raw(app, parts.articles_topic), concurrency=4, name="classify")
    async def classify(stream: Any) -> None:
        async for event in stream.events():
            await parts.classify_batches.handle([Incoming.of(event.message)])

    await run_faust(parts, stop, app=app)


async def lets_exceptions_out(parts: ProcessorParts, stop: asyncio.Event) -> None:
    """The decision's exception leaves the agent, which Faust restarts after acknowledging the event."""
    from datetime import UTC, datetime

    from processors.handling.answers import classify_record

    app = _app(parts)
    rule = parts.classify_batches._decisions

    @app.agent(_raw(app, parts.articles_topic), name="classify")
    async def classify(stream: Any) -> None:
        async for event in stream.events():
            answer = classify_record(Incoming.of(event.message), rule, now=datetime.now(UTC))
            await parts.writer.publish(answer.outgoing)

    @app.agent(_raw(app, parts.matches_topic), name="group")
    async def group(stream: Any) -> None:
        async for event in stream.events():
            await parts.group_batches.handle([Incoming.of(event.message)])

    await run_faust(parts, stop, app=app)


async def does_not_wait_for_streams(parts: ProcessorParts, stop: asyncio.Event) -> None:
    """stream_wait_empty=False, and a batch that is not finished when cancelled."""
    app = _app(parts, stream_wait_empty=False)

    @app.agent(_raw(app, parts.articles_topic), name="classify")
    async def classify(stream: Any) -> None:
        async for events in stream.take_events(200, within=0.05):
            await parts.classify_batches.handle([Incoming.of(event.message) for event in events])

    await run_faust(parts, stop, app=app)


async def swallows(parts: ProcessorParts, stop: asyncio.Event) -> None:
    """Every fault is caught, logged by nobody, and acknowledged."""

    async def forget(*_args: Any) -> None:
        return None

    parts.classify_batches._kafka.quarantine = forget  # type: ignore[method-assign]
    await run_plain(parts, stop)


async def commits_first(parts: ProcessorParts, stop: asyncio.Event) -> None:
    """A loop that commits what it fetched, then works."""
    config = aio_consumer_config(parts.settings, client_id=parts.group, group=parts.group, member=None)
    consumer = AIOKafkaConsumer(parts.articles_topic, **config)
    await consumer.start()
    try:
        while not stop.is_set():
            for place, records in (await consumer.getmany(timeout_ms=200)).items():
                await consumer.commit({place: records[-1].offset + 1})
                await parts.classify_batches.handle(list(map(Incoming.of, records)))
    finally:
        await consumer.stop()
        await parts.writer.close()
