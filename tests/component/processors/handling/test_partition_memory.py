"""A partition's memory is the fold of the states before its offset, whatever else the state topic holds."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from support.processing import article, decide
from support.samples import NOON

from newsmon.records import Match, StoryState
from processors.handling.partition_memory import AnswerKind, PartitionMemory
from processors.stories.grouping import Grouping

EVENTS = (
    "The Larnholm ferry Sigrid ran aground off Tverrvik harbour with 212 passengers",
    "A crane fell at Brunswald harbour and hurt 14 dockers",
    "Monte Grana harbour opened a 38 kilometre breakwater",
)


def matches(count: int, seed: int) -> list[Match]:
    """Matches of one theme in log order: reports of three events, some shown again by another feed."""
    chance = random.Random(seed)
    found: list[Match] = []
    for number in range(count):
        if found and chance.random() < 0.2:
            found.append(chance.choice(found))
            continue
        one = article(number, chance.choice(EVENTS), f"Detail {chance.randrange(10**6)}.", source=f"Outlet {number % 7}")
        found.append(decide(one, NOON)[1][0])
    return found


def folded(log: list[Match]) -> list[StoryState]:
    """What an undisturbed worker writes, one state per new match."""
    memory = PartitionMemory(Grouping(), (), 0)
    answers = [memory.answer(match, offset) for offset, match in enumerate(log)]
    return [answer.state for answer in answers if answer.kind is AnswerKind.DECIDED]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), data=st.data())
def test_a_worker_that_starts_anywhere_with_any_gap_in_uncommitted_states_decides_the_same(seed: int, data: st.DataObject) -> None:
    log = matches(12, seed)
    states = folded(log)
    start = data.draw(st.integers(0, len(log)))
    written = [state for state in states if state.source_offset < start or data.draw(st.booleans())]
    random.Random(seed).shuffle(written)
    memory = PartitionMemory(Grouping(), written, start)
    by_offset = {state.source_offset: state for state in states}
    for offset in range(start, len(log)):
        answer = memory.answer(log[offset], offset)
        if offset in by_offset:
            assert answer.kind is not AnswerKind.KNOWN
            assert answer.state == by_offset[offset]
        else:
            assert answer.kind is AnswerKind.KNOWN


def test_what_an_earlier_worker_wrote_is_repeated_not_decided_again() -> None:
    log = matches(6, 3)
    states = folded(log)
    memory = PartitionMemory(Grouping(), states, 0)
    assert [memory.answer(match, offset).kind for offset, match in enumerate(log)].count(AnswerKind.DECIDED) == 0


def test_a_state_whose_match_never_comes_by_is_still_remembered() -> None:
    log = matches(2, 5)
    first = folded(log)[0]
    memory = PartitionMemory(Grouping(), [first], 0)
    assert memory.answer(log[0], 1).kind is AnswerKind.KNOWN  # offset 0 could not be read this time; its decision stands


def test_live_stories_are_counted_by_theme() -> None:
    memory = PartitionMemory(Grouping(), folded(matches(5, 1)), 99)
    assert set(memory.live_stories()) == {"harbour"}
    assert memory.live_stories()["harbour"] == len({state.story_id for state in folded(matches(5, 1))})
