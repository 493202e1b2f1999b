"""Tells a passing mention from a subject: few words, far from the headline, in a text about something else.

In: a scanned article, where a theme's clauses fired. Out: whether it is mentioned in passing, or the share that is missing.

The headline and the first sentence say what an article is about. Elsewhere a text must come back to the subject, and the longer it is, the
more often: a long article with one paragraph on tariffs has several of their words, one that lists them among the year's troubles has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from processors.search.automaton import Hit
from processors.search.scan import Scanned

SHORT = 5  # sentences: a text of fewer has no room to mention anything in passing
SENTENCE_CHARS = 80  # at least, so that clipped sentences do not make a text look longer; those of real news have 130 on average
SENTENCES_A_MENTION = 20  # one more mention is needed per this many
MOST_NEEDED = 5
TOP_SHARE = 5  # mentions in the first fifth of a text count twice


def in_passing(cores: Sequence[Hit], scanned: Scanned) -> bool:
    """True when the words in which a theme's clauses fired are too few and too far from the headline; `cores` are positions in the form."""
    if any(scanned.field_of(start) == 0 for start, _end in cores) or any(scanned.stands_first(start) for start, _end in cores):
        return False
    count = scanned.sentence_count
    if count < SHORT:
        return False
    length = min(count, (len(scanned.text) - scanned.starts[1]) // SENTENCE_CHARS)
    top = scanned.first_sentence + count // TOP_SHARE
    mentions = sum(2 if scanned.sentence_of(start) < top else 1 for start in _places(cores))
    return mentions < min(2 + length // SENTENCES_A_MENTION, MOST_NEEDED)


def _places(cores: Sequence[Hit]) -> Iterator[int]:
    """The distinct places of the words; a word that several phrases cover is one."""
    reached = -1
    for start, end in sorted(cores):
        if start >= reached:
            yield start
        reached = max(reached, end)
