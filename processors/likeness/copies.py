"""Decides whether one text is a copy of another: the same, edited, or an excerpt.

In:  two sketches.
Out: `CopyVerdict(relation, similarity, reason)`.

A short text under another headline proves nothing, unless it tells of that headline. Weak similarity must be confirmed by equal numbers,
because yesterday's casualty report has today's wording. Texts under 40 words are compared word by word.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from operator import eq

from processors.features.sketch import MIN_TEXT_WORDS, MINHASH_VALUES, SHORT_WORDS, Sketch

_SAME_TEXT = 0.8
_EDITED_TEXT = 0.5
_WEAKEST_COPY = 0.2
_EXCERPT_SHARE = 0.7
_SAME_LEAD = 0.5  # of the neighbouring words
_REWORDED = 0.6
_MOST_NUMBERS = 0.7
_SAME_HEADLINE = 0.6  # of the longer words
_CUT_WORDS = 20
_TOLD_WORDS = 2  # of a headline in the text
_LONG_EXCERPT = 1.6  # an excerpt comes from a text at least this many times as long


class CopyRelation(StrEnum):
    """The relation of one text to another."""

    EXACT = "exact"
    COPY = "copy"  # at least 80 % alike
    EDITED = "edited"
    EXCERPT = "excerpt"  # one is a part of the other
    NONE = "none"


class CopyReason(StrEnum):
    """The test that decided."""

    SAME_HASH = "same_hash"
    SHINGLES = "shingles"
    CONTAINED = "contained"
    SHORT_TEXT_EQUAL = "short_text_equal"
    SAME_LEAD = "same_lead"
    OTHER_NUMBERS = "other_numbers"
    OTHER_WORDS = "other_words"
    TOO_SHORT = "too_short"
    OTHER_HEADLINE = "other_headline"  # so the text proves nothing: it may be an outlet's refrain


@dataclass(frozen=True, slots=True)
class CopyVerdict:
    """The relation, the similarity (0 to 1) and the reason."""

    relation: CopyRelation
    similarity: float
    reason: CopyReason


def compare(left: Sketch, right: Sketch) -> CopyVerdict:
    """Return how the two texts relate; symmetric."""
    is_long = bool(left.minhash and right.minhash)
    if not is_long and not _is_one_report(left, right):
        return CopyVerdict(CopyRelation.NONE, 0.0, CopyReason.OTHER_HEADLINE)
    if left.content == right.content and left.word_count >= 5:
        return CopyVerdict(CopyRelation.EXACT, 1.0, CopyReason.SAME_HASH)
    return _compare_long(left, right) if is_long else _compare_short(left, right)


def _is_one_report(left: Sketch, right: Sketch) -> bool:
    """Return whether alike short texts are one report: they share a headline, or the text repeats a headline's own words.

    "This is a breaking news story. More details will be published shortly." may stand under any headline, in any language.
    """
    shorter, longer = sorted((set(left.title), set(right.title)), key=len)
    if not shorter:
        return True
    common, told = shorter & longer, set(left.repeated) | set(right.repeated)
    if len(told) < _TOLD_WORDS:  # only the headlines can prove it: one is the other, or the other cut
        return common == shorter and len(common) >= _SAME_HEADLINE * len(longer)
    return len(common) >= _SAME_HEADLINE * len(shorter) or len(told - common) >= _TOLD_WORDS


def _compare_long(left: Sketch, right: Sketch) -> CopyVerdict:
    alike = sum(map(eq, left.minhash, right.minhash)) / MINHASH_VALUES
    smaller, larger = sorted((left, right), key=lambda sketch: (sketch.shingle_count, sketch.content))
    shared = alike * (smaller.shingle_count + larger.shingle_count) / (1 + alike)
    contained = min(shared / max(smaller.shingle_count, 1), 1.0)
    agreement = _agreement(set(smaller.numbers), set(larger.numbers))
    if alike < _WEAKEST_COPY and contained < _EXCERPT_SHARE:
        return CopyVerdict(CopyRelation.NONE, alike, CopyReason.OTHER_WORDS)
    if agreement < (0.5 if alike >= _EDITED_TEXT or contained >= 0.9 else _MOST_NUMBERS):
        return CopyVerdict(CopyRelation.NONE, alike, CopyReason.OTHER_NUMBERS)
    if alike < _WEAKEST_COPY and _lead_overlap(smaller, larger)[1] < _SAME_LEAD:
        return CopyVerdict(CopyRelation.NONE, alike, CopyReason.OTHER_WORDS)  # with so few equal values containment is a guess
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
    if _is_cut(shorter, longer):
        return CopyVerdict(CopyRelation.EXCERPT, overlap, CopyReason.CONTAINED)
    if set(shorter.numbers) - set(longer.numbers) or (longer.word_count < SHORT_WORDS and shorter.numbers != longer.numbers):
        return CopyVerdict(CopyRelation.NONE, overlap, CopyReason.OTHER_NUMBERS)
    if longer.word_count >= _LONG_EXCERPT * shorter.word_count:
        if shorter.word_count < 12:  # a headline that begins the other text names the story; it is not a copy of it
            return CopyVerdict(CopyRelation.NONE, overlap, CopyReason.TOO_SHORT)
        return CopyVerdict(CopyRelation.EXCERPT, overlap, CopyReason.CONTAINED)
    if overlap < _SAME_TEXT:
        return CopyVerdict(CopyRelation.NONE, overlap, CopyReason.OTHER_WORDS)
    return CopyVerdict(CopyRelation.COPY, overlap, CopyReason.SHORT_TEXT_EQUAL)


def _is_cut(shorter: Sketch, longer: Sketch) -> bool:
    """Return whether the shorter text is the start of the longer, perhaps cut off in mid-word; then what it lacks says nothing."""
    known = len(shorter.lead) - 1
    return shorter.word_count >= _CUT_WORDS and shorter.lead[:known] == longer.lead[:known]


def compare_within_story(left: Sketch, right: Sketch) -> CopyVerdict:
    """Return how two texts of one story relate: less similarity is enough, because names, places and numbers already agree."""
    verdict = compare(left, right)
    shorter, longer = sorted((left, right), key=_length)
    if verdict.relation is not CopyRelation.NONE or shorter.word_count < MIN_TEXT_WORDS:
        return verdict
    overlap, in_order = _lead_overlap(shorter, longer)
    if _agreement(set(shorter.numbers), set(longer.numbers)) < _MOST_NUMBERS:
        return verdict
    if overlap >= _REWORDED and in_order >= _SAME_LEAD:
        return CopyVerdict(CopyRelation.EDITED, overlap, CopyReason.SAME_LEAD)
    return verdict


def _length(sketch: Sketch) -> tuple[int, int, int]:
    """Return the sort key that puts the shorter sketch first, and of equally long ones the one with more distinct words."""
    return sketch.word_count, -len(set(sketch.lead)), sketch.content


def _lead_overlap(shorter: Sketch, longer: Sketch) -> tuple[float, float]:
    """Return which share of the shorter text's first words, and of its pairs of neighbours, the longer's start has."""
    words, others = set(shorter.lead), set(longer.lead)
    pairs, other_pairs = set(pairwise(shorter.lead)), set(pairwise(longer.lead))
    return len(words & others) / max(len(words), 1), len(pairs & other_pairs) / max(len(pairs), 1)


def _agreement(smaller: set[int], larger: set[int]) -> float:
    """Return the share of the smaller text's numbers that the larger has too; 1 when there are none."""
    return len(smaller & larger) / len(smaller) if smaller else 1.0
