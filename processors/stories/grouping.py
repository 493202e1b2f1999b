"""Groups the matches of one partition into stories and decides their alerts: a fold over the match log.

In:  matches and corrections with their offsets, in order; their states after a restart.
Out: one state for each: the whole decision, with everything needed to rebuild memory and to repeat every output.
Time is event time (`matched_at`) only.

`Grouping.decide` and `correct` answer without changing memory, `Grouping.apply` remembers. A match already decided gets its remembered
answer, so a redelivery repeats the same bytes. A story that closes (72 h without a new member, or over a bound) is written into
the state of the match that closed it; memory never drops anything by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import msgspec

from newsmon.records import (
    Alert,
    Corrected,
    Correction,
    GroupState,
    Match,
    Relation,
    Story,
    StoryState,
    ThemePulse,
    state_id,
)
from processors.alerts.burst_alert import carried, counts_for_burst, pulse_after
from processors.alerts.decision import AlertPolicy, News, decide_alert, refusal_of, told_after
from processors.features.of_article import Features
from processors.likeness.theme_words import rarity_with, usual_keys
from processors.likeness.traits import compared
from processors.likeness.weighing import Rarity
from processors.stories.closing import Bounds, LiveStories
from processors.stories.correcting import corrected
from processors.stories.facts import material_facts
from processors.stories.kept_states import KeptStates
from processors.stories.memory import ThemeMemory
from processors.stories.placement import Placement, known_placement, placement_among, published_s
from processors.stories.said import Said, said
from processors.stories.story_record import (
    event_after,
    ids_after,
    kept_features,
    outlets_after,
    severity_of,
    story_after,
)


class Grouping:
    """The memory and the judgement of one partition of news.matches."""

    def __init__(self, *, policy: AlertPolicy | None = None, bounds: Bounds | None = None) -> None:
        self._policy = policy or AlertPolicy()
        self._themes: dict[str, ThemeMemory] = {}
        self._live = LiveStories(self._themes, bounds or Bounds())
        self._states = KeptStates()
        self._tombstones: dict[str, tuple[str, ...]] = {}  # by the match that caused them
        self._corrected: dict[str, Corrected] = {}
        self._pulses: dict[str, ThemePulse] = {}
        self._pulse_states: dict[str, str] = {}  # the theme's own state that holds its pulse; none if another theme's carries it

    def restore(self, states: Iterable[GroupState]) -> None:
        """Rebuild memory from the states still on the state topic, given in any order."""
        for state in sorted(states, key=_place):
            self.apply(state)

    def states(self) -> list[GroupState]:
        """Return the states remembered now, by source offset: what a compacted state topic would hold."""
        return sorted([*map(self._state, self._states), *self._corrected.values()], key=_place)

    def __len__(self) -> int:
        """Return the number of remembered members."""
        return len(self._states)

    def story_count(self) -> int:
        """Return the number of live stories."""
        return len(self._live)

    def decide(self, match: Match, *, source_offset: int) -> StoryState:
        """Return the decision for `match`; the remembered one if there is one. Memory does not change."""
        if match.match_id in self._states:
            return self._state(match.match_id)
        theme = self._themes.get(match.theme_id) or ThemeMemory()
        traits = compared(match)
        features, sketch = replace(traits.features, usual=usual_keys(match.evidence, traits.features)), traits.sketch
        rarity = rarity_with(features.usual, traits.rarity)
        closing = self._live.idle_at(match.matched_at)
        gone = frozenset(story_id for _theme_id, story_id in closing)
        placement = known_placement(match, theme, features, sketch, gone)
        if placement is not None and placement.relation is Relation.COPY:
            features = replace(features, meaning=None)  # copies are never compared
        placement = placement or placement_among(match, theme, features, sketch, gone, rarity)
        closing += self._live.over_bounds(match.theme_id, gone, placement.story)
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
        closed, closed_alerts = self._live.closed(closing, match.matched_at)
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
        )

    def correct(self, correction: Correction, *, source_offset: int) -> Corrected:
        """Return the answer to a person's correction; the remembered one if there is one. Memory does not change."""
        known = self._corrected.get(correction.correction_id)
        if known is not None:
            return known
        theme = self._themes.get(correction.theme_id) or ThemeMemory()
        return corrected(
            correction, theme, self._state, source_offset=source_offset, now=self._live.latest
        )  # fmt: skip

    def _state(self, match_id: str) -> StoryState:
        """Return the state of a remembered member."""
        theme = next(theme for theme in self._themes.values() if theme.has_member(match_id))
        return self._states.state(*theme.member(match_id))

    def _news(self, match: Match, placement: Placement, features: Features, rarity: Rarity) -> News:
        """Return what `match` brings to the event it was placed in."""
        clauses = frozenset(evidence.clause for evidence in match.evidence)
        changed = placement.before is not None and placement.before.clauses != clauses
        if placement.story is None or placement.event is None or placement.event.told is None:
            return News(placement.relation, changed)
        told = placement.story.told()
        if placement.relation is Relation.JOINED:
            how = said(features, told, at_s=published_s(match), separate=match.stories.separate)
        else:
            how = Said(placement.margin)
        facts = material_facts(match, features, [member.features for member in told], rarity, said=how)
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
            self._states.drop(gone)
            self._tombstones.pop(gone, None)
        self._live.forget(tombstones)
        tombstones += self._outdated_corrections(state)
        if tombstones:
            self._tombstones[key] = tuple(tombstones)
        return tuple(tombstones)

    def _applied(self, state: StoryState) -> list[str]:
        self._live.pass_to(state.matched_at, state.match_id, state.source_offset)
        tombstones: list[str] = []
        for story in state.closed:
            theme = self._themes.get(story.theme_id)
            if theme is not None:
                tombstones += theme.forget_story(story.story_id)
            self._live.remove(story.story_id)
        theme = self._themes.setdefault(state.theme_id, ThemeMemory())
        tombstones += theme.remember(state)
        for pulse in state.pulses:
            self._pulses[pulse.theme_id] = pulse
            self._pulse_states.pop(pulse.theme_id, None)
            if pulse.theme_id == state.theme_id:
                self._pulse_states[pulse.theme_id] = state.match_id
        self._states.keep(state, *theme.member(state.match_id))
        self._live.add(state.theme_id, state.story.story_id, state.source_offset)
        return tombstones

    def _applied_correction(self, state: Corrected) -> None:
        self._corrected[state.correction.correction_id] = state
        theme = self._themes.setdefault(state.correction.theme_id, ThemeMemory())
        theme.regroup(state)
        for story in state.stories:
            if story.story_id in theme.stories:
                self._live.add(state.correction.theme_id, story.story_id, state.source_offset)
            else:
                self._live.remove(story.story_id)

    def _outdated_corrections(self, latest: GroupState) -> list[str]:
        """Forget the corrections before `latest` on which nothing live depends, and return their keys.

        A correction counts until its stories have closed and the members that it moved, perhaps further by another one, are forgotten.
        """
        outdated = [
            key for key, one in self._corrected.items()
            if one is not latest
            and not any(story.story_id in self._live for story in one.stories)
            and not any(moved.match_id in self._states for moved in one.moved)
        ]  # fmt: skip
        for key in outdated:
            del self._corrected[key]
            self._tombstones.pop(key, None)
        return outdated

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


def _place(state: GroupState) -> tuple[int, str]:
    return state.source_offset, state_id(state)
