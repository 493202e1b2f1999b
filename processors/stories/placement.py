"""Decides which live story of its theme a match belongs to, and how: new, joined, a copy, an update.

In:  the match, its features and sketch, the theme's memory.
Out: `Placement`.

The order of the tests: an article already known; a copy of a known text; the story with the member most like it; for a bare
headline the story most like it as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass

from newsmon.records import Match, Relation
from processors.stories.copies import CopyRelation, compare_within_story
from processors.stories.features import Features
from processors.stories.headline import ENOUGH_STORIES, headline_score, is_bare
from processors.stories.likeness import Likeness, Rarity, Verdict, likeness, other_names
from processors.stories.memory import StoryMember, StoryMemory, ThemeMemory
from processors.stories.sketch import Sketch

_SECOND_BEST = -1.0  # in a story of three or more one similar member is not enough: a second must come near
_MOST_NEAR = 40  # up to this many stories of the day are all compared; beyond it only those that share keys with the article
_UNKNOWN_H = 6.0  # assumed between two articles of the very same instant: dates without an hour, or no dates at all
_UNDECIDED = frozenset((Verdict.SAME, Verdict.TOO_LITTLE_SHARED))  # neither numbers, places nor time contradict it


@dataclass(frozen=True, slots=True)
class Placement:
    """The story that a match belongs to; `memory` is None for a new story."""

    relation: Relation
    memory: StoryMemory | None
    copy_of: str | None
    before: StoryMember | None  # the revision that an update revises


def known_placement(match: Match, theme: ThemeMemory, features: Features, sketch: Sketch, gone: frozenset[str]) -> Placement | None:
    """Return the placement of a new revision or of a copy, in a remembered story that is not in `gone`; None if it is neither."""
    article = match.article
    memory = theme.story_of_article(article.article_id)
    if memory is not None and memory.story.story_id not in gone:
        return Placement(Relation.UPDATE, memory, None, memory.latest_of(article.article_id))
    found = theme.copies.best(sketch)
    if found is None:
        return None
    memory = theme.story_of_match(found[0])
    is_doubtful = found[1].relation is not CopyRelation.EXACT and not sketch.minhash
    other_event = is_doubtful and other_names(memory.members[found[0]].features, features)
    if memory.story.story_id in gone or other_event:
        return None
    return Placement(Relation.COPY, memory, memory.members[found[0]].original_id, None)


def placement_among(
    match: Match, theme: ThemeMemory, features: Features, sketch: Sketch, gone: frozenset[str], *, caution: float = 0.0
) -> Placement:
    """Return the placement of a match that is neither revision nor copy; `caution` is the extra log-odds that a story must reach."""
    memory = _likest(match, theme, features, gone, caution)
    if memory is None:
        return Placement(Relation.OPENED, None, None, None)
    original_id = _reworded_from(memory, theme, features, sketch)
    return Placement(Relation.JOINED if original_id is None else Relation.COPY, memory, original_id, None)


def _likest(match: Match, theme: ThemeMemory, features: Features, gone: frozenset[str], caution: float) -> StoryMemory | None:
    """Return the story with the member most like the article; for a bare headline like none, the story most like it as a whole."""
    best: tuple[float, StoryMemory] | None = None
    nearest: tuple[float, StoryMemory] | None = None
    rarity = theme.rarity()
    at_s = published_s(match)
    bare = len(theme.stories) >= ENOUGH_STORIES and is_bare(features)
    near = theme.near(at_s, gone)
    sharing = theme.candidates(features, gone, rarity)
    for candidate in sharing if len(near) > _MOST_NEAR else _both(sharing, near):
        members = candidate.compared()
        scored = (_scored(member, features, at_s, rarity, len(near), caution) for member in members)
        found = sorted(scored, key=lambda likeness: -likeness.score)
        if not found:
            continue
        if found[0].score >= 0 and (len(found) < 3 or found[1].score >= _SECOND_BEST) and (best is None or found[0].score > best[0]):
            best = found[0].score, candidate
        if bare and best is None and found[0].verdict in _UNDECIDED:
            held = theme.holders(candidate)
            score = headline_score(features, [member.features for member in members], held, rarity)
            if score >= 0 and (nearest is None or score > nearest[0]):
                nearest = score, candidate
    chosen = best or nearest
    return None if chosen is None else chosen[1]


def _both(first: list[StoryMemory], second: list[StoryMemory]) -> list[StoryMemory]:
    """Return the stories of both lists, each once."""
    return list({memory.story.story_id: memory for memory in (*first, *second)}.values())


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


def _scored(member: StoryMember, features: Features, at_s: float, rarity: Rarity, rivals: int, caution: float) -> Likeness:
    hours_apart = abs(at_s - member.at_s) / 3600 or _UNKNOWN_H
    return likeness(member.features, features, hours_apart=hours_apart, rarity=rarity, rivals=rivals, caution=caution)


def published_s(match: Match) -> float:
    """Return when the article was published (if unknown: first seen), in seconds since the epoch."""
    return (match.article.published_at or match.article.first_seen_at).timestamp()
