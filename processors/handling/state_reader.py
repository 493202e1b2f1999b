"""Reads back what the processor remembers by: a partition of news.story-state before its first match, and news.word-counts.

In: the partition's number. Out: the newest state of every match and correction that has not been deleted, and the unreadable records.
I/O: Kafka, with a consumer that belongs to no group.

This is enough even with two workers on one partition. The owner reads the state topic after the partition was assigned to it, so
after the last commit of the previous owner; every state below the committed offset was acknowledged before that commit. A previous
owner that still runs (suspended, cut off) can only add states at or above it, and those are repeated, or decided again from the
same inputs to the same result. No worker needs to be fenced off.

A state's offset counts in one log of news.matches, which a header names. If that topic was created again, the offsets of the states
before it mean nothing in the new one: such states keep their order, before everything that the new log holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from newsmon.codec import decode_one_of
from newsmon.errors import RecordError
from newsmon.kafka.positions.identity import same_log
from newsmon.records import GroupState
from newsmon.settings import Settings
from newsmon.topics import STORY_STATE, WORD_COUNTS
from processors.handling.answers import SOURCE_LOG
from processors.handling.compacted_topic import contents_of
from processors.handling.messages import Incoming

EARLIER = 2**62  # below every offset; what is added keeps the order in which the states were written


@dataclass(frozen=True, slots=True)
class Replayed:
    """The contents of a partition of the state topic."""

    states: tuple[GroupState, ...]
    unreadable: tuple[tuple[Incoming, RecordError], ...]
    read_count: int


class StateReader:
    """Reads partitions of news.story-state, and the whole of news.word-counts."""

    def __init__(self, settings: Settings, *, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id

    async def replay(self, partition: int, *, source_log: str | None = None) -> Replayed:
        """Everything up to the partition's present end. DependencyError when Kafka does not answer: the caller tries again.

        `source_log` is the log of news.matches that is read now.
        """
        found = await contents_of(self._settings, STORY_STATE, partition, client_id=self._client_id)
        return decoded(found.newest, found.read_count, source_log)

    async def word_counts(self) -> tuple[Incoming, ...]:
        """Everything on news.word-counts that has not been deleted. DependencyError as above."""
        found = await contents_of(self._settings, WORD_COUNTS, 0, client_id=self._client_id)
        return tuple(Incoming.of(record) for record in found.newest if record.value is not None)


def decoded(newest: Iterable[Any], read_count: int, source_log: str | None) -> Replayed:
    """The records as states and unreadable bytes; deletions are left out."""
    states, unreadable = [], []
    for record in newest:
        if record.value is None:
            continue
        try:
            state = decode_one_of(record.value, STORY_STATE.records)
        except RecordError as error:
            unreadable.append((Incoming.of(record), error))
            continue
        assert isinstance(state, GroupState)
        if not same_log(_source_log_of(record), source_log):
            state = msgspec.structs.replace(state, source_offset=record.offset - EARLIER)
        states.append(state)
    return Replayed(tuple(states), tuple(unreadable), read_count)


def _source_log_of(record: Any) -> str | None:
    named = dict(record.headers or ()).get(SOURCE_LOG)
    return None if named is None else named.decode("utf-8", "replace")
