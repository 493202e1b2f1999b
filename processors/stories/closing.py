"""Which stories of a partition are live, and which of them close: 72 h without a new member, or too many of them.

In:  the themes' memory as it changes, event time.
Out: the stories to close at a moment, and their closing records. What is closed goes only when its state is applied.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from newsmon.records import Alert, AlertReason, AlertState, Story
from processors.alerts.decision import closing_alert
from processors.stories.memory import ThemeMemory
from processors.stories.remembered import StoryMemory
from processors.stories.story_record import is_ahead_by_hours


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of memory per theme: how long and how much."""

    idle: timedelta = timedelta(hours=72)
    max_stories: int = 2_000
    max_members: int = 10_000


class LiveStories:
    """The live stories of one partition and the moments at which they end."""

    def __init__(self, themes: Mapping[str, ThemeMemory], bounds: Bounds) -> None:
        self._themes = themes  # the grouping's own: a story is remembered there before it is added here
        self._bounds = bounds
        self._theme_of_story: dict[str, str] = {}
        self._idle_queue: list[tuple[datetime, str]] = []
        self._kept: dict[str, tuple[int, datetime]] = {}  # by match, in the order of the log: offset and event time of each kept state
        self._changed: dict[str, int] = {}  # the offset of each live story's last change
        # Stories that a clock which was ahead has dated: since when it was right, and the match that shows it.
        self._idle_since: dict[str, tuple[datetime, str]] = {}
        self._newest: datetime | None = None  # no other live story changed later
        self.latest: datetime | None = None  # event time of the state applied last

    def __len__(self) -> int:
        """Return the number of live stories."""
        return len(self._theme_of_story)

    def __contains__(self, story_id: str) -> bool:
        """True for a live story."""
        return story_id in self._theme_of_story

    def add(self, theme_id: str, story_id: str, offset: int) -> None:
        """Note that a remembered story is live and that the input at `offset` has just changed it."""
        self._theme_of_story[story_id] = theme_id
        self._changed[story_id] = offset
        self._idle_since.pop(story_id, None)
        self._note_newest(story_id)
        heapq.heappush(self._idle_queue, (self._ends_at(theme_id, story_id), story_id))

    def remove(self, story_id: str) -> None:
        """Note that a story is no longer live; one that never was does not matter."""
        self._theme_of_story.pop(story_id, None)
        self._changed.pop(story_id, None)
        self._idle_since.pop(story_id, None)

    def pass_to(self, at: datetime, match_id: str, offset: int) -> None:
        """Set event time, of the state on this match. Where stories are ahead of it by hours, a clock had been ahead when they changed:
        count their idleness from now on."""
        self._kept[match_id] = offset, at
        if self._newest is not None and is_ahead_by_hours(self._newest, at):
            self._newest = None
            for story_id in self._changed.keys() - self._idle_since.keys():
                if not self._count_from(story_id, at, match_id):
                    self._note_newest(story_id)
        self.latest = at

    def forget(self, match_ids: Iterable[str]) -> None:
        """Note that these states are kept no longer. Idleness counts from the first kept state that shows a clock to have been ahead: a
        successor, which knows no other, must close the same stories."""
        gone = {match_id for match_id in match_ids if self._kept.pop(match_id, None) is not None}
        for story_id in [story_id for story_id, (_at, match_id) in self._idle_since.items() if match_id in gone]:
            del self._idle_since[story_id]
            for match_id, (offset, at) in self._kept.items():
                if offset > self._changed[story_id] and self._count_from(story_id, at, match_id):
                    break
            else:
                self._note_newest(story_id)
                heapq.heappush(self._idle_queue, (self._ends_at(self._theme_of_story[story_id], story_id), story_id))

    def _note_newest(self, story_id: str) -> None:
        updated_at = self._themes[self._theme_of_story[story_id]].stories[story_id].story.updated_at
        self._newest = updated_at if self._newest is None else max(self._newest, updated_at)

    def _count_from(self, story_id: str, at: datetime, match_id: str) -> bool:
        """Count a story's idleness from `at` if it is ahead of it by hours; returns whether it is."""
        memory = self._themes[self._theme_of_story[story_id]].stories[story_id]
        if not is_ahead_by_hours(memory.story.updated_at, at):
            return False
        self._idle_since[story_id] = at, match_id
        heapq.heappush(self._idle_queue, (at + self._idle(memory), story_id))
        return True

    def idle_at(self, at: datetime) -> list[tuple[str, str]]:
        """Return (theme, story) of every story idle for too long at `at`, longest idle first."""
        closing: list[tuple[str, str]] = []
        waiting: list[tuple[datetime, str]] = []
        queue = self._idle_queue
        while queue and queue[0][0] <= at:
            entry = heapq.heappop(queue)
            ends_at, story_id = entry
            theme_id = self._theme_of_story.get(story_id)
            if theme_id is None or self._ends_at(theme_id, story_id) != ends_at:
                continue  # the entry of an earlier member, or of a story that is gone
            waiting.append(entry)
            if (theme_id, story_id) not in closing:
                closing.append((theme_id, story_id))
        for entry in dict.fromkeys(waiting):  # deciding changes nothing: they stay live until `apply`
            heapq.heappush(queue, entry)
        return closing

    def over_bounds(self, theme_id: str, gone: frozenset[str], joined: StoryMemory | None) -> list[tuple[str, str]]:
        """Return (theme, story) of those to close so that one more member fits into the theme; never the one that it joined.

        Those longest without a new member come first.
        """
        theme = self._themes.get(theme_id) or ThemeMemory()
        excess_stories = (
            len(theme.stories) - sum(story_id in theme.stories for story_id in gone) + (joined is None) - self._bounds.max_stories
        )
        excess_members = theme.member_count + 1 - self._bounds.max_members
        if excess_stories <= 0 and excess_members <= 0:
            return []
        excess_members -= sum(theme.stories[story_id].member_count() for story_id in gone if story_id in theme.stories)
        closing: list[tuple[str, str]] = []
        for memory in sorted(theme.stories.values(), key=lambda memory: (memory.story.updated_at, memory.story.story_id)):
            if len(closing) >= excess_stories and excess_members <= 0:
                break
            if memory is not joined and memory.story.story_id not in gone:
                closing.append((theme_id, memory.story.story_id))
                excess_members -= memory.member_count()
        return closing

    def closed(self, closing: Iterable[tuple[str, str]], at: datetime) -> tuple[tuple[Story, ...], tuple[Alert, ...]]:
        """Return the last record of each story in `closing`, and of the alerts that they have."""
        stories: list[Story] = []
        alerts: list[Alert] = []
        for theme_id, story_id in closing:
            memory = self._themes[theme_id].stories[story_id]
            closed_at = min(self._ends_at(theme_id, story_id), at)
            story = msgspec.structs.replace(
                memory.story,
                revision=memory.story.revision + 1,
                state=AlertState.CLOSED,
                closed_at=closed_at,
                latest=None,
                event=None,
                alert_decision=AlertReason.STORY_CLOSED,
            )
            stories.append(story)
            if memory.alert is not None:
                alerts.append(closing_alert(memory.alert, story, at=at))
        return tuple(stories), tuple(alerts)

    def _ends_at(self, theme_id: str, story_id: str) -> datetime:
        """Return when the story closes if it gets no further member."""
        memory = self._themes[theme_id].stories[story_id]
        since = self._idle_since.get(story_id)
        return (memory.story.updated_at if since is None else since[0]) + self._idle(memory)

    def _idle(self, memory: StoryMemory) -> timedelta:
        return self._bounds.idle if memory.idle_s is None else timedelta(seconds=memory.idle_s)
