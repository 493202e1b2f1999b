"""The broker killed with -9 under a working processor: it waits, unready, and loses nothing."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from support.plain_runner import run_plain
from support.processing import Runner, caught_up, decisions, mixed_articles, put_articles, records_of, running, until

from newsmon.kafka.broker.process import LocalBroker
from newsmon.records import Classification, Match, StoryState
from newsmon.settings import Settings
from newsmon.topics import CLASSIFICATIONS, MATCHES, STORY_STATE
from processors.runner.app import run_faust
from processors.runner.parts import ProcessorParts, new_parts

DOWN_S = 8.0


@pytest.mark.parametrize("runner", [run_faust, run_plain], ids=["faust", "plain"])
async def test_a_broker_killed_under_load_costs_time_and_nothing_else(
    broker: LocalBroker, kafka_settings: Settings, runner: Runner
) -> None:
    articles = mixed_articles(3_000)
    await put_articles(kafka_settings, articles)
    parts = new_parts(kafka_settings, decisions())
    async with running(runner, parts):
        await until(lambda: _some(kafka_settings), "the first answers")
        assert broker.pid is not None
        os.kill(broker.pid, signal.SIGKILL)
        try:
            await asyncio.sleep(DOWN_S)
        finally:
            await asyncio.to_thread(broker.start)
        await caught_up(kafka_settings, within_s=300)
        await put_articles(kafka_settings, mixed_articles(20, start=5_000))
        await caught_up(kafka_settings)
        await until(lambda: _ready(parts), "ready again")
    answered = {one.article_id for one in await records_of(kafka_settings, CLASSIFICATIONS, Classification)}
    assert len(answered) == 3_020
    matches = {one.match_id for one in await records_of(kafka_settings, MATCHES, Match)}
    assert {one.match_id for one in await records_of(kafka_settings, STORY_STATE, StoryState)} == matches


async def _ready(parts: ProcessorParts) -> bool:
    return parts.health.unready_because() == {}


async def _some(settings: Settings) -> bool:
    return len(await records_of(settings, CLASSIFICATIONS, Classification)) > 100
