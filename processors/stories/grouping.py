"""Groups the matches of one partition into events and stories and decides their alerts: a fold over the match log.

In:  matches and corrections with their offsets, in order; their states after a restart.
Out: one state for each: the whole decision, with everything needed to rebuild memory and to repeat every output.
Time is event time (`matched_at`) only.

`Grouping.decide` and `correct` answer without changing memory, `Grouping.apply` remembers. A match already decided gets its remembered
answer, so a redelivery repeats the same bytes. A story that closes (by default after 72 h without a new member, or over a
bound) is written into the state of the match that closed it; memory never drops anything by itself.
"""

from __future__ import annotations

import heapq
import math
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from newsmon.codec import decode, encode
from newsmon.records import (
    Alert,
    AlertReason,
    AlertState,
    Corrected,
    Correction,
    GroupState,
    Match,
    Relation,
    Story,
    StoryState,
    ThemePulse,
    ThemeUsage,
    state_id,
)
from processors.alerts.burst_alert import carried, counts_for_burst, pulse_after
from processors.alerts.decision import AlertPolicy, News, closing_alert, decide_alert, refusal_of, told_after
from processors.features.of_article import Features
from processors.likeness.traits import compared
from processors.likeness.weighing import Rarity
from processors.stories.correcting import corrected
from processors.stories.facts import material_facts
from processors.stories.memory import ThemeMemory
from processors.stories.placement import Placement, known_placement, placement_among, published_s
from processors.stories.remembered import StoryMemory
from processors.stories.story_record import (
    event_after,
    ids_after,
    is_ahead_by_hours,
    kept_features,
    outlets_after,
    severity_of,
    story_after,
)
from processors.stories.theme_usage import rarity_in, rarity_with, usage_after, usage_at

_COMPRESSION = 1  # a third of the size for 50 µs; more time buys little


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of memory per theme: how long and how much."""

    idle: timedelta = timedelta(hours=72)
    max_stories: int = 2_000
    max_members: int = 10_000


class Grouping:
    """The memory and the judgement of one partition of news.matches."""

    def __init__(self, *, policy: AlertPolicy | None = None, bounds: Bounds | None = None) -> None:
        self._policy = policy or AlertPolicy()
        self._bounds = bounds or Bounds()
        self._themes: dict[str, ThemeMemory] = {}
        self._states: dict[str, bytes] = {}  # as on the topic, compressed: only a redelivery reads them
        self._tombstones: dict[str, tuple[str, ...]] = {}  # by the match that caused them
        self._corrected: dict[str, Corrected] = {}
        self._theme_of_story: dict[str, str] = {}
        self._pulses: dict[str, ThemePulse] = {}
        self._pulse_states: dict[str, str] = {}  # the theme's own state that holds its pulse; none if another theme's carries it
        self._usages: dict[str, ThemeUsage] = {}  # of the themes that have a live story, each from its newest remembered state
        self._usage_states: dict[str, str] = {}  # that state
        self._idle_queue: list[tuple[datetime, str]] = []
        self._latest: datetime | None = None  # event time of the state applied last
        self._idle_since: dict[str, datetime] = {}  # stories dated by a clock that was ahead, since it was set right

    def restore(self, states: Iterable[GroupState]) -> None:
        """Rebuild memory from the states still on the state topic, given in any order."""
        for state in sorted(states, key=_place):
            self.apply(state)

    def states(self) -> list[GroupState]:
        """Return the states remembered now, by source offset: what a compacted state topic would hold."""
        return sorted([*map(_unpacked, self._states.values()), *self._corrected.values()], key=_place)

    def __len__(self) -> int:
        """Return the number of remembered members."""
        return len(self._states)

    def story_count(self) -> int:
        """Return the number of live stories."""
        return len(self._theme_of_story)

    def decide(self, match: Match, *, source_offset: int) -> StoryState:
        """Return the decision for `match`; the remembered one if there is one. Memory does not change."""
        known = self._states.get(match.match_id)
        if known is not None:
            return _unpacked(known)
        theme = self._themes.get(match.theme_id) or ThemeMemory()
        traits = compared(match)
        features, sketch = traits.features, traits.sketch
        usage = usage_at(self._usages.get(match.theme_id), match.theme_id, match.matched_at)
        rarity = rarity_with(usage, traits.rarity)
        closing = self._closing(match)
        gone = frozenset(story_id for _theme_id, story_id in closing)
        placement = known_placement(match, theme, features, sketch, gone)
        if placement is not None and placement.relation is Relation.COPY:
            features = replace(features, meaning=None)  # copies are never compared
        placement = placement or placement_among(match, theme, features, sketch, gone, rarity, rarity_in(usage))
        closing += self._over_bounds(match, theme, gone, placement.story)
        refusal = refusal_of(match, self._policy)
        severity = severity_of(match, placement, self._policy.severity, may_notify=refusal is None)
        outlets, event_outlets = (outlets_after(match, placement, before) for before in (placement.story, placement.event))
        story_id, event_id = ids_after(match, placement, theme, gone)
        story = story_after(match, placement, story_id, event_after(match, placement, event_id, event_outlets, severity), outlets)
        told = placement.event.told if placement.event is not None else None
        decision = decide_alert(
            match, self._news(match, placement, features, rarity), story=story, told=told,
            last=placement.story.alert if placement.story is not None else None, policy=self._policy,
        )  # fmt: skip
        closed, closed_alerts = self._closed(closing, match.matched_at)
        pulse, burst = self._pulse(match, story, counts=counts_for_burst(match, placement.relation, refusal))
        return StoryState(
            match_id=match.match_id,
            theme_id=match.theme_id,
            story_id=story_id,
            event_id=event_id,
            source_offset=source_offset,
            matched_at=match.matched_at,
            article_id=match.article.article_id,
            content_hash=match.article.content_hash,
            source=match.article.source,
            relation=placement.relation,
            copy_of=placement.copy_of,
            features=kept_features(match, placement, features, outlets, event_outlets, severity, told_after(told, decision)),
            digest=sketch.text(),
            idle_s=match.stories.idle_s,
            story=msgspec.structs.replace(story, alert_decision=decision.reason),
            alert=decision.alert,
            closed=closed,
            closed_alerts=closed_alerts,
            pulses=() if pulse is None else carried(self._pulses, pulse, self._keeping_pulses(closing)),
            burst=burst,
            usage=usage_after(usage, features) if placement.event is None else usage,
        )

    def correct(self, correction: Correction, *, source_offset: int) -> Corrected:
        """Return the answer to a person's correction; the remembered one if there is one. Memory does not change."""
        known = self._corrected.get(correction.correction_id)
        if known is not None:
            return known
        theme = self._themes.get(correction.theme_id) or ThemeMemory()
        return corrected(
            correction, theme, lambda match_id: _unpacked(self._states[match_id]), source_offset=source_offset, now=self._latest
        )  # fmt: skip

    def _news(self, match: Match, placement: Placement, features: Features, rarity: Rarity) -> News:
        """Return what `match` brings to the event it was placed in."""
        clauses = frozenset(evidence.clause for evidence in match.evidence)
        changed = placement.before is not None and placement.before.clauses != clauses
        if placement.story is None or placement.event is None or placement.event.told is None:
            return News(placement.relation, changed)
        told = placement.story.told_features()
        last_s = max((member.at_s for member in placement.event.members.values() if member.is_told), default=-math.inf)
        days = min(max((published_s(match) - last_s) / 86_400, 0.0), 1.0)  # a day later the same words may tell the next development
        facts = material_facts(match, features, told, rarity, margin=placement.margin - days)
        return News(placement.relation, changed, facts, is_sure=placement.is_sure)

    def apply(self, state: GroupState) -> tuple[str, ...]:
        """Remember `state`; return the keys of the states to tombstone because of it, the same ones if it is applied again."""
        key = state_id(state)
        if key in self._states or key in self._corrected:
            return self._tombstones.get(key, ())
        if isinstance(state, Corrected):
            self._applied_correction(state)
            tombstones: list[str] = []
        else:
            tombstones = self._applied(state)
        for gone in tombstones:
            self._states.pop(gone, None)
            self._tombstones.pop(gone, None)
        self._recall_usages(frozenset(tombstones))
        tombstones += self._outdated_corrections(state)
        if tombstones:
            self._tombstones[key] = tuple(tombstones)
        return tuple(tombstones)

    def _applied(self, state: StoryState) -> list[str]:
        self._set_back(state.matched_at)
        tombstones: list[str] = []
        for story in state.closed:
            self._idle_since.pop(story.story_id, None)
            theme = self._themes.get(story.theme_id)
            if theme is not None:
                tombstones += theme.forget_story(story.story_id)
                self._theme_of_story.pop(story.story_id, None)
        theme = self._themes.setdefault(state.theme_id, ThemeMemory())
        tombstones += theme.remember(state)
        for pulse in state.pulses:
            self._pulses[pulse.theme_id] = pulse
            self._pulse_states.pop(pulse.theme_id, None)
            if pulse.theme_id == state.theme_id:
                self._pulse_states[pulse.theme_id] = state.match_id
        if state.usage is not None:
            self._usages[state.theme_id], self._usage_states[state.theme_id] = state.usage, state.match_id
        self._states[state.match_id] = zlib.compress(encode(state), _COMPRESSION)
        self._note_live(state.theme_id, state.story)
        return tombstones

    def _recall_usages(self, gone: frozenset[str]) -> None:
        """A theme's newest state may be forgotten before older ones; its usage is then that of the newest left, as after a restart."""
        for theme_id in [theme_id for theme_id, match_id in self._usage_states.items() if match_id in gone]:
            del self._usages[theme_id], self._usage_states[theme_id]
            theme = self._themes[theme_id]
            for match_id in reversed(self._states if theme.stories else ()):
                if theme.has_member(match_id) and (usage := _unpacked(self._states[match_id]).usage) is not None:
                    self._usages[theme_id], self._usage_states[theme_id] = usage, match_id
                    break

    def _applied_correction(self, state: Corrected) -> None:
        self._corrected[state.correction.correction_id] = state
        theme = self._themes.setdefault(state.correction.theme_id, ThemeMemory())
        theme.regroup(state)
        for story in state.stories:
            self._idle_since.pop(story.story_id, None)
            if story.story_id in theme.stories:
                self._note_live(state.correction.theme_id, story)
            else:
                self._theme_of_story.pop(story.story_id, None)

    def _note_live(self, theme_id: str, story: Story) -> None:
        self._theme_of_story[story.story_id] = theme_id
        self._idle_since.pop(story.story_id, None)
        heapq.heappush(self._idle_queue, (self._ends_at(theme_id, story.story_id), story.story_id))

    def _outdated_corrections(self, latest: GroupState) -> list[str]:
        """Forget the corrections before `latest` on which nothing live depends, and return their keys.

        A correction is needed until its stories have closed and the members it moved, perhaps moved again since, are forgotten.
        """
        outdated = [
            key for key, one in self._corrected.items()
            if one is not latest
            and not any(story.story_id in self._theme_of_story for story in one.stories)
            and not any(moved.match_id in self._states for moved in one.moved)
        ]  # fmt: skip
        for key in outdated:
            del self._corrected[key]
            self._tombstones.pop(key, None)
        return outdated

    def _set_back(self, at: datetime) -> None:
        """Event time went back by hours, so a clock had been ahead: count the idle time of the stories it dated from now on."""
        if self._latest is not None and is_ahead_by_hours(self._latest, at):
            for theme in self._themes.values():
                for story_id, memory in theme.stories.items():
                    if is_ahead_by_hours(memory.story.updated_at, at):
                        self._idle_since[story_id] = at
                        heapq.heappush(self._idle_queue, (at + self._idle(memory), story_id))
        self._latest = at

    def _pulse(self, match: Match, story: Story, *, counts: bool) -> tuple[ThemePulse | None, Alert | None]:
        policy = self._policy.burst
        if policy is None:
            return None, None
        return pulse_after(match, story, self._pulses.get(match.theme_id), counts=counts, policy=policy)

    def _keeping_pulses(self, closing: list[tuple[str, str]]) -> set[str]:
        """Return the themes whose own state that holds their pulse outlives the stories in `closing`."""
        gone = frozenset(story_id for _theme_id, story_id in closing)
        return {
            name for name, match_id in self._pulse_states.items()
            if match_id in self._states and self._themes[name].event_of_match(match_id)[0].story.story_id not in gone
        }  # fmt: skip

    def _closing(self, match: Match) -> list[tuple[str, str]]:
        """Return (theme, story) of every story idle for too long at the event time of `match`, longest idle first."""
        closing: list[tuple[str, str]] = []
        waiting: list[tuple[datetime, str]] = []
        queue = self._idle_queue
        while queue and queue[0][0] <= match.matched_at:
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

    def _ends_at(self, theme_id: str, story_id: str) -> datetime:
        """Return when the story closes if it gets no further member."""
        memory = self._themes[theme_id].stories[story_id]
        return (self._idle_since.get(story_id) or memory.story.updated_at) + self._idle(memory)

    def _idle(self, memory: StoryMemory) -> timedelta:
        return self._bounds.idle if memory.idle_s is None else timedelta(seconds=memory.idle_s)

    def _over_bounds(self, match: Match, theme: ThemeMemory, gone: frozenset[str], joined: StoryMemory | None) -> list[tuple[str, str]]:
        """Return the stories to close so that one more member fits: those longest without a new one, never the one joined."""
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
                closing.append((match.theme_id, memory.story.story_id))
                excess_members -= memory.member_count()
        return closing

    def _closed(self, closing: list[tuple[str, str]], at: datetime) -> tuple[tuple[Story, ...], tuple[Alert, ...]]:
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


def _place(state: GroupState) -> tuple[int, str]:
    return state.source_offset, state_id(state)


def _unpacked(raw: bytes) -> StoryState:
    return decode(zlib.decompress(raw), StoryState)
