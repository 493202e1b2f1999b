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
from dataclasses import dataclass, replace

from processors.features.of_article import Features
from processors.likeness.judgement import judge
from processors.stories.remembered import StoryMember

_COMPARED = 24  # told texts, the newest: a judgement takes 0.1 ms
_UNLINKED = 1.0  # across languages, if neither a telling name, place or number nor an event word links the two
_IS_UNLINKED = 0.5
_OTHER_NAME = 0.7  # rarity
_NEAR = 0.65  # cosine
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Said:
    """How surely a report was told already, in log-odds, and what is known of the likest told text."""

    score: float
    in_its_language: bool = True
    is_linked: bool = True  # False: in another language, and no telling name, place or number is in both
    names_differ: bool = False  # the news of each names what the other does not mention
    in_a_headline: bool = False  # a headline told within a day, no matter which, lies near in meaning


UNSAID = Said(-math.inf)


def said(features: Features, told: Iterable[StoryMember], *, at_s: float, separate: float) -> Said:
    """Return how surely one of the told texts says what a report published at `at_s` says; `UNSAID` if nothing was told.

    A day later the same words may tell the next development of a story; in another language not, since outlets there take a day to follow.
    """
    found, in_a_headline = UNSAID, False
    for member in sorted(told, key=lambda member: (member.at_s, member.match_id))[-_COMPARED:]:
        judged = judge(features, member.features, hours_apart=member.hours_from(at_s), separate=separate)
        measured = judged.evidence
        is_foreign = bool(measured["foreign"])
        unlinked = measured["unlinked"] if is_foreign else 0.0
        days = 0.0 if is_foreign else min(max((at_s - member.at_s) / _DAY_S, 0.0), 1.0)
        one = Said(
            score=judged.event_score - days - _UNLINKED * max(unlinked - measured["concepts_share"], 0.0),
            in_its_language=not is_foreign,
            is_linked=unlinked < _IS_UNLINKED,
            names_differ=measured["other_names"] >= _OTHER_NAME,
        )
        if one.score > found.score:
            found = one
        if at_s - member.at_s < _DAY_S:
            in_a_headline |= measured.get("meaning_titles", -1.0) >= _NEAR  # missing where either has no meaning
    return replace(found, in_a_headline=in_a_headline)
