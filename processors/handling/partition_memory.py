"""The memory of one assigned partition of news.matches, and its position in the log.

In: the states found on news.story-state, then matches and corrections in offset order. Out: one `Answer` to each.

A restart decides what was decided before. A decision is a function of the matches before it, so memory at offset k must be the
fold of the states of offsets below k, no more and no less. The state topic may hold more: a worker that died, or that was presumed
dead and went on, has written states for offsets it never committed. Those wait in `_ahead` and enter memory when their own input
arrives again. Then they are repeated byte for byte, even by newer code. A gap among them (state k lost, k+1 written) is harmless
for the same reason: k is decided again from exactly the memory of the first time.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from newsmon.records import AlertState, Corrected, GroupInput, GroupState, Match, input_id, state_id
from processors.handling.decisions import StoryFold


class AnswerKind(StrEnum):
    """The origin of an answer."""

    DECIDED = "decided"  # now, for the first time as far as the log shows
    REPEATED = "repeated"  # the recorded decision of this very offset, published again
    KNOWN = "known"  # another sighting of a text decided at an earlier offset: nothing new to publish


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one input; the states named in `tombstones` may be deleted once it is on Kafka."""

    kind: AnswerKind
    state: GroupState
    tombstones: tuple[str, ...]


class PartitionMemory:
    """The memory of one partition from `first_offset` on."""

    def __init__(self, grouping: StoryFold, states: Iterable[GroupState], first_offset: int) -> None:
        ordered = sorted(states, key=lambda state: (state.source_offset, state_id(state)))
        before = [state for state in ordered if state.source_offset < first_offset]
        self._grouping = grouping
        self._ahead = deque(ordered[len(before) :])
        self._theme_of_story: dict[str, str] = {}
        self.next_offset = first_offset
        grouping.restore(before)
        for state in before:
            self._note(state)

    def answer(self, record: GroupInput, offset: int) -> Answer:
        """Decide, or repeat the recorded decision, and remember it. Offsets rise; for an earlier offset the caller makes a new memory."""
        while self._ahead and self._ahead[0].source_offset < offset:
            self._apply(self._ahead.popleft())  # its input is gone from the log, or is no longer readable
        self.next_offset = offset + 1
        if self._ahead and self._ahead[0].source_offset == offset:
            recorded = self._ahead.popleft()
            if state_id(recorded) == input_id(record):
                return Answer(AnswerKind.REPEATED, recorded, self._apply(recorded))
        state: GroupState
        if isinstance(record, Match):
            state = self._grouping.decide(record, source_offset=offset)
        else:
            state = self._grouping.correct(record, source_offset=offset)
        if state.source_offset != offset:
            return Answer(AnswerKind.KNOWN, state, ())
        return Answer(AnswerKind.DECIDED, state, self._apply(state))

    def live_stories(self) -> Counter[str]:
        """The number of stories in memory, by theme."""
        return Counter(self._theme_of_story.values())

    def _apply(self, state: GroupState) -> tuple[str, ...]:
        self._note(state)
        return self._grouping.apply(state)

    def _note(self, state: GroupState) -> None:
        changed = state.stories if isinstance(state, Corrected) else (*state.closed, state.story)
        for story in changed:
            if story.state is AlertState.CLOSED:
                self._theme_of_story.pop(story.story_id, None)
            else:
                self._theme_of_story[story.story_id] = story.theme_id
