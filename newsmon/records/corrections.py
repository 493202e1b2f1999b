"""A person's corrections of stories, and the outcome of each.

A correction travels on the topic of matches, under its theme, so that the grouping stage meets it among the matches in one order that
every replay repeats.
"""

from __future__ import annotations

from enum import StrEnum

from newsmon.records.articles import Match
from newsmon.records.base import Part, Record, UtcDatetime
from newsmon.records.stories import Alert, Event, Story, StoryState


class CorrectionKind(StrEnum):
    SPLIT = "split"  # articles leave a story for a new one of their own
    MERGE = "merge"  # a story goes into another


class CorrectionOutcome(StrEnum):
    """The grouping stage's answer to a correction."""

    APPLIED = "applied"
    ALREADY_SO = "already_so"  # the articles are not in the story, or the stories are one
    STORY_NOT_LIVE = "story_not_live"  # closed by then, or never known: closed stories stay as they are
    WHOLE_STORY = "whole_story"  # a split that would leave nothing behind


class Correction(Record, frozen=True, kw_only=True, tag="correction/1"):
    """One correction of stories by a person."""

    correction_id: str  # ids.correction_id of everything that follows, but for the last three
    theme_id: str
    kind: CorrectionKind
    story_id: str  # split: the story that the articles leave; merge: the one that stays
    other_story_id: str | None = None  # merge: the story that goes into it
    article_ids: tuple[str, ...] = ()  # split: sorted, with all their revisions
    story_revision: int  # of `story_id`, as the person saw it: split, undone and split again are three corrections
    made_at: UtcDatetime
    by: str  # the person
    note: str = ""


class Moved(Part, frozen=True, kw_only=True):
    """One member that moved from one story to another."""

    match_id: str
    article_id: str
    from_story_id: str
    to_story_id: str
    event_id: str  # its event from now on: a new one only where a split cuts an event in two


class RegroupedEvent(Part, frozen=True, kw_only=True):
    """An event that a correction moved or cut, as the grouping stage knows it afterwards."""

    story_id: str
    event: Event
    memory: dict[str, list[str]]  # its outlets, what may still raise its severity, how it was told; opaque outside processors


class RegroupedStory(Part, frozen=True, kw_only=True):
    """A live story that a correction changed, as the grouping stage knows it afterwards, beside its record."""

    story_id: str
    memory: dict[str, list[str]]  # its outlets; opaque outside processors
    idle_s: float | None
    alert: Alert | None  # its newest alert


class Corrected(Record, frozen=True, kw_only=True, tag="corrected/1"):
    """The grouping stage's whole answer to one correction: it rebuilds its memory and repeats its outputs from it."""

    correction: Correction
    source_offset: int  # of the correction on its news.matches partition
    outcome: CorrectionOutcome
    decided_at: UtcDatetime  # `made_at`, or later: the time of the stories it changed
    moved: tuple[Moved, ...] = ()
    stories: tuple[Story, ...] = ()  # each story it changed, as it is afterwards
    alerts: tuple[Alert, ...] = ()  # the last revision of the alert whose story went into another
    regrouped_events: tuple[RegroupedEvent, ...] = ()
    regrouped_stories: tuple[RegroupedStory, ...] = ()


GroupInput = Match | Correction  # what the grouping stage decides on
GroupState = StoryState | Corrected  # its answers, which are its memory


def input_id(record: GroupInput) -> str:
    """The id of a match or correction, which names the answer to it as well."""
    return record.match_id if isinstance(record, Match) else record.correction_id


def state_id(state: GroupState) -> str:
    """The id of what the state answers: the key it is kept under."""
    return state.match_id if isinstance(state, StoryState) else state.correction.correction_id
