"""Runners with one mistake each, all of them seen in the wild: the conformance suite must fail every one."""

from __future__ import annotations

import asyncio
from typing import Any

import faust
from aiokafka import AIOKafkaConsumer

from newsmon.kafka.clients import aio_consumer_config
from processors.handling.core import Incoming
from processors.runner.app import app_settings, run_faust
from processors.runner.parts import Work
from support.plain_runner import run_plain


def _app(work: Work, **changed: Any) -> faust.App:
    return faust.App(work.group, **app_settings(work) | changed)


def _raw(app: faust.App, name: str) -> Any:
    return app.topic(name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")


def _incoming(event: Any) -> Incoming:
    message = event.message
    return Incoming(message.topic, message.partition, message.offset, message.key, message.value)


async def four_at_a_time(work: Work, stop: asyncio.Event) -> None:
    """concurrency=4: the committed offset jumps over a record still in progress."""
    app = _app(work)

    @app.agent(_raw(app, work.articles_topic), concurrency=4, name="classify")
    async def classify(stream: Any) -> None:
        async for event in stream.events():
            await work.classify.handle([_incoming(event)])

    await run_faust(work, stop, app=app)


async def lets_exceptions_out(work: Work, stop: asyncio.Event) -> None:
    """The decision's exception leaves the agent, which Faust restarts after acknowledging the event."""
    from datetime import UTC, datetime

    from processors.handling.core import classify_record

    app = _app(work)
    rule = work.classify._decisions

    @app.agent(_raw(app, work.articles_topic), name="classify")
    async def classify(stream: Any) -> None:
        async for event in stream.events():
            answer = classify_record(_incoming(event), rule, now=datetime.now(UTC))
            await work.publisher.publish(answer.outgoing)

    @app.agent(_raw(app, work.matches_topic), name="group")
    async def group(stream: Any) -> None:
        async for event in stream.events():
            await work.group_up.handle([_incoming(event)])

    await run_faust(work, stop, app=app)


async def does_not_wait_for_streams(work: Work, stop: asyncio.Event) -> None:
    """stream_wait_empty=False, and a batch that is not finished when cancelled."""
    app = _app(work, stream_wait_empty=False)

    @app.agent(_raw(app, work.articles_topic), name="classify")
    async def classify(stream: Any) -> None:
        async for events in stream.take_events(200, within=0.05):
            await work.classify.handle([_incoming(event) for event in events])

    await run_faust(work, stop, app=app)


async def swallows(work: Work, stop: asyncio.Event) -> None:
    """Every fault is caught, logged by nobody, and acknowledged."""

    async def forget(*_args: Any) -> None:
        return None

    work.classify._effects.set_aside = forget  # type: ignore[method-assign]
    await run_plain(work, stop)


async def commits_first(work: Work, stop: asyncio.Event) -> None:
    """A loop that commits what it fetched, then works."""
    config = aio_consumer_config(work.settings, client_id=work.group, group=work.group, member=None)
    consumer = AIOKafkaConsumer(work.articles_topic, **config)
    await consumer.start()
    try:
        while not stop.is_set():
            for place, records in (await consumer.getmany(timeout_ms=200)).items():
                await consumer.commit({place: records[-1].offset + 1})
                await work.classify.handle([Incoming(one.topic, one.partition, one.offset, one.key, one.value) for one in records])
    finally:
        await consumer.stop()
        await work.publisher.close()
