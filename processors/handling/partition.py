"""One assigned partition of news.matches: its desk, and where in the log the desk stands. [pure]

In: the states found on news.story-state, then the matches in offset order. Out: one `Seated` answer per match.

Why a restart decides what it decided before. A decision is a function of the matches before it, so memory at offset k must be the
fold of the states of offsets below k, neither more nor less. The state topic may hold more: a worker that died, or that was thought
dead and went on, has written states for offsets it never committed. Those wait in `_ahead` and enter memory when their own match
comes by again: then they are repeated byte for byte, also by newer code. A gap among them (state k lost, k+1 written) is harmless
for the same reason: k is decided anew from exactly what it was decided from the first time.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from newsmon.records import Match, StoryState
from processors.handling.core import DeskLike


class Answer(StrEnum):
    """How a match got its answer."""

    DECIDED = "decided"  # now, for the first time as far as the log knows
    REPEATED = "repeated"  # the recorded decision of this very offset, said again
    KNOWN = "known"  # another sighting of a text decided at an earlier offset: nothing new to say


@dataclass(frozen=True, slots=True)
class Seated:
    """The answer to one match; `tombstones` are match ids whose states may go once this answer is on Kafka."""

    answer: Answer
    state: StoryState
    tombstones: tuple[str, ...]


class Seat:
    """The memory of one partition from `first_offset` on."""

    def __init__(self, desk: DeskLike, states: Iterable[StoryState], first_offset: int) -> None:
        ordered = sorted(states, key=lambda state: (state.source_offset, state.match_id))
        before = [state for state in ordered if state.source_offset < first_offset]
        self._desk = desk
        self._ahead = deque(ordered[len(before) :])
        self._theme_of_story: dict[str, str] = {}
        self.next_offset = first_offset
        desk.restore(before)
        for state in before:
            self._note(state)

    def answer(self, match: Match, offset: int) -> Seated:
        """Decide, or repeat what was decided, and remember it. Offsets rise; the caller drops a seat that is asked about the past."""
        while self._ahead and self._ahead[0].source_offset < offset:
            self._apply(self._ahead.popleft())  # its match is gone from the log, or can no longer be read
        self.next_offset = offset + 1
        if self._ahead and self._ahead[0].source_offset == offset:
            recorded = self._ahead.popleft()
            if recorded.match_id == match.match_id:
                return Seated(Answer.REPEATED, recorded, self._apply(recorded))
        state = self._desk.decide(match, source_offset=offset)
        if state.source_offset != offset:
            return Seated(Answer.KNOWN, state, ())
        return Seated(Answer.DECIDED, state, self._apply(state))

    def live_stories(self) -> Counter[str]:
        """How many stories are in memory, by theme."""
        return Counter(self._theme_of_story.values())

    def _apply(self, state: StoryState) -> tuple[str, ...]:
        self._note(state)
        return self._desk.apply(state)

    def _note(self, state: StoryState) -> None:
        for story in state.closed:
            self._theme_of_story.pop(story.story_id, None)
        self._theme_of_story[state.story_id] = state.theme_id
