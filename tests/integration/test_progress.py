"""What a sink has still to store, asked of the real broker and database from outside the sink."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, update
from support.storing import publish, store_all
from support.world import small_world

from newsmon.errors import DependencyError
from newsmon.settings import Settings
from sinks.consumer.progress import StoredWork
from sinks.database.engine import writing
from sinks.database.tables import consumed_offsets
from sinks.store.service import NAME, STORED


def test_what_waits_are_the_records_behind_the_stored_offsets_and_a_locked_database_is_no_stall(settings: Settings, engine: Engine) -> None:
    topics = small_world().by_topic
    work = StoredWork(settings, NAME, STORED, frozenset)
    assert work() == []
    publish(settings, topics)
    first = work()
    assert {one.mark for one in first} == {None}
    assert {one.place.rpartition("-")[0] for one in first} <= {topic.named(settings.kafka.topic_prefix) for topic in topics}
    store_all(settings, engine)
    assert work() == []
    publish(settings, topics)
    again = work()
    assert again
    assert all(isinstance(one.mark, int) for one in again)
    assert work() == again, "nothing moves while no store runs"
    mine = frozenset({tuple(again[0].place.rsplit("-", 1))})
    assert len(StoredWork(settings, NAME, STORED, lambda: frozenset((topic, int(number)) for topic, number in mine))()) == 1
    with writing(engine) as connection:
        connection.execute(update(consumed_offsets).values(updated_at=consumed_offsets.c.updated_at))
        with pytest.raises(DependencyError):
            work()
    assert work() == again
