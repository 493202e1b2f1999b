"""Decide which live story of its theme a match belongs to, and as what: new, joined, a copy, an update.

In:  the match, what is compared of it, the theme's memory.
Out: `Place`.
I/O: none.

The order of the questions: an article known already; a copy of a known text; the story with the member most like it; for a bare
headline the story most like it as a whole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from newsmon.records import Match, Relation
from processors.copies import CopyRelation, Sketch, compare_within_story
from processors.features import Features
from processors.headline import ENOUGH_STORIES, headline_score, is_bare
from processors.likeness import LENIENT, Likeness, Rarity, Verdict, everything_rare, likeness, other_names
from processors.story_memory import StoryMember, StoryMemory, ThemeMemory

_SECOND_BEST = -1.0  # in a story of three or more one look-alike is not enough: another member must come near
_FRESH = 2  # members: a story of more is known by many names, and would draw in all that is of its country and hour
_MOST_RIVALS = 40  # in a crowd nothing stands out
_RIVALRY = 0.6  # how near another story must come to cast doubt on the likest
_UNDECIDED = frozenset((Verdict.SAME, Verdict.TOO_LITTLE_SHARED))  # neither numbers, places nor time speak against it


@dataclass(frozen=True, slots=True)
class Place:
    """Where a match belongs; `memory` is None for a new story."""

    relation: Relation
    memory: StoryMemory | None
    copy_of: str | None
    before: StoryMember | None  # the revision that an update revises


def place_of(
    match: Match, theme: ThemeMemory, features: Features, sketch: Sketch, gone: frozenset[str], settled_by: datetime | None
) -> Place:
    """Return where `match` belongs among the stories of `theme`, none of `gone`.

    Unless `settled_by` is None, a theme must have a story as old as that before its few stories count as few. None means that all there
    is will be read, as from a file: then less proof is asked for.
    """
    article = match.article
    memory = theme.story_of_article(article.article_id)
    if memory is not None and memory.story.story_id not in gone:
        return Place(Relation.UPDATE, memory, None, memory.latest_of(article.article_id))
    found = theme.copies.best(sketch)
    if found is not None:
        memory = theme.story_of_match(found[0])
        is_doubtful = found[1].relation is not CopyRelation.EXACT and not sketch.minhash
        other_event = is_doubtful and other_names(memory.members[found[0]].features, features)
        if memory.story.story_id not in gone and not other_event:
            return Place(Relation.COPY, memory, memory.members[found[0]].original_id, None)
    memory = _likest(match, theme, features, gone, settled_by)
    if memory is None:
        return Place(Relation.OPENED, None, None, None)
    original_id = _reworded_from(memory, theme, features, sketch)
    return Place(Relation.JOINED if original_id is None else Relation.COPY, memory, original_id, None)


def _likest(match: Match, theme: ThemeMemory, features: Features, gone: frozenset[str], settled_by: datetime | None) -> StoryMemory | None:
    """Return the story with the member most like the article; for a bare headline like none, the story most like it as a whole."""
    best: tuple[float, StoryMemory] | None = None
    nearest: tuple[float, StoryMemory] | None = None
    rarity = theme.rarity()
    at_s = published_s(match)
    bare = len(theme.stories) >= ENOUGH_STORIES and is_bare(features)
    rivals = None if settled_by is None else theme.few_near(at_s, settled_by)
    for candidate in theme.candidates(features, gone, rarity):
        members = candidate.compared()
        few = rivals if len(members) <= _FRESH else None
        found = sorted((_scored(member, features, at_s, rarity, few) for member in members), key=lambda likeness: -likeness.score)
        if not found:
            continue
        if found[0].score >= 0 and (len(found) < 3 or found[1].score >= _SECOND_BEST) and (best is None or found[0].score > best[0]):
            best = found[0].score, candidate
        if bare and best is None and found[0].verdict in _UNDECIDED:
            held = theme.holders(candidate)
            score = headline_score(features, [member.features for member in members], held, rarity)
            if score >= 0 and (nearest is None or score > nearest[0]):
                nearest = score, candidate
    if settled_by is None and best is None:
        best = _clearest(theme, features, gone, at_s)
    chosen = best or nearest
    return None if chosen is None else chosen[1]


def _clearest(theme: ThemeMemory, features: Features, gone: frozenset[str], at_s: float) -> tuple[float, StoryMemory] | None:
    """Return the young story of the same day that stands out from the others, if all there is will be read; None if none does."""
    young = [
        (story, members)
        for story in theme.near(at_s)
        if story.story.story_id not in gone and 0 < len(members := story.compared()) <= _FRESH
    ]
    if not 0 < len(young) <= _MOST_RIVALS:
        return None
    found = [
        (max(_scored(member, features, at_s, everything_rare, 1, LENIENT).score for member in members), story) for story, members in young
    ]
    score, story = max(found, key=lambda one: one[0])
    rivalry = math.log(math.fsum(math.exp(_RIVALRY * (other - score)) for other, _story in found))
    return (score, story) if score >= rivalry else None


def _reworded_from(memory: StoryMemory, theme: ThemeMemory, features: Features, sketch: Sketch) -> str | None:
    """Return the article of the story that `sketch` is a freely edited copy of, the most alike first."""
    found: tuple[float, str] | None = None
    for member in memory.compared():
        known = theme.copies.sketch(member.match_id)
        if known is None or other_names(member.features, features):
            continue
        verdict = compare_within_story(known, sketch)
        if verdict.relation is not CopyRelation.NONE and (found is None or verdict.similarity > found[0]):
            found = verdict.similarity, member.original_id
    return None if found is None else found[1]


def _scored(member: StoryMember, features: Features, at_s: float, rarity: Rarity, rivals: int | None, lenience: float = 0.0) -> Likeness:
    hours_apart = abs(at_s - member.at_s) / 3600
    return likeness(member.features, features, hours_apart=hours_apart, rarity=rarity, rivals=rivals, lenience=lenience)


def published_s(match: Match) -> float:
    """Return when the article was published (if unknown: first seen), in seconds since the epoch."""
    return (match.article.published_at or match.article.first_seen_at).timestamp()
