"""A state's offset counts in the log that its header names; in a log created later, the state is of the past."""

from __future__ import annotations

from types import SimpleNamespace

from support.processing import article, decide
from support.samples import NOON

from newsmon.codec import encode
from newsmon.records import Match, Relation, StoryState
from processors.handling.answers import outputs_of
from processors.handling.partition_memory import AnswerKind, PartitionMemory
from processors.handling.state_reader import decoded
from processors.stories.grouping import Grouping

OLD, NEW = "c/1", "c/2"
TITLE = "The Larnholm ferry Sigrid ran aground off Tverrvik harbour with 212 passengers"


def match(number: int) -> Match:
    return decide(article(number, TITLE, f"Detail {number}.", source=f"Outlet {number}"), NOON)[1][0]


def written(log_id: str | None, count: int) -> tuple[list[SimpleNamespace], list[StoryState]]:
    """What a worker that read `log_id` put on the state topic."""
    memory = PartitionMemory(Grouping(), (), 0)
    states = [memory.answer(match(number), offset).state for offset, number in enumerate(range(count))]
    outgoing = [outputs_of(state, 0, log_id)[0] for state in states]
    records = [
        SimpleNamespace(topic="news.story-state", partition=0, offset=at, key=one.key, value=one.value, headers=one.headers)
        for at, one in enumerate(outgoing)
    ]
    return records, states


def memory_of(records: list[SimpleNamespace], source_log: str | None) -> PartitionMemory:
    return PartitionMemory(Grouping(), decoded(records, len(records), source_log).states, 0)


def test_in_the_log_they_belong_to_states_are_repeated_at_their_offsets() -> None:
    records, states = written(OLD, 3)
    for source_log in (OLD, None):
        memory = memory_of(records, source_log)
        answers = [memory.answer(match(number), number) for number in range(3)]
        assert [answer.kind for answer in answers] == [AnswerKind.REPEATED] * 3
        assert [answer.state for answer in answers] == states


def test_after_the_topic_was_created_again_running_stories_are_remembered_from_its_first_record() -> None:
    records, states = written(OLD, 3)
    memory = memory_of(records, NEW)
    assert memory.answer(match(1), 0).kind is AnswerKind.KNOWN, "decided in the old log: not told again"
    answer = memory.answer(match(9), 1)
    assert answer.kind is AnswerKind.DECIDED
    assert answer.state.story_id == states[0].story_id
    assert answer.state.relation is not Relation.OPENED


def test_their_order_is_that_in_which_they_were_written() -> None:
    records, states = written(OLD, 3)
    found = sorted(decoded(records, 3, NEW).states, key=lambda state: state.source_offset)
    assert [state.match_id for state in found] == [state.match_id for state in states]
    assert all(state.source_offset < 0 for state in found)


def test_states_from_before_the_header_count_in_the_log_that_is_there() -> None:
    records, states = written(None, 3)
    assert [encode(state) for state in decoded(records, 3, NEW).states] == [encode(state) for state in states]
