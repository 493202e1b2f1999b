"""Metrics of feeds that another replica polls now: old values of this replica must not win against the new ones."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from support.drafts import state

from newsmon import metrics
from newsmon.records import FeedState
from newsmon.settings import Settings
from producers.health.network_outage import NetworkOutage
from producers.polling.feed_review import FeedReview
from producers.polling.replica import Replica
from producers.polling.slots import FeedSlots


def value(name: str) -> float | None:
    return metrics.REGISTRY.get_sample_value(name, {"feed": "given-up"})


def test_a_replica_takes_back_what_it_said_of_a_feed_that_left_it() -> None:
    metrics.announce_feeds(["given-up"])
    states = SimpleNamespace(state_of=lambda _feed_id: state())
    replica = Replica(Settings(), {}, states, FeedSlots(), None, "test")  # type: ignore[arg-type]
    review = FeedReview(replica, NetworkOutage("test"))
    review.show_owned(("given-up",))
    metrics.FEED_WELL.labels("given-up").set(0)
    metrics.FEED_POLL_INTERVAL.labels("given-up").set(86_400)
    review.show_owned(("given-up",))
    assert (value("newsmon_feed_well"), value("newsmon_feed_poll_interval_seconds")) == (0, 86_400)
    review.show_owned(())
    assert (value("newsmon_feed_well"), value("newsmon_feed_poll_interval_seconds")) == (None, None)
    assert review._held_since == {}


async def test_an_outage_of_kafka_is_not_also_told_as_a_late_feed_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    async def write_notices(following: FeedState, _notices: Any, _lease: Any) -> None:
        told.append(following.feed_id)

    monkeypatch.setattr(FeedReview, "_set_pace", nothing_to_pace)
    began = datetime.now(UTC) + timedelta(minutes=1)
    feeds = {name: msgspec.structs.replace(state(), feed_id=name, next_due_at=began, interval_s=60) for name in ("one", "two")}
    states: Any = SimpleNamespace(state_of=feeds.get, lease=lambda _feed_id: object())
    reports: Any = SimpleNamespace(write_notices=write_notices)
    slots = FeedSlots()
    poller: Any = None  # its pace is not set here
    review = FeedReview(Replica(Settings(), {}, states, slots, reports, "test"), NetworkOutage("test"))
    review.clock_stepped(began)

    async def reviewed(after: timedelta) -> list[str]:
        review.run_if_due(tuple(feeds), poller, began + after)
        await asyncio.gather(*slots.tasks().values())
        return told

    await reviewed(timedelta())
    review._held_since = dict.fromkeys(feeds, began)
    slots.kafka_down = True
    assert await reviewed(timedelta(minutes=40)) == [], "Kafka takes nothing, and that is told"
    slots.kafka_down = False
    assert await reviewed(timedelta(minutes=42)) == [], "back: the first polls are under way"
    assert sorted(await reviewed(timedelta(minutes=50))) == ["one", "two"], "since then they had time enough"


async def nothing_to_pace(_review: FeedReview, _poller: object, _states: object) -> None: ...
