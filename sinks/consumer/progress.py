"""Measures what a sink has still to store, from what the broker and the database say themselves.

In: log ends, stored offsets. Out: the partitions with records to read, each marked with its stored offset. I/O: a client and a
connection of its own, so that no state of the sink's own can hide a stall.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Connection, Engine, update

from newsmon.errors import DependencyError
from newsmon.kafka.lag import log_bounds
from newsmon.liveness.stall import Waiting
from newsmon.settings import Settings
from newsmon.topics import Topic
from sinks.database.dialects import bound_lock_wait
from sinks.database.engine import create_engine_for, reading, writing
from sinks.database.faults import DATABASE_ERRORS
from sinks.database.offsets import read_offsets
from sinks.database.tables import consumed_offsets

Place = tuple[str, int]
T = TypeVar("T")


class StoredWork:
    """Call it for what waits; DependencyError when Kafka or the database does not answer, or the database takes no writes."""

    def __init__(self, settings: Settings, name: str, topics: Sequence[Topic], held: Callable[[], frozenset[Place]]) -> None:
        self._settings = settings
        self._name = name
        self._topics = [topic.named(settings.kafka.topic_prefix) for topic in topics]
        self._held = held

    def __call__(self) -> list[Waiting]:
        bounds = log_bounds(self._settings, self._topics)
        return asked(self._settings, lambda engine: self._waiting(engine, bounds))

    def _waiting(self, engine: Engine, bounds: Mapping[Place, tuple[int, int]]) -> list[Waiting]:
        with reading(engine) as connection:
            waiting = waiting_in(bounds, read_offsets(connection, self._name), self._held())
        if waiting:
            with writing(engine) as connection:
                _write_nothing_new(connection, self._name)
        return waiting


def asked(settings: Settings, act: Callable[[Engine], T]) -> T:
    """The result of `act` on an engine of its own; DependencyError when the database does not answer."""
    engine = create_engine_for(settings)
    try:
        return act(engine)
    except DATABASE_ERRORS as error:
        raise DependencyError("database", str(error)) from error
    finally:
        engine.dispose()


def waiting_in(bounds: Mapping[Place, tuple[int, int]], stored: Mapping[Place, int], held: frozenset[Place]) -> list[Waiting]:
    """The partitions we hold that have records to read. When we hold none, all: nobody may have noticed that we left the group."""
    waiting = []
    for place, (start, end) in sorted(bounds.items()):
        offset = stored.get(place)
        if end > max(start, offset if offset is not None else start) and (place in held or not held):
            waiting.append(Waiting(f"{place[0]}-{place[1]}", offset))
    return waiting


def _write_nothing_new(connection: Connection, name: str) -> None:
    """A write that changes nothing: a database that is full or locked still answers reads, and then nothing can move."""
    bound_lock_wait(connection)
    connection.execute(
        update(consumed_offsets).where(consumed_offsets.c.consumer == name).values(updated_at=consumed_offsets.c.updated_at)
    )  # fmt: skip
