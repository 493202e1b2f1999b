"""Decides which live event and story of its theme a match belongs to, and how: opened, continued, joined, a copy, an update.

In:  the match, its features and sketch, the theme's memory, the rarity of its keys.
Out: `Placement`.

The order of the tests: an article already known; a copy of a known text; the event most like it; the story that it would
continue. Other live stories do not change the verdict on two texts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from newsmon.records import Likeness, Match, Relation
from processors.features.of_article import Features
from processors.features.sketch import Sketch
from processors.likeness.copies import CopyRelation, CopyVerdict, compare_within_story
from processors.likeness.judgement import Compared, Judgement, judge_event
from processors.likeness.profile import profile_of
from processors.likeness.weighing import Rarity, other_names
from processors.stories.facts import is_decision
from processors.stories.memory import ThemeMemory
from processors.stories.remembered import EventMemory, StoryMember, StoryMemory

_OF_COPY = 1.0  # what the original does not say is no copy of it
_IS_ITS_OWN = 1.5  # log-odds from which a report confirms its event; one that may belong to another confirms nothing
_UNLINKED = 2.0  # log-odds; set on the recorded feeds of the demo, in nine languages, and seen on January 2026


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a match belongs; `story` is None for a new story, `event` for a new event."""

    relation: Relation
    story: StoryMemory | None
    event: EventMemory | None
    copy_of: str | None = None
    before: StoryMember | None = None  # the revision that an update revises
    margin: float = math.inf  # log-odds that it belongs to the event; low where it may report another
    likeness: Likeness | None = None  # what decided

    @property
    def is_sure(self) -> bool:
        """True unless the match may report a different event; a revision is as sure as the text it revises."""
        return self.margin >= _IS_ITS_OWN and (self.before is None or self.before.is_sure)


OPENED = Placement(Relation.OPENED, None, None)


def known_placement(match: Match, theme: ThemeMemory, features: Features, sketch: Sketch, gone: frozenset[str]) -> Placement | None:
    """Return the placement of a new revision or of a copy, in a remembered story that is not in `gone`; None if it is neither."""
    article_id = match.article.article_id
    placed = theme.event_of_article(article_id)
    if placed is not None and placed[0].story.story_id not in gone:
        story, event = placed
        return Placement(Relation.UPDATE, story, event, before=story.latest_of(article_id))
    found = theme.copies.best(sketch, without=lambda match_id: theme.event_of_match(match_id)[0].story.story_id in gone)
    if found is None:
        return None
    story, event = theme.event_of_match(found[0])
    original = event.members[found[0]]
    is_doubtful = found[1].relation is not CopyRelation.EXACT and not sketch.minhash
    if is_doubtful and (_names_others(original, features) or _is_contrary(original, features, sketch)):
        return None
    return Placement(Relation.COPY, story, event, copy_of=original.original_id, margin=_OF_COPY, likeness=_as_copy(original, found[1]))


def placement_among(
    match: Match, theme: ThemeMemory, features: Features, sketch: Sketch, gone: frozenset[str], rarity: Rarity
) -> Placement:
    """Return the placement of a match that is neither revision nor copy."""
    at_s = published_s(match)
    same: tuple[Judgement, StoryMemory, EventMemory] | None = None
    continued: tuple[Judgement, StoryMemory, EventMemory] | None = None
    for story, event in theme.candidates(features, gone, rarity):
        members = [Compared(member.features, member.hours_from(at_s)) for member in event.compared()]
        if not members:
            continue
        judged = judge_event(features, members, separate=match.stories.separate)
        if judged.event_score >= 0 and (same is None or judged.event_score > same[0].event_score):
            same = judged, story, event
        if judged.story_score >= 0 and (continued is None or judged.story_score > continued[0].story_score):
            continued = judged, story, event
    if same is not None:
        judged, story, event = same
        likeness = _likeness(judged, event)
        copied = _reworded_from(event, theme, features, sketch)
        if copied is not None:
            original, verdict = copied
            return Placement(
                Relation.COPY, story, event, copy_of=original.original_id, margin=_OF_COPY, likeness=_as_copy(original, verdict)
            )
        return Placement(Relation.JOINED, story, event, margin=_margin(judged), likeness=likeness)
    if continued is None:
        return OPENED
    judged, story, event = continued
    return Placement(Relation.CONTINUED, story, None, likeness=_likeness(judged, event))


def _likeness(judged: Judgement, event: EventMemory) -> Likeness:
    measured = {name: round(value, 2) for name, value in judged.evidence.items()}
    return Likeness(
        article_id=event.compared()[0].article_id, verdict=judged.verdict.value, event_score=round(judged.event_score, 2),
        story_score=round(judged.story_score, 2), evidence={name: value for name, value in measured.items() if value},
    )  # fmt: skip


def _as_copy(original: StoryMember, verdict: CopyVerdict) -> Likeness:
    return Likeness(
        article_id=original.article_id, verdict=verdict.reason.value, event_score=round(verdict.similarity, 2), story_score=0.0, evidence={}
    )  # fmt: skip


def _reworded_from(event: EventMemory, theme: ThemeMemory, features: Features, sketch: Sketch) -> tuple[StoryMember, CopyVerdict] | None:
    """Return the member of the event that `sketch` is a freely edited copy of, the most alike first."""
    found: tuple[StoryMember, CopyVerdict] | None = None
    for member in event.compared():
        known = theme.copies.sketch(member.match_id)
        if known is None or _names_others(member, features) or _is_contrary(member, features, sketch):
            continue
        verdict = compare_within_story(known, sketch)
        if verdict.relation is not CopyRelation.NONE and (found is None or verdict.similarity > found[1].similarity):
            found = member, verdict
    return found


def _names_others(member: StoryMember, features: Features) -> bool:
    return other_names(profile_of(member.features), profile_of(features))


def _is_contrary(member: StoryMember, features: Features, sketch: Sketch) -> bool:
    """True for a short text whose headline has a decision that the member does not name: one verb may turn it round."""
    return not sketch.minhash and is_decision(features, [member.features])


def published_s(match: Match) -> float:
    """Return when the article was published (if unknown: first seen), in seconds since the epoch."""
    return (match.article.published_at or match.article.first_seen_at).timestamp()


def _margin(judged: Judgement) -> float:
    """Return how surely the report belongs to the event: less across languages if no telling name, place or number links the two."""
    return judged.event_score - _UNLINKED * judged.evidence["foreign"] * judged.evidence["unlinked"]
