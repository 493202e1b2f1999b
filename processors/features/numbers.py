"""The numbers of a text with unit and scale, with the same key in every language.

In: text; the words in number-words/. Out: keys and their weights. I/O: none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsmon.words import current

_MAX_NUMBERS = 40
_GROUPING = re.compile(r"[ \u00a0.,]")


def number_keys(text: str) -> Iterator[str]:
    """Yield the numbers of `text` as keys, at most 40: `q:25%`, `q:5e+10`, `q:2026`, `q:17`.

    Currencies are ignored: half of the headlines leave them out.
    """
    number_words = current().number_words
    for count, found in enumerate(number_words.numeral.finditer(text)):
        if count == _MAX_NUMBERS:
            return
        value = float(_GROUPING.sub("", found["digits"])[:15] + (found["decimal"] or "").replace(",", "."))
        if found["scale"]:
            power = next((power for power, pattern in number_words.scales.items() if pattern.fullmatch(found["scale"])), 0)
            value *= 10**power
        yield f"q:{value:.4g}{'%' if found['percent'] else ''}"


def number_weight(key: str) -> float:
    """Return the weight of sharing the number `key`: units and size make it telling, years and small counts do not."""
    value = float(key[2:].rstrip("%"))
    if key.endswith("%"):
        return 1.6 if value > 5 or value % 1 else 1.2
    if value >= 1e4 or value % 1:
        return 1.8
    if 1990 <= value <= 2060:
        return 0.3
    return 0.25 if value < 4 else 0.6 if value <= 31 else 1.4
