"""The new facts of a report: names, places and figures of its headline and first sentences that no told text of the story had.

In:  the features of the report and of the texts that messages showed, the rarity of a key.
Out: the keys that are new, with their weight; the words of the text that stand for them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from processors.stories.features import Features, features_of
from processors.stories.likeness import Rarity, weight_by_kind

_WORD = re.compile(r"[^\W_][\w.,%'’-]*")
_SHOWN = 8


def new_facts(features: Features, told: Iterable[Features]) -> frozenset[str]:
    """Return the keys of names, places and numbers at the top of a report that none of the told texts had anywhere."""
    facts = (features.names | features.places | features.numbers) & features.core
    for known in told:
        facts -= known.names | known.places | known.numbers | known.openers
    return facts


def weight_of_facts(facts: Iterable[str], rarity: Rarity) -> float:
    """Return how much is new, in rare names."""
    return math.fsum(weight_by_kind(key, unknown_name=1.0, other=0.5) * rarity(key) for key in facts)


def words_of(facts: frozenset[str], title: str, text: str, language: str) -> tuple[str, ...]:
    """Return the words of title and text that stand for the facts, in their order, at most eight."""
    found: dict[str, None] = {}
    for line in (title, text[:400]):
        for word in _WORD.findall(line):
            shown = word.strip(".,'’-")
            if shown in found or not shown:
                continue
            keys = features_of("", f"… {shown}", language)
            if facts & (keys.names | keys.openers | keys.places | keys.numbers):
                found[shown] = None
    return tuple(found)[:_SHOWN]
