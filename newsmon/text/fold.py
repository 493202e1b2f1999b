"""Folds text character by character, so that spans in folded text are spans in the original.

In: any text. Out: text of the same length in lower case, without Latin accents, with plain quotes, dashes and spaces. I/O: none.

Cyrillic keeps its letters apart (і, ї, є, ґ, й are not и, и, е, г, и), except ё, which Russian prints as е as often as not.
Letters that would become two (ß, ﬁ, æ) stay as they are.
"""

from __future__ import annotations

import functools
import unicodedata

_PLAIN = {
    "ё": "е", "ѐ": "е", "ѝ": "и", "ı": "i", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ø": "o", "ŀ": "l",
    "’": "'", "‘": "'", "‛": "'", "ʼ": "'", "ʹ": "'", "′": "'", "`": "'", "´": "'", "‚": "'", "‹": "'", "›": "'",
    "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "″": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "⁃": "-", "﹘": "-", "﹣": "-", "－": "-",
}  # fmt: skip
_LATIN_ACCENTED = (range(0xC0, 0x250), range(0x1E00, 0x1F00))
_FULL_WIDTH = range(0xFF01, 0xFF5F)  # full-width ASCII


def _folded_char(char: str) -> str:
    """Return one character of the Basic Multilingual Plane folded: always exactly one."""
    lower = "i" if char == "İ" else char.lower()
    if len(lower) != 1:
        lower = char
    if lower in _PLAIN:
        return _PLAIN[lower]
    point = ord(lower)
    if any(point in block for block in _LATIN_ACCENTED):
        base = unicodedata.normalize("NFD", lower)[0]
        return base if base.isascii() else lower
    if point in _FULL_WIDTH:
        return chr(point - 0xFEE0).lower()
    if point > 0x7F and (unicodedata.category(lower) == "Zs" or point in (0x2028, 0x2029)):
        return " "
    return lower


@functools.cache
def fold_table() -> str:
    """Return the fold of every BMP character at its own index, for `str.translate`; characters above it stay as they are."""
    points = range(0x10000)
    # Only characters that lower() or the table above can change are folded one by one.
    table = [chr(point) for point in points]
    for point in points:
        char = table[point]
        if point < 0x2100 or char in _PLAIN or 0x2C00 <= point < 0x3001 or 0xA640 <= point < 0xA7FF or point >= 0xFE00:
            table[point] = _folded_char(char)
    return "".join(table)


def fold(text: str) -> str:
    """Return `text` folded, of the same length: `text[a:b]` is what `fold(text)[a:b]` came from."""
    return text.translate(fold_table())


def latin_accent(char: str) -> bool:
    """True for a Latin letter with an accent, which `fold` takes off: é, ł, ø, not ß and not й."""
    return fold(char) != char.lower() and any(ord(char) in block for block in _LATIN_ACCENTED)
