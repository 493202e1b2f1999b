"""What grouping remembers of one story: its members, its events, what was told of each.

In:  StoryStates. Out: the parts of them that later decisions read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import chain

from newsmon import ids
from newsmon.records import Alert, Event, Relation, Severity, SeverityReason, SeverityStep, Story, StoryState
from processors.alerts.decision import Told
from processors.alerts.severity import SeverityState, SourceReport
from processors.stories.features import Features

MEMBERS_PER_STORY = 400  # beyond it the oldest are forgotten, except the first, the newest of each event and the one of the last alert
_COMPARED = 6  # members of an event an article is compared with: the first two and the newest

_NOTHING = Features.from_flat({})
_NO_SEVERITY = SeverityState(Severity.NOTICE, SeverityReason.THEME_RULES)


@dataclass(slots=True)
class StoryMember:
    """One remembered member of an event."""

    match_id: str
    article_id: str
    original_id: str  # itself, or the article it is a copy of
    is_copy: bool
    is_told: bool  # a message showed its text
    at_s: float  # publication (if unknown: first sight), seconds since the epoch
    features: Features  # none of a copy
    clauses: frozenset[str]


@dataclass(slots=True)
class EventMemory:
    """One event: its newest record, its members, its outlets, what may still raise its severity, how it was told."""

    event: Event
    members: dict[str, StoryMember] = field(default_factory=dict)  # by match_id, oldest first
    sources: frozenset[str] = frozenset()
    outlets: frozenset[str] = frozenset()
    severity: SeverityState = _NO_SEVERITY
    told: Told | None = None  # None: no message told it

    def compared(self) -> list[StoryMember]:
        """Return the members that represent the event in comparisons; copies add nothing."""
        own = [member for member in self.members.values() if not member.is_copy]
        return own if len(own) <= _COMPARED else own[:2] + own[2 - _COMPARED :]


@dataclass(slots=True)
class StoryMemory:
    """One live story: its newest record, its events, its outlets, its newest alert."""

    story: Story
    events: dict[str, EventMemory] = field(default_factory=dict)  # in the order in which they opened
    sources: frozenset[str] = frozenset()
    outlets: frozenset[str] = frozenset()
    idle_s: float | None = None  # how long it may run without news; None: as the settings say
    alert: Alert | None = None
    alert_match_id: str | None = None

    def members(self) -> Iterable[StoryMember]:
        """Return all members, those of one event after those of another."""
        return chain.from_iterable(event.members.values() for event in self.events.values())

    def member_count(self) -> int:
        """Return the number of remembered members."""
        return sum(len(event.members) for event in self.events.values())

    def latest_of(self, article_id: str) -> StoryMember | None:
        """Return the newest remembered revision of an article; all of them are in one event."""
        found = None
        for member in self.members():
            if member.article_id == article_id:
                found = member
        return found

    def told_features(self) -> list[Features]:
        """Return the features of every text of the story that a message showed."""
        return [member.features for member in self.members() if member.is_told]


def member_of(state: StoryState) -> StoryMember:
    """Return the member that `state` added."""
    is_copy = state.relation is Relation.COPY
    return StoryMember(
        match_id=state.match_id,
        article_id=state.article_id,
        original_id=state.copy_of or state.article_id,
        is_copy=is_copy,
        is_told=state.alert is not None,
        at_s=float(state.features["at"][0]) if state.features.get("at") else state.matched_at.timestamp(),
        # copies are compared with nothing; what a message showed of one is known all the same
        features=_NOTHING if is_copy and state.alert is None else Features.from_flat(state.features),
        clauses=frozenset(state.features.get("clauses", ())),
    )


def sources_of(state: StoryState, kind: str, otherwise: str) -> frozenset[str]:
    """Return a set of outlets that `state` holds; where an older version did not tell the event's apart, the story's."""
    return frozenset(map(ids.source_key, state.features.get(kind, state.features.get(otherwise, ()))))


def told_after(state: StoryState, before: Told | None) -> Told | None:
    """Return how the event was told last, once `state` is applied."""
    flat = state.features.get("told")
    if flat is not None:
        return Told(Severity(flat[0]), int(flat[1])) if flat else None
    if state.alert is None:  # version 2 of the state said it only by its alerts
        return before
    return Told(state.alert.severity, state.alert.source_count)


def severity_state_of(state: StoryState) -> SeverityState:
    """Return the event's severity, with what may still raise it, as `state` left it."""
    steps = (text.split(" ", 1) for text in state.features.get("awaited", ()))
    record = state.story if state.story.event is None else state.story.event
    return SeverityState(
        severity=record.severity,
        reason=record.severity_reason,
        reports=tuple(map(_report, state.features.get("heard", ()))),
        awaited=tuple(SeverityStep(severity=Severity(level), min_sources=int(count) if count else None) for level, count in steps),
    )


def _report(flat: str) -> SourceReport:
    report = SourceReport.from_flat(flat)
    return replace(report, source=ids.source_key(report.source))  # older versions wrote the name as it came
