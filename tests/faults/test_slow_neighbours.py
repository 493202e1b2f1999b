"""Receivers that hang delay no other: their neighbour's latency beside them, and beside as many quick ones, measured in one run."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from support.alerts import alert
from support.delivering import QUICK, dispatching, empty_database, fill, soon
from support.receivers import LOOPBACK, SECRET, drips_its_head, hangs, raw_receiver, receiver_settings

from newsmon.app.listener import VerifyingReceiver
from newsmon.settings import ReceiverSettings

ALERTS_PER_ROUND = 60
ROUNDS = 2
POLICY = replace(QUICK, drain_s=1.0)
TIMEOUT_S = 20.0  # of those that hang: a neighbour that waited for one of them would wait so long, again and again


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with empty_database(tmp_path) as engine:
        yield engine


async def test_a_neighbours_latency_is_about_the_same_beside_receivers_that_hang_and_beside_quick_ones(engine: Engine) -> None:
    waits: dict[bool, list[float]] = {False: [], True: []}
    async with AsyncExitStack() as stack:
        good = await stack.enter_async_context(VerifyingReceiver(SECRET.text()))
        hung, dripping, chat = [await stack.enter_async_context(raw_receiver(how)) for how in (hangs, drips_its_head, hangs)]
        quick = [await stack.enter_async_context(VerifyingReceiver(SECRET.text())) for _ in range(3)]
        desk = receiver_settings("desk", good.url)
        others = [receiver_settings(f"quick-{number}", one.url) for number, one in enumerate(quick)]
        slow = [receiver_settings("hung", hung.url, timeout_s=TIMEOUT_S), receiver_settings("dripping", dripping.url, timeout_s=TIMEOUT_S)]
        chats = ReceiverSettings(id="chat", kind="apprise", url_env="CHAT", allow_private=LOOPBACK, timeout_s=TIMEOUT_S)
        addresses = {"chat": (f"json://127.0.0.1:{chat.port}/",)}
        for number in range(2 * ROUNDS):
            with_slow = number % 2 == 1
            receivers = [desk, *slow, chats] if with_slow else [desk, *others]
            waits[with_slow] += await latencies(engine, good, receivers, addresses, start=number * ALERTS_PER_ROUND)
        assert all(one.deliveries for one in quick)
        assert hung.requests
        assert dripping.requests
        assert chat.requests
    without, beside = (statistics.median(waits[which]) for which in (False, True))
    print(
        f"\nmedian from outbox to acceptance: {without * 1_000:.0f} ms beside three quick receivers, {beside * 1_000:.0f} ms beside three that hang"
    )
    assert beside < TIMEOUT_S / 4, "most of them would have waited for one that hangs"


async def latencies(
    engine: Engine, good: VerifyingReceiver, receivers: Sequence[ReceiverSettings], addresses: dict[str, tuple[str, ...]], *, start: int
) -> list[float]:
    """Seconds from the outbox to the good receiver, of alerts that come one after the other."""
    filled_at: dict[str, datetime] = {}
    before = len(good.deliveries)
    async with dispatching(engine, receivers, POLICY, addresses=addresses) as dispatcher:
        for number in range(start, start + ALERTS_PER_ROUND):
            one = alert(number)
            await asyncio.to_thread(fill, engine, [one], receivers)
            filled_at[one.alert_id] = datetime.now(UTC)
            dispatcher.wake()
            await asyncio.sleep(0.02)
        await soon(lambda: len(good.deliveries) == before + ALERTS_PER_ROUND, "the good receiver has all", within_s=180)
    return [
        (one.received_at - filled_at[one.payload["data"]["alert_id"]]).total_seconds() for one in good.deliveries[before:] if one.payload
    ]
