"""Measures whether polls that are due are made and published, and whether the group still knows this replica.

In: what the replica says of its feeds, what the broker says of its group. Out: waiting work. I/O: Kafka, with clients of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from newsmon.kafka.clients import group_id
from newsmon.kafka.connect import await_answer
from newsmon.kafka.lag import members_with_partitions
from newsmon.liveness.stall import Waiting
from newsmon.settings import Settings


class PollWork:
    """Call it for what waits; DependencyError when Kafka does not answer."""

    def __init__(
        self, settings: Settings, due_count: Callable[[], int], owned: Callable[[], tuple[str, ...]], settled_count: Callable[[], int]
    ) -> None:
        self._settings = settings
        self._due_count = due_count
        self._owned = owned
        self._settled_count = settled_count

    def __call__(self) -> list[Waiting]:
        await_answer(self._settings)
        settled_count = self._settled_count()
        if self._owned():
            return [Waiting("polls", settled_count)] if self._due_count() else []
        # With more replicas than partitions some have none. But when nobody has any, nobody polls.
        held = members_with_partitions(self._settings, group_id(self._settings, "producer"))
        return [] if held else [Waiting("partitions", settled_count)]
