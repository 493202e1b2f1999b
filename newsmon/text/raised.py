"""Raised characters: exponents stay, footnote marks go, and neither joins the number before it.

In: text in which `RAISED` and `LOWERED` stand for `<sup>` and `</sup>`. Out: text without those marks. I/O: none.

`3.5<sup>1</sup>` read as 3.51 is a wrong figure, `10<sup>9</sup>` read as 109 is one too, and `1<sup>er</sup>` is one word.
"""

from __future__ import annotations

import re

RAISED, LOWERED = "\x02", "\x03"
_SUP = re.compile(r"[ \u00a0]?\x02([^\x00-\x03]{0,60})\x03")
_MARKS = re.compile(r"[\x02\x03]")
_EXPONENT = re.compile(r"[-+−–]?\d{1,3}")
_FOOTNOTE = re.compile(r"[\d\s,;.*†‡§¶#()\[\]–-]*")
_TOKEN = re.compile(r"[^\W_]+(?:[.,][^\W_]+)*\Z")
_RAISED_FORMS = str.maketrans("0123456789+-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻")
# What takes an exponent in a text for readers: the bases of large numbers, lengths, and a variable of one letter.
_BASES = frozenset("2 10 m km cm mm dm hm nm µm μm ft mi м км см мм дм га".split())
_SIGNS = {"tm": "™", "sm": "℠"}
_OPERATORS = frozenset("=+−×·÷^*<>")
_STOPS = frozenset(".,;:!?…)]")
_NEAR_CHARS = 40


def without_raised(text: str) -> str:
    """Return `text` with raised digits as superscript characters after a base or unit, and without footnote marks."""
    return _MARKS.sub("", _SUP.sub(_spelled, text))


def _spelled(sup: re.Match[str]) -> str:
    """The raised text as it is shown, with the blank before it: none where a footnote mark stood before a comma or a full stop."""
    blank = "" if sup[0].startswith(RAISED) else " "
    inside = sup[1].strip()
    before = sup.string[max(0, sup.start() - _NEAR_CHARS) : sup.start()]
    after = sup.string[sup.end() : sup.end() + 1]
    token = None if blank else _TOKEN.search(before)
    base = token[0] if token is not None else ""
    if after in ("/", "⁄") and inside.isdigit():  # a fraction
        return f" {inside}" if base else blank + inside
    if _EXPONENT.fullmatch(inside):
        is_formula = base.isdigit() and (after in _OPERATORS or (token is not None and before[: token.start()].rstrip()[-1:] in _OPERATORS))
        if base in _BASES or is_formula or (len(base) == 1 and base.isalpha()):
            return inside.translate(_RAISED_FORMS)
        if not base and after.isalpha():  # the number of an isotope
            return blank + inside
    if _FOOTNOTE.fullmatch(inside):
        return "" if after in _STOPS else blank
    return blank + _SIGNS.get(inside.lower(), inside)
