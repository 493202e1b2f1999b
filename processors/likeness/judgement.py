"""Decides whether two reports, or a report and an event, are one development, one running story, or neither.

In:  the features of the reports, the hours between them.
Out: `Judgement(event_score, story_score, verdict, evidence)`; a score of 0 or more means the same event, the same running story.

Nothing else counts: other live stories do not change the verdict on two texts.

A report is as like an event as it is like the event's three most similar members on average, but never more than like the more similar of
its first two, which the event was opened for. Else a running story told in bare headlines drifts into one event, each report resembling
the one before. Measured on a week of February 2026 and on January 2026, with the first two and the newest four members: .62 and .94 of the
pairs grouped together were one event; without the first two, .28 and .91. With the most similar member alone it was .86 in January; with
the mean of all, a large event fell apart. A report that is like the later members only continues the running story.
A running story is what nearly passes for one event: weights fitted on running stories alone did no better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from processors.features.of_article import Features
from processors.likeness.profile import Profile, profile_of
from processors.likeness.weighing import Verdict, evidence, is_same_form, weighed
from processors.meaning.encoder import Nearness, nearnesses

UNKNOWN_HOURS = 6.0  # assumed between two articles of the very same instant: dates without an hour, or no dates at all
_SAME_RUNNING_STORY = 0.5  # log-odds by which a running story asks for less than an event
_LIKEST = 3
_OPENING = 2  # reports
_VETO = -3.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """How alike two reports are: log-odds of one event and of one running story, the reason, and what was measured."""

    event_score: float
    story_score: float
    verdict: Verdict
    evidence: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Compared:
    """A member of an event, in the form in which a report is compared with it."""

    features: Features
    hours_apart: float


def judge(left: Features, right: Features, *, hours_apart: float, separate: float = 0.0) -> Judgement:
    """Return how `left` and `right` relate; symmetric.

    The features hold the rarity in the news at large and what is usual in the theme. `separate` is the theme's extra log-odds, which
    both scores must reach.
    """
    return _judged(profile_of(left), profile_of(right), hours_apart, separate)


def judge_event(article: Features, members: Sequence[Compared], *, separate: float = 0.0) -> Judgement:
    """Return how `article` relates to the event of `members` (at least one, no copies), the oldest first."""
    mine = profile_of(article)
    near = nearnesses(article.meaning, [member.features.meaning for member in members])
    judged = [
        _judged(mine, profile_of(member.features), member.hours_apart, separate, nearness)
        for member, nearness in zip(members, near, strict=True)
    ]
    found = sorted(judged, key=lambda judgement: -judgement.event_score)[:_LIKEST]
    best = found[0]
    likest = math.fsum(judgement.event_score for judgement in found) / len(found)
    score = min(likest, max(judgement.event_score for judgement in judged[:_OPENING]))
    otherwise = best.verdict if score >= 0 or best.event_score < 0 else Verdict.TOO_LITTLE_SHARED
    return _judgement(score, likest + _SAME_RUNNING_STORY, otherwise, best.evidence)


def _judged(left: Profile, right: Profile, hours_apart: float, separate: float, near: Nearness | None = None) -> Judgement:
    measured = evidence(left, right, hours_apart, near)
    score = weighed(measured) - separate
    same_form = is_same_form(measured)
    if same_form is not None:
        return Judgement(min(score, _VETO), min(score, _VETO), same_form, measured)
    return _judgement(score, score + _SAME_RUNNING_STORY, _why_not(score, measured), measured)


def _judgement(event_score: float, story_score: float, otherwise: Verdict, measured: Mapping[str, float]) -> Judgement:
    if event_score >= 0:
        otherwise = Verdict.SAME
    elif story_score >= 0:
        otherwise = Verdict.SAME_STORY
    return Judgement(event_score, story_score, otherwise, measured)


def _why_not(score: float, measured: Mapping[str, float]) -> Verdict:
    if measured["other_numbers"]:
        return Verdict.OTHER_NUMBERS
    if measured["other_places"]:
        return Verdict.OTHER_PLACES
    in_time = weighed({**measured, "late": 0.0, "soon": 1.0})
    return Verdict.TOO_FAR_APART if in_time - weighed(measured) + score >= 0 > score else Verdict.TOO_LITTLE_SHARED
