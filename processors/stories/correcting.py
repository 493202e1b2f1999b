"""What a person's correction of stories changes: which members move where, and the events and stories that result.

In:  a correction, the theme's memory, the states of its members.
Out: `Corrected`, with all that `ThemeMemory.regroup` needs.

A correction sends nothing but the end of a merged story's alert: what was told stays told. A split moves whole events with their ids; if it
cuts an event in two, the part that leaves gets a new id. A merge moves every event of one story into the other, whose alert stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import msgspec

from newsmon import ids
from newsmon.records import (
    Alert,
    AlertReason,
    AlertState,
    Corrected,
    Correction,
    CorrectionKind,
    CorrectionOutcome,
    Event,
    Member,
    Moved,
    RegroupedEvent,
    RegroupedStory,
    Relation,
    Severity,
    SeverityReason,
    Story,
    StoryState,
    UtcDatetime,
)
from newsmon.records.outcomes import RANK
from processors.alerts.decision import closing_alert
from processors.alerts.severity import UNKNOWN_TIER
from processors.stories.memory import ThemeMemory
from processors.stories.remembered import EventMemory, StoryMember, StoryMemory, event_flat
from processors.stories.story_record import SHOWN_MEMBERS, is_ahead_by_hours

StateOf = Callable[[str], StoryState]  # by match id, of remembered members


def corrected(correction: Correction, theme: ThemeMemory, state_of: StateOf, *, source_offset: int, now: UtcDatetime | None) -> Corrected:
    """Return the answer to `correction`; memory does not change. `now` is event time, None before the first match."""
    answer = Corrected(
        correction=correction, source_offset=source_offset, outcome=CorrectionOutcome.STORY_NOT_LIVE, decided_at=correction.made_at
    )  # fmt: skip
    story = theme.stories.get(correction.story_id)
    if story is None:
        return answer
    if correction.kind is CorrectionKind.SPLIT:
        return _split(answer, story, state_of, now or correction.made_at)
    if correction.other_story_id == correction.story_id:
        return msgspec.structs.replace(answer, outcome=CorrectionOutcome.ALREADY_SO)
    other = theme.stories.get(correction.other_story_id or "")
    return answer if other is None else _merged(answer, story, other, now or correction.made_at)


@dataclass(frozen=True, slots=True)
class _Part:
    """One event after the correction, with those of its members that are meant."""

    event: EventMemory
    event_id: str
    members: Sequence[StoryMember]
    is_whole: bool


def _split(answer: Corrected, story: StoryMemory, state_of: StateOf, now: UtcDatetime) -> Corrected:
    correction = answer.correction
    named = frozenset(correction.article_ids)
    going: list[_Part] = []
    staying: list[_Part] = []
    for event in story.in_order():
        go = [member for member in event.members.values() if member.article_id in named]
        stay = [member for member in event.members.values() if member.article_id not in named]
        event_id = event.event.event_id
        cut_id = ids.event_id(ids.story_id(correction.theme_id, f"{correction.correction_id} {event_id}"))
        if go:
            going.append(_Part(event, cut_id if stay else event_id, go, is_whole=not stay))
        if stay:
            staying.append(_Part(event, event_id, stay, is_whole=not go))
    if not going:
        return msgspec.structs.replace(answer, outcome=CorrectionOutcome.ALREADY_SO)
    if not staying:
        return msgspec.structs.replace(answer, outcome=CorrectionOutcome.WHOLE_STORY)
    at = _time_of(answer, now, story)
    new_id = ids.split_story_id(correction.theme_id, correction.correction_id)
    left = [_regrouped(part, story.story.story_id, state_of) for part in staying]
    gone = [_regrouped(part, new_id, state_of) for part in going]
    moved = tuple(
        Moved(
            match_id=member.match_id, article_id=member.article_id, from_story_id=story.story.story_id, to_story_id=new_id,
            event_id=part.event_id,
        )
        for part in going
        for member in part.members
    )  # fmt: skip
    going_ids = {one.match_id for one in moved}
    shown = [msgspec.structs.replace(_member_of(state_of(one.match_id)), event_id=one.event_id) for one in moved]
    kept = [member for member in story.story.members if member.match_id not in going_ids]
    kept = kept or [_member_of(state_of(part.members[0].match_id)) for part in staying]
    before = story.story
    moved_articles = len({one.article_id for one in moved})
    moved_copies = sum(one.event.copy_count for one in gone)
    old = _counted(
        msgspec.structs.replace(
            before, title=kept[0].title if before.members[0].match_id in going_ids else before.title,
            article_count=max(before.article_count - moved_articles, 1), copy_count=max(before.copy_count - moved_copies, 0),
            event_count=max(before.event_count - sum(part.is_whole for part in going), 1),
        ),
        left, kept, at,
    )  # fmt: skip
    new = _counted(
        msgspec.structs.replace(
            before, story_id=new_id, revision=0, state=AlertState.OPENED, title=gone[0].event.title,
            opened_at=min(one.event.opened_at for one in gone), severity=Severity.NOTICE, severity_reason=SeverityReason.THEME_RULES,
            article_count=moved_articles, copy_count=moved_copies, event_count=len(gone),
        ),
        gone, shown, at,
    )  # fmt: skip
    new = msgspec.structs.replace(new, state=AlertState.OPENED)
    return msgspec.structs.replace(
        answer, outcome=CorrectionOutcome.APPLIED, decided_at=max(answer.decided_at, at), moved=moved, stories=(old, new),
        regrouped_events=(*left, *gone), regrouped_stories=(_kept(old, left, story, story.alert), _kept(new, gone, story, None)),
    )  # fmt: skip


def _merged(answer: Corrected, story: StoryMemory, other: StoryMemory, now: UtcDatetime) -> Corrected:
    before, gone = story.story, other.story
    at = _time_of(answer, now, story, other)
    events = [
        RegroupedEvent(story_id=before.story_id, event=event.event, memory=event_flat(event))
        for event in (*story.in_order(), *other.in_order())
    ]
    moved = tuple(
        Moved(
            match_id=member.match_id, article_id=member.article_id, from_story_id=gone.story_id, to_story_id=before.story_id,
            event_id=event.event.event_id,
        )
        for event in other.in_order()
        for member in event.members.values()
    )  # fmt: skip
    rises = RANK[gone.severity] > RANK[before.severity]
    shown = [before.members[0], *sorted((*before.members[1:], *gone.members), key=lambda one: (one.first_seen_at, one.match_id))]
    joined = _counted(
        msgspec.structs.replace(
            before, article_count=before.article_count + gone.article_count, copy_count=before.copy_count + gone.copy_count,
            event_count=before.event_count + gone.event_count, severity=gone.severity if rises else before.severity,
            severity_reason=gone.severity_reason if rises else before.severity_reason,
        ),
        events, shown, at,
    )  # fmt: skip
    closed = msgspec.structs.replace(
        gone, revision=gone.revision + 1, state=AlertState.CLOSED, updated_at=at, closed_at=at, latest=None, event=None,
        alert_decision=AlertReason.CORRECTED,
    )  # fmt: skip
    ended = (
        () if other.alert is None else (msgspec.structs.replace(closing_alert(other.alert, closed, at=at), reason=AlertReason.CORRECTED),)
    )
    return msgspec.structs.replace(
        answer, outcome=CorrectionOutcome.APPLIED, decided_at=max(answer.decided_at, at), moved=moved, stories=(joined, closed),
        alerts=ended, regrouped_events=tuple(events), regrouped_stories=(_kept(joined, events, story, story.alert),),
    )  # fmt: skip


def _time_of(answer: Corrected, now: UtcDatetime, *stories: StoryMemory) -> UtcDatetime:
    """Return the time that the stories get: the latest of the correction's and theirs, without any set by a clock that was hours ahead."""
    times = (answer.correction.made_at, *(story.story.updated_at for story in stories))
    return max((at for at in times if not is_ahead_by_hours(at, now)), default=now)


def _counted(story: Story, events: Sequence[RegroupedEvent], shown: Sequence[Member], at: UtcDatetime) -> Story:
    """Return the next revision of a story that holds these events and shows these members, the first and the newest of them."""
    gravest = max(events, key=lambda one: RANK[one.event.severity]).event
    rises = RANK[gravest.severity] > RANK[story.severity]
    memory = _outlets(events)
    return msgspec.structs.replace(
        story, revision=story.revision + 1, state=AlertState.UPDATED, updated_at=at, latest=None, event=None,
        alert_decision=AlertReason.CORRECTED,
        source_count=max(len(memory["sources"]), 1), outlet_count=len(memory["outlets"]),
        severity=gravest.severity if rises else story.severity,
        severity_reason=gravest.severity_reason if rises else story.severity_reason,
        languages=tuple(sorted({one.language for one in shown} | set(story.languages if story.revision else ()))),
        members=tuple(shown if len(shown) <= SHOWN_MEMBERS else (*shown[:1], *shown[1 - SHOWN_MEMBERS :])),
    )  # fmt: skip


def _kept(story: Story, events: Iterable[RegroupedEvent], before: StoryMemory, alert: Alert | None) -> RegroupedStory:
    return RegroupedStory(story_id=story.story_id, memory=_outlets(events), idle_s=before.idle_s, alert=alert)


def _outlets(events: Iterable[RegroupedEvent]) -> dict[str, list[str]]:
    given = list(events)
    return {
        name: sorted({outlet for one in given for outlet in one.memory[f"event_{name}"]}) for name in ("sources", "outlets")
    }  # fmt: skip


def _regrouped(part: _Part, story_id: str, state_of: StateOf) -> RegroupedEvent:
    """Return the event as it was, or what is left of it where the correction cut it in two. Severity and what was told stay with both."""
    memory = event_flat(part.event)
    if part.is_whole:
        return RegroupedEvent(story_id=story_id, event=part.event.event, memory=memory)
    states = [state_of(member.match_id) for member in part.members]
    members = [_member_of(state) for state in states]
    copies = {one.article_id for one in members if one.relation is Relation.COPY}
    own = [
        one for one, member in zip(members, part.members, strict=True)
        if member.is_sure and one.relation not in (Relation.COPY, Relation.UPDATE) and one.tier < UNKNOWN_TIER
    ]  # fmt: skip
    sources, outlets = ({ids.source_key(one.source) for one in some} for some in (own, members))
    articles = {one.article_id for one in members}
    event = Event(
        event_id=part.event_id, title=members[0].title, opened_at=states[0].matched_at, updated_at=states[-1].matched_at,
        article_count=len(articles), copy_count=len(copies), source_count=max(len(sources), 1), outlet_count=len(outlets),
        severity=part.event.event.severity, severity_reason=part.event.event.severity_reason,
    )  # fmt: skip
    heard = [one for one in memory["heard"] if one.split(" ", 2)[2] in sources]
    is_told = any(member.is_told for member in part.members)
    changed = {"event_sources": sorted(sources), "event_outlets": sorted(outlets), "heard": heard}
    return RegroupedEvent(story_id=story_id, event=event, memory=memory | changed | ({} if is_told else {"told": []}))


def _member_of(state: StoryState) -> Member:
    assert state.story.latest is not None, "a decision on a match adds a member"
    return state.story.latest
