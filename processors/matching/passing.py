"""Tells a passing mention from a subject: few words, far from the headline, in a text about something else.

In: a scanned article, where a theme's clauses fired. Out: whether it is mentioned in passing, or the share that is missing.

The headline and the first sentence say what an article is about. Elsewhere a text must come back to the subject. In a long one sentences
are counted, not words: one sentence of background names the tariffs, the trade war and the deal at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from processors.search.automaton import Hit
from processors.search.scan import Scanned

SHORT = 5  # sentences: a text of fewer has no room to mention anything in passing
LONG_CHARS = 2000  # of text; a shorter report of a day with several subjects may have one sentence on the theme
TOP_SHARE = 3  # mentions in the first third of a text count twice


def in_passing(cores: Sequence[Hit], scanned: Scanned) -> bool:
    """True when the words in which a theme's clauses fired are too few and too far from the headline; `cores` are positions in the form."""
    if any(scanned.field_of(start) == 0 for start, _end in cores) or any(scanned.stands_first(start) for start, _end in cores):
        return False
    if scanned.sentence_count < SHORT:
        return False
    below = scanned.starts[1]
    length = len(scanned.text) - below
    places = list(_places(cores))
    if length >= LONG_CHARS:
        places = list({scanned.sentence_of(place): place for place in reversed(places)}.values())
    top = below + length / TOP_SHARE
    mentions = sum(2 if scanned.original(place, place + 1)[0] < top else 1 for place in places)
    return mentions < (3 if length >= LONG_CHARS else 2)


def _places(cores: Sequence[Hit]) -> Iterator[int]:
    """Where the words begin; a word that several phrases cover is one."""
    reached = -1
    for start, end in sorted(cores):
        if start >= reached:
            yield start
        reached = max(reached, end)
