"""Cuts out of a text what a page counts beside it: views, comments, shares, reading time, minutes since.

In: plain text, lines as blocks; the words in boilerplate/common.toml. Out: the text without. I/O: none.

Such a figure is another one at each poll, and every one of them would be a revised article. A figure of the article itself must stay: so
nothing goes but a whole line, sentence or bracket at the edge of a line that holds only numbers and the words of counters. "Read 1,204
times" does; "5 dead becomes 12 dead", "12 comments were deleted" and anything with a currency or a percent sign does not.
"""

from __future__ import annotations

import re
import unicodedata

from newsmon.words import current

_MAX_CHARS = 110  # of one counter, with its neighbours
_MOST_CUTS = 6  # at each end of a line
_HAS_NUMBER = re.compile(r"\d")
_BEFORE = re.compile(r"\A|(?<=[.!?…»”\"'’)\]。！？])\s+|\s*[|·•]\s*|\s+[–—-]\s+|\s*(?=[(\[（【])")
_AFTER = re.compile(r"\Z|(?<=[.!?…)\]。！？])\s+|\s*[|·•]\s*|\s+[–—-]\s+")
_ENDS_WORD = r"\s\d.,:;|·•/()（）\[\]【】#+–—\-!?…%×\"“”。：，、"
_PART = re.compile(
    r"(?P<number>\d(?:[\d.,:'’\u00a0\u202f /]*\d)?)"
    rf"|(?P<word>[^\W\d_](?:[^{_ENDS_WORD}]*[^{_ENDS_WORD}'’])?)|(?P<sign>[^\w\s])|\s+"
)
_JOINTS = frozenset(".,:;|·•/()（）[]【】#+–—-…。：，、'’!~≈×")
_PICTURES = frozenset("👁👀💬🗨❤♥👍👎🔁🔄♻⭐★☆🕒🕐⏱⌛⏳📖🔥📈✉↗\ufe0f\u200d")


def without_counters(text: str) -> str:
    """Return `text` without its counters. Idempotent."""
    if _HAS_NUMBER.search(text) is None:
        return text
    lines = text.split("\n")
    kept = [_cut(line) if _HAS_NUMBER.search(line) is not None else line for line in lines]
    return "\n".join(line for line, before in zip(kept, lines, strict=True) if line or not before)


def _cut(line: str) -> str:
    for _ in range(_MOST_CUTS):
        shorter = _without_first(_without_last(line))
        if shorter == line:
            break
        line = shorter
    return line


def _without_last(line: str) -> str:
    start = max(0, len(line) - _MAX_CHARS)
    if start == 0 and is_counter(line):
        return ""
    for edge in _BEFORE.finditer(line, start):
        if (edge.end() > start or start == 0) and is_counter(line[edge.end() :]):
            return line[: edge.start()].rstrip(" |·•–—-")
    return line


def _without_first(line: str) -> str:
    edges = [edge for edge in _AFTER.finditer(line, 0, min(len(line), _MAX_CHARS)) if edge.end() < len(line)]
    for edge in reversed(edges):
        if is_counter(line[: edge.start()]):
            return line[edge.end() :].lstrip(" |·•–—-")
    return line


def is_counter(text: str) -> bool:
    """True for a text of numbers and words of counters, at least one of each."""
    if len(text) > _MAX_CHARS or _HAS_NUMBER.search(text) is None:
        return False
    rules = current().boilerplate
    at = numbers = counted = 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            return False
        at = part.end()
        if part["number"]:
            numbers += 1
        elif part["word"]:
            word = part["word"].casefold()
            if word in rules.counted:
                counted += 1
            elif word not in rules.counted_with:
                return False
        elif part["sign"] in _PICTURES:
            counted += 1
        elif part["sign"] and part["sign"] not in _JOINTS and not unicodedata.combining(part["sign"]):
            return False
    return bool(numbers and counted)
