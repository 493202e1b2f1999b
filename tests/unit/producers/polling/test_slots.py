"""One task per feed at a time; a bug in a task is kept for the process to fail with."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from producers.polling.slots import FeedSlots


async def test_a_slot_is_taken_until_its_task_ends() -> None:
    slots, may_end = FeedSlots(), asyncio.Event()

    async def work() -> None:
        await asyncio.wait_for(may_end.wait(), 60)

    task = slots.start("a", work())
    assert (slots.is_taken("a"), slots.may_start("a"), slots.may_start("b"), len(slots)) == (True, False, True, 1)
    assert slots.tasks() == {"a": task}
    may_end.set()
    await task
    assert (slots.is_taken("a"), slots.may_start("a"), len(slots), slots.failure) == (False, True, 0, None)


async def test_no_slot_is_taken_while_kafka_is_down_or_the_feed_must_wait() -> None:
    slots = FeedSlots()
    slots.not_before["a"] = datetime.now(UTC) + timedelta(minutes=1)
    assert (slots.may_start("a"), slots.may_start("b")) == (False, True)
    slots.not_before["a"] = datetime.now(UTC) - timedelta(minutes=1)
    assert slots.may_start("a")
    slots.kafka_down = True
    assert not slots.may_start("a")


async def test_the_first_bug_is_kept_and_a_cancelled_task_is_none() -> None:
    slots = FeedSlots()

    async def broken(message: str) -> None:
        raise LookupError(message)

    async def endless() -> None:
        await asyncio.sleep(3_600)

    stopped = slots.start("stopped", endless())
    await asyncio.sleep(0)
    stopped.cancel()
    await asyncio.gather(stopped, return_exceptions=True)
    assert slots.failure is None
    for feed_id in ("first", "second"):
        await asyncio.gather(slots.start(feed_id, broken(feed_id)), return_exceptions=True)
    assert isinstance(slots.failure, LookupError)
    assert str(slots.failure) == "first"
    assert len(slots) == 0
