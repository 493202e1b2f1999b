"""Tells a passing mention from a subject: one word, far from the headline, in a text on something else.

In: a scanned article, where a theme's clauses fired. Out: whether it is mentioned in passing, or the share that is missing.

A headline or the first sentence is what an article is on. Elsewhere a longer text must come back to the matter, the longer the oftener:
a long article with one paragraph on tariffs holds several words of it, one that lists them among the year's troubles a single one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from processors.search.automaton import Hit
from processors.search.scan import Scanned

SHORT = 5  # sentences: a text of fewer has no room to mention anything in passing
SENTENCE_CHARS = 80  # at least, so that a text in clipped sentences is no longer than it is; those of real news have 130 on average
SENTENCES_A_MENTION = 20  # one more mention is needed for every so many
MOST_NEEDED = 5
TOP_SHARE = 5  # what stands in the first fifth of a text counts twice


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
    """The different places the words stand in; a word under several phrases is one."""
    reached = -1
    for start, end in sorted(cores):
        if start >= reached:
            yield start
        reached = max(reached, end)
