"""Suggests the threshold that fits people's feedback best, and changes no theme.

In: scores, each with whether the article was wanted; the present threshold. Out: `Suggestion`, or None when there is too little feedback.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from processors.matching.evaluate import Count

LEAST_OF_EACH = 3  # wanted and unwanted articles; with fewer a threshold reflects chance more than the theme


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The threshold with the best F1 on the feedback, of equals the nearest to the present one, and the counts at both."""

    threshold: float
    count: Count
    now: Count


def suggest(scored: Sequence[tuple[float, bool]], threshold: float) -> Suggestion | None:
    """The best threshold between the known scores; None with fewer than three wanted or three unwanted articles."""
    wanted = sum(one for _score, one in scored)
    if wanted < LEAST_OF_EACH or len(scored) - wanted < LEAST_OF_EACH:
        return None
    levels = sorted({score for score, _one in scored if score > 0})
    middles = [round((low + high) / 2, 2) for low, high in pairwise(levels)]
    candidates = [threshold, *middles, *([round(levels[-1] + 0.01, 2)] if levels else []), *levels[:1]]
    best = max(candidates, key=lambda one: (round(count_at(scored, one).f1 or 0.0, 9), -abs(one - threshold)))
    return Suggestion(best, count_at(scored, best), count_at(scored, threshold))


def count_at(scored: Sequence[tuple[float, bool]], threshold: float) -> Count:
    """The right and wrong answers at this threshold."""
    count = Count()
    for score, wanted in scored:
        matched = score >= threshold
        count.true_positive += wanted and matched
        count.false_positive += matched and not wanted
        count.false_negative += wanted and not matched
    return count
