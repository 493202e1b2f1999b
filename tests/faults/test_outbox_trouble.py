"""The outbox's database is locked or full: what receivers have said is kept in mind, nothing is sent twice, nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event
from support.alerts import alert
from support.delivering import QUICK, attempt_rows, dispatching, empty_database, fill, outbox_rows, soon
from support.receivers import SECRET, receiver_settings

from newsmon.app.listener import Received, VerifyingReceiver
from sinks.deliver.dispatch import TwoLoopHealth

COUNT = 12


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with empty_database(tmp_path) as engine:
        yield engine


class LockFromFirstDelivery:
    """Another writer's lock on the database: held from the first delivery until it is released."""

    def __init__(self, engine: Engine) -> None:
        self._connection = engine.raw_connection()
        driver = self._connection.driver_connection
        assert driver is not None
        self._driver = driver

    def take(self, _received: Received) -> None:
        if not self._driver.in_transaction:
            self._driver.execute("BEGIN IMMEDIATE")

    def release(self) -> None:
        self._driver.execute("COMMIT")
        self._connection.close()


def all_delivered(engine: Engine) -> bool:
    return {row.state for row in outbox_rows(engine)} == {"delivered"}


async def test_answers_that_come_while_the_database_is_locked_are_recorded_when_it_is_free(engine: Engine) -> None:
    lock = LockFromFirstDelivery(engine)
    health = TwoLoopHealth("deliver")
    async with VerifyingReceiver(SECRET.text(), on_delivery=lock.take) as receiver:
        desk = receiver_settings("desk", receiver.url, concurrency=4)
        fill(engine, [alert(number) for number in range(COUNT)], [desk])
        async with dispatching(engine, [desk], health=health):
            await soon(lambda: "outbox" in health.unready_because(), "unready, for it waits longer than SQLite's own patience")
            assert attempt_rows(engine) == []
            receiver._on_delivery = None
            lock.release()
            await soon(lambda: all_delivered(engine), "all recorded")
            await soon(lambda: "outbox" not in health.unready_because(), "ready again")
    assert sorted(one.webhook_id for one in receiver.deliveries) == sorted(row.delivery_id for row in outbox_rows(engine))


async def test_answers_that_come_while_the_disk_is_full_are_recorded_when_there_is_room(engine: Engine) -> None:
    is_full = False

    @event.listens_for(engine, "begin")
    def limit(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar() if is_full else 1_000_000
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    def fill_up(_received: Received) -> None:
        nonlocal is_full
        is_full = True

    health = TwoLoopHealth("deliver")
    async with VerifyingReceiver(SECRET.text(), on_delivery=fill_up) as receiver:
        desk = receiver_settings("desk", receiver.url, concurrency=2)
        # Enough rows that their attempts need new pages.
        fill(engine, [alert(number, title="x" * 700 + str(number)) for number in range(200)], [desk])
        async with dispatching(engine, [desk], health=health):
            await soon(lambda: "full" in health.unready_because().get("outbox", ""), "unready, and says that the disk is full")
            receiver._on_delivery = None
            is_full = False
            await soon(lambda: all_delivered(engine), "all recorded")
    assert len(receiver.deliveries) == 200
    assert not any(one.repeat for one in receiver.deliveries)


async def test_an_end_while_the_database_is_locked_comes_in_time_and_the_next_start_sends_with_the_same_ids(
    engine: Engine,
) -> None:
    lock = LockFromFirstDelivery(engine)
    async with VerifyingReceiver(SECRET.text(), on_delivery=lock.take) as receiver:
        desk = receiver_settings("desk", receiver.url)
        fill(engine, [alert()], [desk])
        async with asyncio.timeout(120):
            async with dispatching(engine, [desk], replace(QUICK, drain_s=1.0)):
                await soon(lambda: len(receiver.deliveries) == 1, "posted")
        receiver._on_delivery = None
        lock.release()
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE outbox SET leased_until = '2000-01-01 00:00:00.000000'")
        async with dispatching(engine, [desk]):
            await soon(lambda: all_delivered(engine), "sent again")
    assert len({one.webhook_id for one in receiver.deliveries}) == 1
