"""One theme's live stories in memory, with the indexes that find the stories an article may belong to.

In:  StoryStates, in the order of their source offsets.
Out: candidates for an article; counts for the bounds.

Everything here can be rebuilt from the states that have not been deleted, so a restarted worker decides as if it had never stopped.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from newsmon import ids
from newsmon.records import Alert, Relation, Severity, SeverityReason, SeverityStep, Story, StoryState
from processors.alerts.severity import SeverityState, SourceReport
from processors.stories.copy_index import CopyIndex
from processors.stories.features import Features
from processors.stories.likeness import Rarity, everything_rare, weight_by_kind
from processors.stories.sketch import Sketch

MEMBERS_PER_STORY = 400  # beyond it the oldest are forgotten, except the first and the one of the last alert
_COMPARED = 6  # members an article is compared with: the first two and the newest
_CANDIDATES = 10
_NEAR_S = 24 * 3600
_LEAST_VOTES = 1.0  # sharing less cannot outweigh the bias of the decision
_TOO_COMMON = 400  # stories that hold a key: such a key distinguishes nothing, and visiting them would cost more than all the rest
_ENOUGH_STORIES = 12  # with fewer stories the share that holds a key is a guess
_LEAST_RARITY = 0.1


_NO_SEVERITY = SeverityState(Severity.NOTICE, SeverityReason.THEME_RULES)


@dataclass(slots=True)
class StoryMember:
    """One remembered member of a story."""

    match_id: str
    article_id: str
    original_id: str  # itself, or the article it is a copy of
    is_copy: bool
    at_s: float  # publication (if unknown: first sight), seconds since the epoch
    features: Features  # none of a copy
    clauses: frozenset[str]


@dataclass(slots=True)
class StoryMemory:
    """One live story: its newest record, its members, its outlets, its newest alert."""

    story: Story
    members: dict[str, StoryMember] = field(default_factory=dict)  # by match_id, oldest first
    sources: frozenset[str] = frozenset()
    outlets: frozenset[str] = frozenset()
    severity: SeverityState = _NO_SEVERITY
    alert: Alert | None = None
    alert_match_id: str | None = None
    newest_s: float = -math.inf  # publication of the newest member

    def compared(self) -> list[StoryMember]:
        """Return the members that represent the story in comparisons; copies add nothing."""
        own = [member for member in self.members.values() if not member.is_copy]
        return own if len(own) <= _COMPARED else own[:2] + own[2 - _COMPARED :]

    def latest_of(self, article_id: str) -> StoryMember | None:
        """Return the newest remembered revision of an article."""
        return next((member for member in reversed(self.members.values()) if member.article_id == article_id), None)

    def to_forget(self) -> list[str]:
        """Return the match ids of the members beyond the bound, oldest first."""
        excess = len(self.members) - MEMBERS_PER_STORY
        if excess <= 0:
            return []
        first = next(iter(self.members))
        return [match_id for match_id in self.members if match_id not in (first, self.alert_match_id)][:excess]


class ThemeMemory:
    """All live stories of one theme, with the indexes to find them by key, by article and by text."""

    def __init__(self) -> None:
        self.stories: dict[str, StoryMemory] = {}
        self.copies = CopyIndex()
        self.member_count = 0
        self._by_key: dict[str, dict[str, int]] = {}  # key -> story -> members that hold it
        self._by_article: dict[str, str] = {}
        self._story_of_match: dict[str, str] = {}

    def story_of_article(self, article_id: str) -> StoryMemory | None:
        """Return the live story that has a revision of the article."""
        story_id = self._by_article.get(article_id)
        return None if story_id is None else self.stories[story_id]

    def story_of_match(self, match_id: str) -> StoryMemory:
        """Return the story of a remembered member."""
        return self.stories[self._story_of_match[match_id]]

    def remember(self, state: StoryState) -> list[str]:
        """Add what `state` decided; return the match ids of members forgotten for it."""
        memory = self.stories.get(state.story_id)
        if memory is None:
            memory = self.stories[state.story_id] = StoryMemory(state.story)
        memory.story = state.story
        memory.sources = frozenset(map(ids.source_key, state.features.get("sources", ())))
        memory.outlets = frozenset(map(ids.source_key, state.features.get("outlets", ())))
        memory.severity = severity_state_of(state)
        if state.alert is not None:
            memory.alert, memory.alert_match_id = state.alert, state.match_id
        member = _member(state)
        memory.members[state.match_id] = member
        memory.newest_s = max(memory.newest_s, member.at_s)
        self.member_count += 1
        self._by_article[state.article_id] = state.story_id
        self._story_of_match[state.match_id] = state.story_id
        for key in _index_keys(member):
            holders = self._by_key.setdefault(key, {})
            holders[state.story_id] = holders.get(state.story_id, 0) + 1
        sketch = Sketch.from_text(state.digest)
        if sketch is not None:
            self.copies.add(state.match_id, sketch)
        forgotten = memory.to_forget()
        for match_id in forgotten:
            self._forget_member(memory, match_id)
        if forgotten:  # a decision must not depend on what a restarted worker cannot know
            memory.newest_s = max(member.at_s for member in memory.members.values())
        return forgotten

    def forget_story(self, story_id: str) -> list[str]:
        """Drop a story; return the match ids of its remembered members (empty if it is not known)."""
        memory = self.stories.get(story_id)
        if memory is None:
            return []
        forgotten = list(memory.members)
        for match_id in forgotten:
            self._forget_member(memory, match_id)
        del self.stories[story_id]
        return forgotten

    def _forget_member(self, memory: StoryMemory, match_id: str) -> None:
        member = memory.members.pop(match_id)
        self.member_count -= 1
        self.copies.remove(match_id)
        del self._story_of_match[match_id]
        if memory.latest_of(member.article_id) is None:
            del self._by_article[member.article_id]
        story_id = memory.story.story_id
        for key in _index_keys(member):
            holders = self._by_key[key]
            holders[story_id] -= 1
            if not holders[story_id]:
                del holders[story_id]
                if not holders:
                    del self._by_key[key]

    def rarity(self) -> Rarity:
        """Return a function that gives the rarity of a key among the live stories: 1 for a key of one story, towards 0 for a key of all."""
        total = len(self.stories)
        if total < _ENOUGH_STORIES:
            return everything_rare
        scale = math.log(total + 1)
        known: dict[str, float] = {}  # a cache for one decision

        def rarity(key: str) -> float:
            found = known.get(key)
            if found is None:
                holders = len(self._by_key.get(key, ()))
                found = known[key] = 1.0 if holders < 2 else max(math.log((total + 1) / holders) / scale, _LEAST_RARITY)
            return found

        return rarity

    def holders(self, memory: StoryMemory) -> Callable[[str], float]:
        """Return a function that gives the share of the story's members, without copies, that hold a key."""
        story_id = memory.story.story_id
        count = max(sum(not member.is_copy for member in memory.members.values()), 1)
        return lambda key: self._by_key.get(key, {}).get(story_id, 0) / count

    def near(self, at_s: float, closing: frozenset[str]) -> list[StoryMemory]:
        """Return the stories whose newest member is within a day of `at_s`, oldest first, without those in `closing`."""
        return [memory for story_id, memory in self.stories.items() if abs(memory.newest_s - at_s) <= _NEAR_S and story_id not in closing]

    def candidates(self, features: Features, closing: frozenset[str], rarity: Rarity) -> list[StoryMemory]:
        """Return the at most ten stories that share most with `features`, best first, without those in `closing`."""
        votes: dict[str, float] = {}
        for key in _keys_of(features):
            holders = self._by_key.get(key, {})
            if len(holders) > _TOO_COMMON:
                continue
            weight = _vote(key) * rarity(key)
            for story_id in holders:
                votes[story_id] = votes.get(story_id, 0.0) + weight
        open_ids = (story_id for story_id, weight in votes.items() if weight >= _LEAST_VOTES and story_id not in closing)
        ranked = sorted(open_ids, key=lambda story_id: (-round(votes[story_id], 9), story_id))
        return [self.stories[story_id] for story_id in ranked[:_CANDIDATES]]


def severity_state_of(state: StoryState) -> SeverityState:
    """Return the story's severity, with what may still raise it, as `state` left it."""
    steps = (text.split(" ", 1) for text in state.features.get("awaited", ()))
    return SeverityState(
        severity=state.story.severity,
        reason=state.story.severity_reason,
        reports=tuple(map(_report, state.features.get("heard", ()))),
        awaited=tuple(SeverityStep(severity=Severity(level), min_sources=int(count) if count else None) for level, count in steps),
    )


def _report(flat: str) -> SourceReport:
    report = SourceReport.from_flat(flat)
    return replace(report, source=ids.source_key(report.source))  # older versions wrote the name as it came


_NOTHING = Features.from_flat({})


def _member(state: StoryState) -> StoryMember:
    return StoryMember(
        match_id=state.match_id,
        article_id=state.article_id,
        original_id=state.copy_of or state.article_id,
        is_copy=state.relation is Relation.COPY,
        at_s=float(state.features["at"][0]) if state.features.get("at") else state.matched_at.timestamp(),
        features=_NOTHING if state.relation is Relation.COPY else Features.from_flat(state.features),  # copies are never compared
        clauses=frozenset(state.features.get("clauses", ())),
    )


def _index_keys(member: StoryMember) -> list[str]:
    return [] if member.is_copy else _keys_of(member.features)


def _keys_of(features: Features) -> list[str]:
    """Return the keys that find an article, in the same order in every process (votes are sums of floats)."""
    return sorted(features.names | features.openers | features.places | features.numbers | features.concepts | features.title_words)


def _vote(key: str) -> float:
    return weight_by_kind(key, unknown_name=1.3, other=0.5)
