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

from newsmon.words.plain import plain
from processors.rarity.observation import SENTENCE

_FIRST = 4  # sentences from the start
_READ_CHARS = 1_200
_LEAST_CHARS = 8
_MAX_CHARS = 400
_SENTENCE = re.compile(r"[^\s.!?…][^\n]*?(?:[.!?…]+(?=[\s\"'”’»)]|\Z)[\"'”’»)]*|(?=\n)|\Z)")
_NUMBER = re.compile(r"\d[\d.,:]*")
_GAP = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: characters `start` to `end` (exclusive) of the text, and its key."""

    start: int
    end: int
    key: str


def sentences_of(text: str) -> Iterator[Sentence]:
    """Yield the first four sentences of `text` and its last one, those of at least eight characters."""
    found = list(_SENTENCE.finditer(text[:_READ_CHARS]))
    last = found[-1:] if len(text) <= _READ_CHARS else list(_SENTENCE.finditer(text, len(text) - _MAX_CHARS))[-1:]
    for one in dict.fromkeys((*found[:_FIRST], *last)):
        if _LEAST_CHARS <= one.end() - one.start() <= _MAX_CHARS:
            yield Sentence(one.start(), one.end(), key_of(one.group()))


def key_of(sentence: str) -> str:
    """Return the key of a sentence: case, accents, punctuation and the digits of numbers do not count."""
    folded = _GAP.sub(" ", _NUMBER.sub("0", plain(sentence).lower())).strip()
    return SENTENCE + hashlib.blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
