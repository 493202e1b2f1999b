"""Decides whether two reports, or a report and an event, are one development, one running story, or neither.

In:  the features of the reports, the hours between them, the rarity of each key in the news at large and in the theme.
Out: `Judgement(event_score, story_score, verdict, evidence)`; a score of 0 or more means the same event, the same running story.

Nothing else counts: the verdict on two texts is the same whatever else is live.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from processors.stories.features import Features
from processors.stories.likeness import WEIGHTS, WORDS_ONLY, Rarity, Verdict, everything_rare, evidence, likeness

__all__ = ["WEIGHTS", "WORDS_ONLY", "Compared", "Judgement", "judge", "judge_event"]

_SAME_RUNNING_STORY = 2.0  # log-odds by which a running story asks for less than an event
_SECOND_BEST = -1.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """How alike two reports are: log-odds of one event and of one running story, the reason, and what was measured."""

    event_score: float
    story_score: float
    verdict: Verdict
    evidence: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Compared:
    """A member of an event, as a report is compared with it."""

    features: Features
    hours_apart: float


def judge(left: Features, right: Features, *, hours_apart: float, rarity: Rarity = everything_rare, separate: float = 0.0) -> Judgement:
    """Return how `left` and `right` relate; symmetric. `separate` is a theme's extra log-odds that both scores must reach."""
    found = likeness(left, right, hours_apart=hours_apart, rarity=rarity, caution=separate)
    measured = evidence(left, right, rarity, hours_apart)
    story_score = found.score + _SAME_RUNNING_STORY
    verdict = Verdict.SAME_STORY if story_score >= 0 > found.score else found.verdict
    return Judgement(found.score, story_score, verdict, measured)


def judge_event(article: Features, members: Sequence[Compared], *, rarity: Rarity = everything_rare, separate: float = 0.0) -> Judgement:
    """Return how `article` relates to the event of `members` (at least one; oldest first, no copies); their order decides nothing."""
    found = sorted(
        (judge(article, member.features, hours_apart=member.hours_apart, rarity=rarity, separate=separate) for member in members),
        key=lambda judgement: -judgement.event_score,
    )
    best = found[0]
    if len(found) < 3 or best.event_score < 0 or found[1].event_score >= _SECOND_BEST:
        return best
    return Judgement(found[1].event_score, best.story_score, Verdict.SAME_STORY, best.evidence)
