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
        self._idle_since: dict[str, datetime] = {}  # stories that a clock which was ahead has dated, since it was set right
        self.latest: datetime | None = None  # event time of the state applied last

    def __len__(self) -> int:
        """Return the number of live stories."""
        return len(self._theme_of_story)

    def __contains__(self, story_id: str) -> bool:
        """True for a live story."""
        return story_id in self._theme_of_story

    def add(self, theme_id: str, story_id: str) -> None:
        """Note that a remembered story is live and has just changed."""
        self._theme_of_story[story_id] = theme_id
        self._idle_since.pop(story_id, None)
        heapq.heappush(self._idle_queue, (self._ends_at(theme_id, story_id), story_id))

    def remove(self, story_id: str) -> None:
        """Note that a story is no longer live; one that never was does not matter."""
        self._theme_of_story.pop(story_id, None)
        self._idle_since.pop(story_id, None)

    def pass_to(self, at: datetime) -> None:
        """Set event time. If it goes back by hours, a clock had been ahead: count the idleness of the stories it has dated from now on."""
        if self.latest is not None and is_ahead_by_hours(self.latest, at):
            for theme in self._themes.values():
                for story_id, memory in theme.stories.items():
                    if is_ahead_by_hours(memory.story.updated_at, at):
                        self._idle_since[story_id] = at
                        heapq.heappush(self._idle_queue, (at + self._idle(memory), story_id))
        self.latest = at

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
        return (self._idle_since.get(story_id) or memory.story.updated_at) + self._idle(memory)

    def _idle(self, memory: StoryMemory) -> timedelta:
        return self._bounds.idle if memory.idle_s is None else timedelta(seconds=memory.idle_s)
