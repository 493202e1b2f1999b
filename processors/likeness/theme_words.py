"""What is usual in a theme: the words that the theme itself asks for. In a theme about ships "tanker" proves nothing, a ship's name much.

In:  the evidence of a match, the features of its article.
Out: the keys of the article that are usual in the theme; how rare a key is with that in mind.

A match says which words made it one, so this follows from the two texts that are compared, and no other report of the theme can change it.
Counting the keys of all events of the theme instead, by completed days, changed verdicts with the company of the days before, and no
figure of a stream for the better (benchmarks/RESULTS.md).
"""

from __future__ import annotations

from collections.abc import Iterable

from newsmon.records import Evidence
from processors.features.of_article import Features, features_of
from processors.likeness.weighing import Rarity, in_theme


def usual_keys(evidence: Iterable[Evidence], features: Features) -> frozenset[str]:
    """Return the article's keys in the words for which the theme matched it."""
    texts = {part.text for part in evidence}
    return features.keys() & frozenset().union(*(features_of("", text, features.language).keys() for text in texts))


def rarity_with(usual: frozenset[str], at_large: Rarity) -> Rarity:
    """Return a function that gives the rarity of a key: in the news at large or in the theme, whichever is lower."""
    return lambda key: min(at_large(key), in_theme(key, usual))
