"""How surely a message has said already what a report says.

In:  a report's features and time, the members of its story that messages showed.
Out: `Said`.

A report joins an event because it resembles the event's members on average; a reader knows only the texts that were shown. So each of
those is compared with the report as any two reports are, and the likest counts.

On eight labelled sets of real news and three written series, 333 reports that joined a told event, 64 of them the first of another event:
ranked by how surely they had been said, the area under the curve was .85, with the set left out on which it was measured. By the
log-odds of the event that they joined it was .77, by the weight of new names and figures .53.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from processors.features.of_article import Features
from processors.likeness.judgement import UNKNOWN_HOURS, judge
from processors.stories.remembered import StoryMember

_COMPARED = 24  # told texts, the newest: a judgement takes 0.1 ms
_UNLINKED = 2.0  # across languages, if neither a telling name, place or number nor an event word links the two
_IS_UNLINKED = 0.5
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Said:
    """How surely a report was told already, in log-odds, and what is known of the likest told text."""

    score: float
    in_its_language: bool = True
    is_linked: bool = True  # False: in another language, and no telling name, place or number is in both


UNSAID = Said(-math.inf)


def said(features: Features, told: Iterable[StoryMember], *, at_s: float, separate: float) -> Said:
    """Return how surely one of the told texts says what a report published at `at_s` says; `UNSAID` if nothing was told.

    A day later the same words may tell the next development of a story; in another language not, since outlets there take a day to follow.
    """
    found = UNSAID
    for member in sorted(told, key=lambda member: (member.at_s, member.match_id))[-_COMPARED:]:
        hours = abs(at_s - member.at_s) / 3600 or UNKNOWN_HOURS
        judged = judge(features, member.features, hours_apart=hours, separate=separate)
        measured = judged.evidence
        if measured["foreign"]:
            less = _UNLINKED * max(measured["unlinked"] - measured["concepts_share"], 0.0)
            one = Said(judged.event_score - less, in_its_language=False, is_linked=measured["unlinked"] < _IS_UNLINKED)
        else:
            one = Said(judged.event_score - min(max((at_s - member.at_s) / _DAY_S, 0.0), 1.0))
        if one.score > found.score:
            found = one
    return found
