"""The sentences of a text as keys, so that one that recurs is noticed in any language.

In:  plain text.
Out: spans and keys of its first sentences and of its last one.

An outlet's refrain stands at the start ("This is a breaking news story"), as often at the end ("Follow our live coverage"). Its numbers
change ("Day 1,350 of the war"), so digits count as one digit.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from processors.rarity.observation import OUTLETS_SENTENCE, SENTENCE

_FIRST = 4  # sentences from the start
_READ_CHARS = 1_200
_LEAST_CHARS = 9  # folded, and two words
_MAX_CHARS = 400
_END = re.compile(r"[.!?…]+[\"'”’»)]*(?:\s+|\Z)|\n+")
_SHORT_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]{1,3}\Z")  # a full stop after it ends no sentence: "U.S.", "Jan.", "St."
_NUMBER = re.compile(r"\d[\d.,:]*")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: characters `start` to `end` (exclusive) of the text, and its key."""

    start: int
    end: int
    key: str


def sentences_of(text: str) -> Iterator[Sentence]:
    """Yield the first four sentences of `text` and its last one; without mere snatches and those over 400 characters."""
    first = list(_spans(text[:_READ_CHARS]))
    last = first[-1:]
    if len(text) > _READ_CHARS:
        start = len(text) - _MAX_CHARS
        last = [(start + one, start + end) for one, end in _spans(text[start:])][-1:]
    reached = 0
    for start, end in (*first[:_FIRST], *last):
        if start < reached:
            continue  # the last one is among the first
        reached = end
        sentence = text[start:end].rstrip()
        key = key_of(sentence) if len(sentence) <= _MAX_CHARS else None
        if key is not None:
            yield Sentence(start, start + len(sentence), key)


def key_of(sentence: str) -> str | None:
    """Return the key of a sentence, None for one too short; case, punctuation and the digits of numbers do not count."""
    folded = " ".join(_WORD.findall(_NUMBER.sub("0", sentence.lower())))
    return None if len(folded) < _LEAST_CHARS or " " not in folded else SENTENCE + _hashed(folded)


def key_at(outlet: str, key: str) -> str:
    """Return the key of a sentence at one outlet."""
    return OUTLETS_SENTENCE + _hashed(f"{outlet}\n{key}")


def number_of(key: str) -> int:
    """Return the number, of 48 bits, that stands in the key of a sentence; 0 for a key that was not made here."""
    try:
        return int(key[len(SENTENCE) :], 16) % (1 << 48)
    except ValueError:
        return 0


def _hashed(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in _END.finditer(text):
        end = found.end()
        if text[found.start()] == "." and end < len(text):
            before = text[max(start, found.start() - 5) : found.start()]
            if text[end].islower() or _SHORT_WORD.search(before) is not None:
                continue
        yield start, end
        start = end
    if start < len(text):
        yield start, len(text)
