"""The outbox shared by several processes, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine
from support.alerts import alert
from support.delivering import QUICK, attempt_rows, dispatching, fill, outbox_rows, soon
from support.receivers import SECRET, receiver_settings

from newsmon.app.listener import Answer, VerifyingReceiver
from newsmon.settings import DatabaseSettings, Settings
from sinks.database.engine import create_engine_for
from sinks.database.schema import migrate
from sinks.policy.retry import Schedule

COUNT = 200
PATIENT = replace(QUICK, schedule=Schedule(delays_s=(0.1,) * 40, jitter=0.0))  # twenty failures may well meet one alert


@pytest.fixture
def engines(database_url: str, tmp_path: Path) -> Iterator[tuple[Engine, Engine]]:
    """Two ways to one database, as two processes have them."""
    settings = Settings(state_dir=tmp_path, database=DatabaseSettings(url=database_url))
    engines = create_engine_for(settings), create_engine_for(settings)
    migrate(engines[0])
    yield engines
    for engine in engines:
        engine.dispose()


async def test_several_deliver_processes_share_the_outbox_and_send_nothing_twice(engines: tuple[Engine, Engine]) -> None:
    async with VerifyingReceiver(SECRET.text(), answers=[Answer(status=500)] * 20) as receiver:
        desk = receiver_settings("desk", receiver.url)
        fill(engines[0], [alert(number) for number in range(COUNT)], [desk])
        async with dispatching(engines[0], [desk], PATIENT), dispatching(engines[1], [desk], PATIENT):
            await soon(lambda: {row.state for row in outbox_rows(engines[0])} == {"delivered"}, "all delivered", within_s=240)
    accepted = [one for one in receiver.deliveries if one.accepted]
    assert len(accepted) == COUNT
    assert not any(one.repeat for one in accepted)
    assert len(attempt_rows(engines[0])) == len(receiver.deliveries) == COUNT + 20


async def test_a_receiver_disabled_by_one_process_is_left_alone_by_the_other(engines: tuple[Engine, Engine]) -> None:
    async with VerifyingReceiver(SECRET.text(), answers=[Answer(status=410)]) as receiver:
        desk = receiver_settings("desk", receiver.url)
        async with dispatching(engines[0], [desk]) as first, dispatching(engines[1], [desk]) as second:
            fill(engines[0], [alert(0)], [desk])
            first.wake()
            await soon(lambda: [row.state for row in outbox_rows(engines[0])] == ["dead"], "disabled")
            fill(engines[1], [alert(number) for number in range(1, 20)], [desk])
            second.wake()
            await asyncio.sleep(1.0)
    assert len(receiver.deliveries) == 1
    assert {row.reason for row in outbox_rows(engines[0])} == {"gone", "receiver_disabled"}
