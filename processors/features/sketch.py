"""Sketches a text: the few hundred bytes from which its copies are recognised.

In:  title, lead and body of an article.
Out: `Sketch`, and the short string that a StoryState keeps.

Wire copy is passed on with another headline, without its last paragraphs, with an agency's name in front. So a long text is compared
without its headline, credits are cut off, and word 3-grams are compared through MinHash: 126 values in 42 bands of 3, which finds texts
that share only a fifth of their 3-grams (SimHash finds none of these).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from rensa import RMinHash

from newsmon.words import current

ALGORITHM = "3"  # raise it when the values of a sketch change their meaning: older sketches are then not compared
MINHASH_VALUES = 126
SHORT_WORDS = 40  # a text below this has no MinHash and is compared word by word
MIN_TEXT_WORDS = 12
_SEED = 20_261_124
_BAND = 3
_SHINGLE = 3
_MAX_WORDS = 6_000
_LEAD_WORDS = 60
_NUMBER_WORDS = 600
_CREDIT_CHARS = 320
_LEAD_KEYS = 6
_LONG_WORD = 4
_BEGINNING = 5
_REPEATED_CHARS = 600
_KEY_BITS = (1 << 60) - 1  # two digits of a CPython int
_HEAD = "<QIIHHHHH"  # content, words, shingles; counts of numbers, lead words, title words, title words repeated, MinHash values

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d[\d.,]*\d|\d")
_DATELINE = re.compile(
    r"\A\s*(?:[^\n]{0,70}?\([^()\n]{2,40}\)\s*[-–—:]+\s|"
    r"[A-ZÀ-ÞА-ЯІЇЄҐ][A-ZÀ-ÞА-ЯІЇЄҐ .,'/-]{2,40}(?:, [\w. ]{3,16})?\s*[-–—]+\s|"
    r"[A-ZÀ-ÞА-ЯІЇЄҐ]{3}[A-ZÀ-ÞА-ЯІЇЄҐ .'/-]{0,30},? [\w. ]{0,16}\([A-ZÀ-ÞА-ЯІЇЄҐ. /-]{2,40}\)\.?\s)"
)


@dataclass(frozen=True, slots=True)
class Sketch:
    """The data kept of a text to recognise its copies (about 800 bytes)."""

    content: int  # 64-bit hash of the folded words, credits removed
    word_count: int
    shingle_count: int
    numbers: array[int]  # 32-bit hashes, sorted
    lead: array[int]  # 32-bit hashes of the first 60 words, in order
    title: array[int]  # 32-bit hashes of the headline's words of four letters and more, by their beginnings, sorted
    repeated: array[int]  # those of them that the text has too: the text tells of this headline
    minhash: array[int]  # 126 values, or none for a short text

    def bands(self) -> Iterator[int]:
        """Yield 42 keys for the whole text and 6 for its start; two texts with one in common are candidates.

        The start is where a summary and the long text it stands for agree.
        """
        values = self.minhash
        for at in range(0, len(values), _BAND):
            yield ((values[at] << 32 | values[at + 1]) ^ (values[at + 2] * 0x9E3779B97F4A7C15 + at)) & _KEY_BITS
        for at in range(min(max(len(self.lead) - 3, 0), _LEAD_KEYS)):
            yield hash(tuple(self.lead[at : at + 4])) & _KEY_BITS

    def text(self) -> str:
        """Return the sketch as text: algorithm version, colon, base64."""
        parts = self.numbers, self.lead, self.title, self.repeated, self.minhash
        head = struct.pack(_HEAD, self.content, self.word_count, self.shingle_count, *map(len, parts))
        values = b"".join(struct.pack(f"<{len(part)}I", *part) for part in parts)
        return f"{ALGORITHM}:{base64.b64encode(head + values).decode()}"

    @classmethod
    def from_text(cls, text: str) -> Sketch | None:
        """Return the sketch, or None if `text` was made by another version of the algorithm or is damaged."""
        version, _, encoded = text.partition(":")
        if version != ALGORITHM:
            return None
        try:
            raw = base64.b64decode(encoded, validate=True)
            content, words, shingles, *counts = struct.unpack_from(_HEAD, raw)
            values = struct.unpack_from(f"<{sum(counts)}I", raw, struct.calcsize(_HEAD))
        except (binascii.Error, struct.error):
            return None
        rest = iter(values)
        parts = [array("I", islice(rest, count)) for count in counts]
        return cls(content, words, shingles, *parts)


def sketch_of(title: str, lead: str, body: str) -> Sketch:
    """Return the sketch of an article. The title counts only when the text alone is too short to recognise."""
    text = without_credits(_joined(lead, body))
    headline = _beginnings(title)
    repeated = headline & _beginnings(text[:_REPEATED_CHARS])
    if len(_WORD.findall(text[:400])) < MIN_TEXT_WORDS:
        text = f"{title}\n{text}"
    number_words = current().number_words
    words = number_words.with_digits([word.lower() for word in _WORD.findall(text)[:_MAX_WORDS]])
    shingles = {" ".join(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1)}
    minhash = array("I")
    if len(words) >= SHORT_WORDS:
        sketch = RMinHash(num_perm=MINHASH_VALUES, seed=_SEED)
        sketch.update(sorted(shingles))
        minhash = array("I", sketch.digest())
    digest = hashlib.blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    numbers = {_hash32(number.replace(",", ".")) for number in _NUMBER.findall(text[:4000])[:60]}
    numbers |= {_hash32(word) for word in words[:_NUMBER_WORDS] if len(word) <= 3 and word in number_words.values}
    lead_words = array("I", map(_hash32, words[:_LEAD_WORDS]))
    return Sketch(
        content=int.from_bytes(digest, "big"),
        word_count=len(words),
        shingle_count=len(shingles),
        numbers=array("I", sorted(numbers)),
        lead=lead_words,
        title=array("I", sorted(headline)),
        repeated=array("I", sorted(repeated)),
        minhash=minhash,
    )


def _beginnings(text: str) -> set[int]:
    """Return the hashes of the beginnings of the longer words and of the numbers: inflected forms mostly begin alike."""
    return {_hash32(word.lower()[:_BEGINNING]) for word in _WORD.findall(text) if len(word) >= _LONG_WORD or word.isdigit()}


def _joined(lead: str, body: str) -> str:
    """Return lead and body, the lead only once: many feeds repeat it as the body's beginning."""
    if not lead or not body:
        return lead or body
    start = lead.rstrip(" .…")[:80]
    return body if start in body[: len(start) + 200] else f"{lead}\n{body}"


def without_credits(text: str) -> str:
    """Return `text` without the dateline it begins with and the credit it ends with."""
    text = _DATELINE.sub("", text[:200], count=1) + text[200:]
    return (text[:-_CREDIT_CHARS] + current().boilerplate.credits.sub("", text[-_CREDIT_CHARS:])).strip()


def _hash32(word: str) -> int:
    return binascii.crc32(word.encode("utf-8", "surrogatepass"))
