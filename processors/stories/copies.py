"""Tell whether one text is a copy of another: the same, edited, or an excerpt; and find candidates among many.

In:  texts; sketches of earlier texts.
Out: `CopyVerdict(relation, similarity, reason)`; a sketch as a short string for the state topic.
I/O: none.

Wire copy changes hands with another headline, without its last paragraphs, with an agency's name in front. So the
headline has no say, credits are cut off, and word 3-grams are compared through MinHash: 126 values in 42 bands of 3,
which finds texts that share only a fifth of their 3-grams (SimHash finds none of these). What is that weak must be
confirmed by equal numbers and names, because yesterday's casualty report has today's wording. Texts under 40 words
are compared word by word.
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
from enum import StrEnum
from itertools import pairwise
from operator import eq

from rensa import RMinHash

from newsmon.words import current

ALGORITHM = "2"  # raise it when a sketch means something else: older ones are then not compared
_SEED = 20_261_124
_VALUES = 126
_BAND = 3
_SHINGLE = 3
_MAX_WORDS = 6_000
_LEAD_WORDS = 60
_NUMBER_WORDS = 600
SHORT_WORDS = 40
_MIN_TEXT_WORDS = 12
_CREDIT_CHARS = 320
_LEAD_KEYS = 6
_KEY_BITS = (1 << 60) - 1  # two digits of a CPython int
_HEAD = "<QIIHHH"  # content, words, shingles; how many numbers, lead words, MinHash values

_SAME_TEXT = 0.8
_EDITED_TEXT = 0.5
_WEAKEST_COPY = 0.2
_EXCERPT_SHARE = 0.7
_SAME_LEAD = 0.5  # of the neighbouring words
_REWORDED = 0.6
_MOST_NUMBERS = 0.7
_LONG_EXCERPT = 1.6  # an excerpt is of a text so many times as long

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d[\d.,]*\d|\d")
_DATELINE = re.compile(
    r"\A\s*(?:[^\n]{0,70}?\([^()\n]{2,40}\)\s*[-–—:]+\s|"
    r"[A-ZÀ-ÞА-ЯІЇЄҐ][A-ZÀ-ÞА-ЯІЇЄҐ .,'/-]{2,40}(?:, [\w. ]{3,16})?\s*[-–—]+\s|"
    r"[A-ZÀ-ÞА-ЯІЇЄҐ]{3}[A-ZÀ-ÞА-ЯІЇЄҐ .'/-]{0,30},? [\w. ]{0,16}\([A-ZÀ-ÞА-ЯІЇЄҐ. /-]{2,40}\)\.?\s)"
)


class CopyRelation(StrEnum):
    """How one text relates to another."""

    EXACT = "exact"
    COPY = "copy"  # at least 80 % alike
    EDITED = "edited"
    EXCERPT = "excerpt"  # one is a part of the other
    NONE = "none"


class CopyReason(StrEnum):
    """What decided."""

    SAME_HASH = "same_hash"
    SHINGLES = "shingles"
    CONTAINED = "contained"
    SHORT_TEXT_EQUAL = "short_text_equal"
    SAME_LEAD = "same_lead"
    OTHER_NUMBERS = "other_numbers"
    OTHER_WORDS = "other_words"
    TOO_SHORT = "too_short"


@dataclass(frozen=True, slots=True)
class CopyVerdict:
    """The relation, how alike (0 to 1), and why."""

    relation: CopyRelation
    similarity: float
    reason: CopyReason


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is kept of a text to recognise its copies (about 800 bytes)."""

    content: int  # 64-bit hash of the folded words, credits removed
    word_count: int
    shingle_count: int
    numbers: array[int]  # 32-bit hashes, sorted
    lead: array[int]  # 32-bit hashes of the first 60 words, in order
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
        counts = len(self.numbers), len(self.lead), len(self.minhash)
        head = struct.pack(_HEAD, self.content, self.word_count, self.shingle_count, *counts)
        values = struct.pack(f"<{sum(counts)}I", *self.numbers, *self.lead, *self.minhash)
        return f"{ALGORITHM}:{base64.b64encode(head + values).decode()}"

    @classmethod
    def from_text(cls, text: str) -> Sketch | None:
        """Return the sketch, or None if `text` was made by another version of the algorithm or is damaged."""
        version, _, encoded = text.partition(":")
        if version != ALGORITHM:
            return None
        try:
            raw = base64.b64decode(encoded, validate=True)
            content, words, shingles, number_count, lead_count, minhash_count = struct.unpack_from(_HEAD, raw)
            values = struct.unpack_from(f"<{number_count + lead_count + minhash_count}I", raw, struct.calcsize(_HEAD))
        except (binascii.Error, struct.error):
            return None
        lead_end = number_count + lead_count
        parts = values[:number_count], values[number_count:lead_end], values[lead_end:]
        return cls(content, words, shingles, *(array("I", part) for part in parts))


def sketch_of(title: str, lead: str, body: str) -> Sketch:
    """Return the sketch of an article. The title counts only when the text alone is too short to be known by it."""
    text = without_credits(_joined(lead, body))
    if len(_WORD.findall(text[:400])) < _MIN_TEXT_WORDS:
        text = f"{title}\n{text}"
    number_words = current().number_words
    words = number_words.with_digits([word.lower() for word in _WORD.findall(text)[:_MAX_WORDS]])
    shingles = {" ".join(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1)}
    minhash = array("I")
    if len(words) >= SHORT_WORDS:
        sketch = RMinHash(num_perm=_VALUES, seed=_SEED)
        sketch.update(sorted(shingles))
        minhash = array("I", sketch.digest())
    digest = hashlib.blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    numbers = {_hash32(number.replace(",", ".")) for number in _NUMBER.findall(text[:4000])[:60]}
    numbers |= {_hash32(word) for word in words[:_NUMBER_WORDS] if len(word) <= 3 and word in number_words.values}
    lead_words = array("I", map(_hash32, words[:_LEAD_WORDS]))
    return Sketch(int.from_bytes(digest, "big"), len(words), len(shingles), array("I", sorted(numbers)), lead_words, minhash)


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


def compare(left: Sketch, right: Sketch) -> CopyVerdict:
    """Return how the two texts relate; symmetric."""
    if left.content == right.content and left.word_count >= 5:
        return CopyVerdict(CopyRelation.EXACT, 1.0, CopyReason.SAME_HASH)
    if left.minhash and right.minhash:
        return _compare_long(left, right)
    return _compare_short(left, right)


def _compare_long(left: Sketch, right: Sketch) -> CopyVerdict:
    alike = sum(map(eq, left.minhash, right.minhash)) / _VALUES
    smaller, larger = sorted((left, right), key=lambda sketch: (sketch.shingle_count, sketch.content))
    shared = alike * (smaller.shingle_count + larger.shingle_count) / (1 + alike)
    contained = min(shared / max(smaller.shingle_count, 1), 1.0)
    agreement = _agreement(set(smaller.numbers), set(larger.numbers))
    if alike < _WEAKEST_COPY and contained < _EXCERPT_SHARE:
        return CopyVerdict(CopyRelation.NONE, alike, CopyReason.OTHER_WORDS)
    if agreement < (0.5 if alike >= _EDITED_TEXT or contained >= 0.9 else _MOST_NUMBERS):
        return CopyVerdict(CopyRelation.NONE, alike, CopyReason.OTHER_NUMBERS)
    if alike < _WEAKEST_COPY and _lead_overlap(smaller, larger)[1] < _SAME_LEAD:
        return CopyVerdict(CopyRelation.NONE, alike, CopyReason.OTHER_WORDS)  # so few values agree that containment is a guess
    if contained >= _EXCERPT_SHARE and larger.shingle_count >= _LONG_EXCERPT * smaller.shingle_count:
        return CopyVerdict(CopyRelation.EXCERPT, contained, CopyReason.CONTAINED)
    if alike >= _SAME_TEXT:
        return CopyVerdict(CopyRelation.COPY, alike, CopyReason.SHINGLES)
    return CopyVerdict(CopyRelation.EDITED, alike, CopyReason.SHINGLES)


def _compare_short(left: Sketch, right: Sketch) -> CopyVerdict:
    shorter, longer = sorted((left, right), key=_length)
    if shorter.word_count < 5:
        return CopyVerdict(CopyRelation.NONE, 0.0, CopyReason.TOO_SHORT)
    overlap, in_order = _lead_overlap(shorter, longer)
    if overlap < 0.75 or in_order < 0.5:
        return CopyVerdict(CopyRelation.NONE, min(overlap, in_order), CopyReason.OTHER_WORDS)
    if set(shorter.numbers) - set(longer.numbers) or (longer.word_count < SHORT_WORDS and shorter.numbers != longer.numbers):
        return CopyVerdict(CopyRelation.NONE, overlap, CopyReason.OTHER_NUMBERS)
    if longer.word_count >= _LONG_EXCERPT * shorter.word_count:
        if shorter.word_count < 12:  # a headline that begins the other's text names the story; it is not its text
            return CopyVerdict(CopyRelation.NONE, overlap, CopyReason.TOO_SHORT)
        return CopyVerdict(CopyRelation.EXCERPT, overlap, CopyReason.CONTAINED)
    if overlap < _SAME_TEXT:
        return CopyVerdict(CopyRelation.NONE, overlap, CopyReason.OTHER_WORDS)
    return CopyVerdict(CopyRelation.COPY, overlap, CopyReason.SHORT_TEXT_EQUAL)


def compare_within_story(left: Sketch, right: Sketch) -> CopyVerdict:
    """Return how two texts of one story relate: less alike is enough, because names, places and numbers agree already."""
    verdict = compare(left, right)
    shorter, longer = sorted((left, right), key=_length)
    if verdict.relation is not CopyRelation.NONE or shorter.word_count < _MIN_TEXT_WORDS:
        return verdict
    overlap, in_order = _lead_overlap(shorter, longer)
    if _agreement(set(shorter.numbers), set(longer.numbers)) < _MOST_NUMBERS:
        return verdict
    if overlap >= _REWORDED and in_order >= _SAME_LEAD:
        return CopyVerdict(CopyRelation.EDITED, overlap, CopyReason.SAME_LEAD)
    return verdict


def _length(sketch: Sketch) -> tuple[int, int, int]:
    """Return what two sketches are put in order by, the shorter first; of equals, the one with more words of its own."""
    return sketch.word_count, -len(set(sketch.lead)), sketch.content


def _lead_overlap(shorter: Sketch, longer: Sketch) -> tuple[float, float]:
    """Return which share of the shorter text's first words, and of its pairs of neighbours, the longer's start has."""
    words, others = set(shorter.lead), set(longer.lead)
    pairs, other_pairs = set(pairwise(shorter.lead)), set(pairwise(longer.lead))
    return len(words & others) / max(len(words), 1), len(pairs & other_pairs) / max(len(pairs), 1)


def _agreement(smaller: set[int], larger: set[int]) -> float:
    """Return the share of the smaller text's numbers that the larger has too; 1 when there are none."""
    return len(smaller & larger) / len(smaller) if smaller else 1.0


class CopyIndex:
    """Finds candidates among remembered sketches by their bands; forgets on request."""

    def __init__(self) -> None:
        self._by_band: dict[int, str | list[str]] = {}  # most bands hold one key: no list for those
        self._sketches: dict[str, Sketch] = {}

    def __len__(self) -> int:
        return len(self._sketches)

    def add(self, key: str, sketch: Sketch) -> None:
        """Remember `sketch` under `key`; a known key is left as it is."""
        if key in self._sketches:
            return
        self._sketches[key] = sketch
        for band in set(sketch.bands()):
            held = self._by_band.get(band)
            if held is None:
                self._by_band[band] = key
            elif isinstance(held, str):
                self._by_band[band] = [held, key]
            else:
                held.append(key)

    def remove(self, key: str) -> None:
        """Forget `key`; an unknown one is no error."""
        sketch = self._sketches.pop(key, None)
        if sketch is None:
            return
        for band in set(sketch.bands()):
            held = self._by_band[band]
            if isinstance(held, str):
                del self._by_band[band]
            else:
                held.remove(key)
                if len(held) == 1:
                    self._by_band[band] = held[0]

    def sketch(self, key: str) -> Sketch | None:
        """Return what is remembered under `key`."""
        return self._sketches.get(key)

    def best(self, sketch: Sketch) -> tuple[str, CopyVerdict] | None:
        """Return the most alike remembered text that is a copy of `sketch`, the oldest of equals, or None."""
        votes: dict[str, int] = {}
        for band in sketch.bands():
            held = self._by_band.get(band, ())
            for key in (held,) if isinstance(held, str) else held[-_MAX_PER_BAND:]:
                votes[key] = votes.get(key, 0) + 1
        found: tuple[str, CopyVerdict] | None = None
        for key in sorted(votes, key=lambda key: (-votes[key], key))[:_MAX_CANDIDATES]:
            verdict = compare(sketch, self._sketches[key])
            if verdict.relation is not CopyRelation.NONE and (found is None or verdict.similarity > found[1].similarity):
                found = key, verdict
        return found


_MAX_PER_BAND = 50  # a band shared by more is a template's; its newest are enough
_MAX_CANDIDATES = 20
