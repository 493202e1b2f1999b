"""A producer that polls nothing, or not all of its feeds, is not ready and says why."""

from __future__ import annotations

from pathlib import Path

import pytest
from kafka import TopicPartition

from newsmon.net.monitoring import Health
from newsmon.records import Feed
from newsmon.settings import KafkaSettings, Settings
from newsmon.words.watch import WordWatch
from producers.polling.service import Producer


@pytest.fixture
def health() -> Health:
    return Health("producer")


@pytest.fixture
async def producer(tmp_path: Path, health: Health) -> Producer:
    settings = Settings(state_dir=tmp_path, kafka=KafkaSettings(bootstrap_servers=("127.0.0.1:1",)))
    feed = Feed(feed_id="wire", url="https://wire.example/feed", source="Wire")
    return Producer(settings, (feed,), health, WordWatch(settings.words.directory, keep_in=tmp_path), {})


async def test_a_producer_whose_partitions_were_taken_away_is_not_ready_any_more(producer: Producer, health: Health) -> None:
    states = producer._states
    states._partition_of = {"wire": 0}
    assigned = frozenset({TopicPartition("news.feed-state", 0)})

    def conditions() -> set[str]:
        producer._show_ownership(states.owned())
        return {one for one in health.unready_because() if one in ("partitions", "states")}

    assert conditions() == {"partitions"}
    states._on_assigned(assigned)
    assert conditions() == {"partitions", "states"}, "its states cannot be polled before they are read"
    states._arrived.clear()
    states._epochs[0] = 1
    assert conditions() == set()
    states._on_revoked(assigned)
    assert conditions() == {"partitions"}
