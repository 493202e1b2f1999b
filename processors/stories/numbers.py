"""The numbers of a text with unit and scale, with the same key in every language."""

from __future__ import annotations

import re
from collections.abc import Iterator

_MAX_NUMBERS = 40
_SCALE = (
    (12, r"trillion\w*|billion(?:en|s)? (?=eur)|bilion\w*|трильйон\w*|триллион\w*|трлн|tn"),
    (9, r"billions?|bn|milliard\w*|miliard\w*|mil ?millones|mld|mrd\.?|md|млрд|мільярд\w*|миллиард\w*"),
    (6, r"millions?|million\w*|million[ie]|milion\w*|millones|mln|mn|mio\.?|m|млн|мільйон\w*|миллион\w*"),
    (3, r"thousand|tausend|tsd\.?|mille|mil|mila|tys\.?|tysiac\w*|tisic\w*|тис\.?|тисяч\w*|тыс\.?|тысяч\w*|k"),
)
_PERCENT = r"%|per ?cent|percent|prozent\w*|pour ?cent|por ?ciento|per ?cento|proc\.?|procent\w*|відсотк\w*|процент\w*|pct"
_NUMBER = re.compile(
    rf"(?<![\w.,])(?P<digits>\d{{1,3}}(?:[ \u00a0.,]\d{{3}})+(?![\d])|\d+)(?P<decimal>[.,]\d{{1,2}}(?!\d))?"
    rf"(?:[ \u00a0-]?(?P<scale>{'|'.join(pattern for _power, pattern in _SCALE)})(?!\w))?"
    rf"(?:[ \u00a0-]?(?P<percent>{_PERCENT}))?",
    re.IGNORECASE,
)
_SCALES = tuple((power, re.compile(pattern, re.IGNORECASE)) for power, pattern in _SCALE)
_GROUPING = re.compile(r"[ \u00a0.,]")


def number_keys(text: str) -> Iterator[str]:
    """Yield the numbers of `text` as keys, at most 40: `q:25%`, `q:5e+10`, `q:2026`, `q:17`.

    Currencies are ignored: half of the headlines leave them out.
    """
    for count, found in enumerate(_NUMBER.finditer(text)):
        if count == _MAX_NUMBERS:
            return
        value = float(_GROUPING.sub("", found["digits"])[:15] + (found["decimal"] or "").replace(",", "."))
        if found["scale"]:
            power = next(power for power, pattern in _SCALES if pattern.fullmatch(found["scale"]))
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
