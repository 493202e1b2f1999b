"""One theme's live stories in memory, with the indexes that find the events an article may belong to.

In:  StoryStates, in the order of their source offsets.
Out: candidates for an article; counts for the bounds.

Everything here can be rebuilt from the states that have not been deleted, so a restarted worker decides as if it had never stopped.
"""

from __future__ import annotations

from newsmon.records import Corrected, CorrectionOutcome, StoryState
from processors.features.of_article import Features
from processors.features.sketch import Sketch
from processors.likeness.weighing import Rarity
from processors.stories.copy_index import CopyIndex
from processors.stories.event_index import EventIndex
from processors.stories.remembered import (
    MEMBERS_PER_STORY,
    EventMemory,
    StoryMember,
    StoryMemory,
    member_of,
    recall_event,
    recall_story,
)


class ThemeMemory:
    """All live stories of one theme, with the indexes to find their events by key, by meaning, by article and by text."""

    def __init__(self) -> None:
        self.stories: dict[str, StoryMemory] = {}
        self.copies = CopyIndex()
        self.index = EventIndex()
        self.member_count = 0
        self._story_of_event: dict[str, str] = {}
        self._event_of_article: dict[str, str] = {}
        self._event_of_match: dict[str, str] = {}

    def story_of_event(self, event_id: str) -> StoryMemory | None:
        """Return the live story that holds the event."""
        story_id = self._story_of_event.get(event_id)
        return None if story_id is None else self.stories[story_id]

    def event_of_article(self, article_id: str) -> tuple[StoryMemory, EventMemory] | None:
        """Return the live story and the event that have a revision of the article."""
        event_id = self._event_of_article.get(article_id)
        return None if event_id is None else self._placed(event_id)

    def has_member(self, match_id: str) -> bool:
        """Return whether the match is a remembered member of a live story."""
        return match_id in self._event_of_match

    def event_of_match(self, match_id: str) -> tuple[StoryMemory, EventMemory]:
        """Return the story and the event of a remembered member."""
        return self._placed(self._event_of_match[match_id])

    def member(self, match_id: str) -> tuple[StoryMember, Sketch | None]:
        """Return a remembered member and the sketch of its text, None if another version made it."""
        return self.event_of_match(match_id)[1].members[match_id], self.copies.sketch(match_id)

    def _placed(self, event_id: str) -> tuple[StoryMemory, EventMemory]:
        story = self.stories[self._story_of_event[event_id]]
        return story, story.events[event_id]

    def remember(self, state: StoryState) -> list[str]:
        """Add what `state` decided; return the match ids of members forgotten for it."""
        story = self.stories.get(state.story_id)
        if story is None:
            story = self.stories[state.story_id] = StoryMemory(state.story)
        recall_story(story, state.story, state.features, state.idle_s)
        if state.alert is not None:
            story.alert, story.alert_match_id = state.alert, state.match_id
        assert state.story.event is not None, "a decision on a match is about an event"
        event = story.events.get(state.event_id)
        if event is None:
            event = story.events[state.event_id] = EventMemory(state.story.event)
            self._story_of_event[state.event_id] = state.story_id
        recall_event(event, state.story.event, state.features, state.alert)
        self._add(member_of(state), event, Sketch.from_text(state.digest))
        forgotten = _to_forget(story)
        for match_id in forgotten:
            self._forget(story, match_id)
        return forgotten

    def forget_story(self, story_id: str) -> list[str]:
        """Drop a story; return the match ids of its remembered members (empty if it is not known)."""
        story = self.stories.get(story_id)
        if story is None:
            return []
        forgotten = [member.match_id for member in story.members()]
        for match_id in forgotten:
            self._forget(story, match_id)
        del self.stories[story_id]
        return forgotten

    def regroup(self, answer: Corrected) -> None:
        """Move members, events and stories as a correction did; what is not remembered any more is left out."""
        if answer.outcome is not CorrectionOutcome.APPLIED:
            return
        events = {one.event.event_id: one for one in answer.regrouped_events}
        stories = {one.story_id: one for one in answer.stories}
        for moved in answer.moved:
            if moved.match_id not in self._event_of_match:
                continue
            sketch = self.copies.sketch(moved.match_id)
            # not by the event's id: while its members move one by one, it is in both stories
            before = self.stories[moved.from_story_id]
            member = next(event.members[moved.match_id] for event in before.events.values() if moved.match_id in event.members)
            self._forget(before, moved.match_id)
            story = self.stories.get(moved.to_story_id)
            if story is None:
                story = self.stories[moved.to_story_id] = StoryMemory(stories[moved.to_story_id])
            if moved.event_id not in story.events:
                story.events[moved.event_id] = EventMemory(events[moved.event_id].event)
                self._story_of_event[moved.event_id] = moved.to_story_id
            self._add(member, story.events[moved.event_id], sketch)
            if not before.events:
                del self.stories[before.story.story_id]
        for one in answer.regrouped_events:
            known = self.story_of_event(one.event.event_id)
            if known is not None:
                recall_event(known.events[one.event.event_id], one.event, one.memory)
        for kept in answer.regrouped_stories:
            changed = self.stories.get(kept.story_id)
            if changed is not None:
                recall_story(changed, stories[kept.story_id], kept.memory, kept.idle_s)
                changed.alert, changed.alert_match_id = kept.alert, None

    def _add(self, member: StoryMember, event: EventMemory, sketch: Sketch | None) -> None:
        event_id = event.event.event_id
        event.members[member.match_id] = member
        self.member_count += 1
        self._event_of_article[member.article_id] = event_id
        self._event_of_match[member.match_id] = event_id
        self.index.add(member, event_id)
        if sketch is not None:
            self.copies.add(member.match_id, sketch)

    def _forget(self, story: StoryMemory, match_id: str) -> None:
        event_id = self._event_of_match.pop(match_id)
        event = story.events[event_id]
        member = event.members.pop(match_id)
        self.member_count -= 1
        self.copies.remove(match_id)
        self.index.remove(member, event_id)
        if not any(other.article_id == member.article_id for other in event.members.values()):
            self._event_of_article.pop(member.article_id, None)
        if not event.members:
            del story.events[event_id]
            if self._story_of_event[event_id] == story.story.story_id:
                del self._story_of_event[event_id]

    def candidates(self, features: Features, closing: frozenset[str], rarity: Rarity) -> list[tuple[StoryMemory, EventMemory]]:
        """Return the events that an article may belong to, the likeliest first, without those of the stories in `closing`."""
        without = frozenset(event_id for story_id in closing if story_id in self.stories for event_id in self.stories[story_id].events)
        return list(map(self._placed, self.index.candidates(features, rarity, without=without)))


def _to_forget(story: StoryMemory) -> list[str]:
    """Return the match ids of the members beyond the bound, oldest first.

    Kept are the first, the one of the last alert and the newest of each event, whose states hold what is known of them; of a story with
    too many events whole ones go, those longest without news first.
    """
    excess = story.member_count() - MEMBERS_PER_STORY
    if excess <= 0:
        return []
    first = next(iter(story.members())).match_id
    kept = {first, story.alert_match_id, *(next(reversed(event.members)) for event in story.events.values())}
    spare = sorted((member.at_s, member.match_id) for member in story.members() if member.match_id not in kept)
    forgotten = [match_id for _at_s, match_id in spare[:excess]]
    if len(forgotten) < excess:
        whole = sorted(story.events.values(), key=lambda event: (event.event.updated_at, event.event.event_id))
        for event in whole[:-1]:
            if len(forgotten) >= excess:
                break
            if not {first, story.alert_match_id} & event.members.keys():
                forgotten += [match_id for match_id in event.members if match_id not in forgotten]
    return forgotten
