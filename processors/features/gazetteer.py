"""The keys of names, places and event words in a text, for the comparison of stories.

In: tokens and keys; the words of `newsmon.words` (files in names/, places/ and events/). Out: keys, weights. I/O: none.

The weight says how telling a shared key is in the news of our themes: the head of state in every second article proves little, a
minister or a small town much.
"""

from __future__ import annotations

from newsmon.words import current


def weight_of(key: str) -> float | None:
    """Return how much sharing `key` proves, or None for a key that is not in the gazetteer."""
    return current().gazetteer.weights.get(key)


def country_of(key: str) -> str | None:
    """Return the place that a person or an institution acts for: "Merz" is news from Germany, whether or not it is named."""
    return current().gazetteer.acts_for.get(key)
