"""What grouping remembers of one story: its members, its events, what was told of each.

In:  StoryStates. Out: the parts of them that later decisions read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain

from newsmon import ids
from newsmon.records import Alert, Event, Relation, Severity, SeverityReason, SeverityStep, Story, StoryState
from processors.alerts.decision import Told
from processors.alerts.severity import SeverityState, SourceReport
from processors.features.of_article import Features
from processors.features.packed import PackedFeatures, packed, unpacked
from processors.likeness.judgement import UNKNOWN_HOURS

MEMBERS_PER_STORY = 400  # beyond it the oldest are forgotten, except the first, the newest of each event and the one of the last alert
_COMPARED = 6  # members of an event an article is compared with: the first two and the newest

_NOTHING = packed(Features.from_flat({}))
_NO_SEVERITY = SeverityState(Severity.NOTICE, SeverityReason.THEME_RULES)


@dataclass(slots=True)
class StoryMember:
    """One remembered member of an event."""

    match_id: str
    article_id: str
    original_id: str  # itself, or the article it is a copy of
    is_copy: bool
    is_told: bool  # a message showed its text
    is_sure: bool  # False: it may report another event
    at_s: float  # publication (if unknown: first sight), seconds since the epoch
    packed: PackedFeatures  # without keys for a copy
    clauses: frozenset[str]

    @property
    def features(self) -> Features:
        """The features that reports are compared by."""
        return unpacked(self.packed)

    def hours_from(self, at_s: float) -> float:
        """The hours between the member and a text published at `at_s`, to compare them by."""
        return abs(at_s - self.at_s) / 3600 or UNKNOWN_HOURS


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
        """Return the members that reports are compared with; copies add nothing."""
        own = [member for member in self.members.values() if not member.is_copy]
        return own if len(own) <= _COMPARED else own[:2] + own[2 - _COMPARED :]


@dataclass(slots=True)
class StoryMemory:
    """One live story: its newest record, its events, its outlets, its newest alert."""

    story: Story
    events: dict[str, EventMemory] = field(default_factory=dict)  # in no order that outlives a restart
    sources: frozenset[str] = frozenset()
    outlets: frozenset[str] = frozenset()
    idle_s: float | None = None  # how long it may run without news; None: as the settings say
    alert: Alert | None = None
    alert_match_id: str | None = None

    def members(self) -> Iterable[StoryMember]:
        """Return all members, those of one event after those of another."""
        return chain.from_iterable(event.members.values() for event in self.in_order())

    def in_order(self) -> list[EventMemory]:
        """Return the events in the order in which they opened, the same after a restart."""
        return sorted(self.events.values(), key=lambda event: (event.event.opened_at, event.event.event_id))

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

    def told(self) -> list[StoryMember]:
        """Return the members whose text a message showed."""
        return [member for member in self.members() if member.is_told]


def member_of(state: StoryState) -> StoryMember:
    """Return the member that `state` added."""
    is_copy = state.relation is Relation.COPY
    return StoryMember(
        match_id=state.match_id,
        article_id=state.article_id,
        original_id=state.copy_of or state.article_id,
        is_copy=is_copy,
        is_told=state.alert is not None,
        is_sure=not state.features.get("doubtful"),
        at_s=float(state.features["at"][0]) if state.features.get("at") else state.matched_at.timestamp(),
        # copies are compared with nothing; what a message showed of one is known all the same
        packed=_NOTHING if is_copy and state.alert is None else packed(Features.from_flat(state.features)),
        clauses=frozenset(state.features.get("clauses", ())),
    )


def event_flat(event: EventMemory) -> dict[str, list[str]]:
    """Return what is kept of an event beside its record, in the form of `StoryState.features`."""
    return {
        "event_sources": sorted(event.sources),
        "event_outlets": sorted(event.outlets),
        **severity_flat(event.severity),
        "told": told_flat(event.told),
    }


def severity_flat(severity: SeverityState) -> dict[str, list[str]]:
    """Return what may still raise a severity."""
    return {
        "heard": [one.flat() for one in severity.reports],
        "awaited": [f"{step.severity} {step.min_sources or ''}" for step in severity.awaited],
    }


def told_flat(told: Told | None) -> list[str]:
    return [] if told is None else [told.severity.value, str(told.source_count)]


def recall_event(event: EventMemory, record: Event, flat: Mapping[str, list[str]], alert: Alert | None = None) -> None:
    """Set what is known of an event to a new record and what is kept beside it; `alert` is the one that came with it."""
    event.event = record
    event.sources = _outlets(flat.get("event_sources", flat.get("sources", ())))  # version 2 of the state did not distinguish them
    event.outlets = _outlets(flat.get("event_outlets", flat.get("outlets", ())))
    steps = (text.split(" ", 1) for text in flat.get("awaited", ()))
    event.severity = SeverityState(
        severity=record.severity,
        reason=record.severity_reason,
        reports=tuple(map(_report, flat.get("heard", ()))),
        awaited=tuple(SeverityStep(severity=Severity(level), min_sources=int(count) if count else None) for level, count in steps),
    )
    told = flat.get("told")
    if told is not None:
        event.told = Told(Severity(told[0]), int(told[1])) if told else None
    elif alert is not None:  # version 2 of the state recorded it only through its alerts
        event.told = Told(alert.severity, alert.source_count)


def recall_story(story: StoryMemory, record: Story, flat: Mapping[str, list[str]], idle_s: float | None) -> None:
    """Set what is known of a story to a new record and what is kept beside it."""
    story.story, story.idle_s = record, idle_s
    story.sources, story.outlets = _outlets(flat.get("sources", ())), _outlets(flat.get("outlets", ()))


def _outlets(names: Iterable[str]) -> frozenset[str]:
    return _same_outlets(tuple(names))


@lru_cache(maxsize=1_024)  # most events have one outlet, and all of them together a few dozen: one set for all
def _same_outlets(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(ids.source_key, names))


def _report(flat: str) -> SourceReport:
    report = SourceReport.from_flat(flat)
    return replace(report, source=ids.source_key(report.source))  # older versions wrote the name as it came
