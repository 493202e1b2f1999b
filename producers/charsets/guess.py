"""The encoding of bytes that are not UTF-8, from how likely their text is in every language and encoding that go together.

A declared encoding is believed while its text looks like one that somebody wrote. Only when it does not, the others are scored, and one of
them must be better by far: a label is right far more often than not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from producers.charsets.languages import ENCODING_PRIORS, LANGUAGES, languages_named
from producers.charsets.letters import is_in_word, letters_of
from producers.charsets.sample import Sample, sample_of
from producers.charsets.tables import decode, is_single_byte, table

OTHER_LANGUAGE = -7.0  # nats: a feed that is not in the language it is said to be in
DECLARED_PRIOR = 10.0  # a label is overruled by a reading that is this much better ...
DECLARED_SHARE = 1.0  # ... and this much more for each character that it reads differently
REMEMBERED_PRIOR = 9.0
PLAIN_SHARE = 0.3  # what words without a letter outside ASCII count, which tell the language only
SURE = 8.0  # nats between the best reading and the next
ENCLOSED_COST = -6.0  # a sign between two letters
LONE_APOSTROPHE_COST = -3.0  # an apostrophe before a word


class Scored(NamedTuple):
    """One reading of the bytes."""

    score: float  # nats, with what is known beforehand
    per_pair: float  # nats a pair of characters, without
    encoding: str
    language: str


class Guess(NamedTuple):
    """The most likely encoding, and whether it is so much likelier than every other reading that it may be remembered."""

    encoding: str
    is_sure: bool


def guess(body: bytes, *, declared: Sequence[str], language: str | None, remembered: str | None) -> Guess:
    """The most likely encoding. A label counts for much, unless an earlier body of the feed has shown that it is wrong."""
    sample = sample_of(body)
    labels = [name for name in declared if name != "utf-8"]
    found: dict[str, Scored] = {}
    for reading in readings(sample, languages_named(language), labels, remembered):
        if reading.encoding not in found or reading > found[reading.encoding]:
            found[reading.encoding] = reading
    best = max(found.values())
    for name in labels:
        needed = DECLARED_PRIOR + DECLARED_SHARE * _difference(sample, name, best.encoding)
        if remembered is not None and remembered not in labels:
            needed = 0.0
        if found[name].score + needed >= best.score:
            return Guess(name, is_sure=True)
    others = (
        other.score for other in found.values() if other.encoding != best.encoding and _difference(sample, other.encoding, best.encoding)
    )
    return Guess(best.encoding, is_sure=best.score - max(others, default=best.score) >= SURE)


def readings(sample: Sample, languages: Sequence[str], labels: Sequence[str], remembered: str | None) -> Iterator[Scored]:
    """Every reading with its score."""
    for encoding, code in _candidates(labels, remembered):
        prior = ENCODING_PRIORS.get(encoding, 0.0) + LANGUAGES[code].prior
        prior += REMEMBERED_PRIOR * (encoding == remembered)
        if languages and code not in languages:
            prior += OTHER_LANGUAGE
        score, count = _likelihood(sample, encoding, code)
        plain = PLAIN_SHARE * sum(number * letters_of(code).log_p(*pair) for pair, number in sample.plain_pairs.items())
        yield Scored(score + prior + plain, score / max(1, count), encoding, code)


@cache
def _pool() -> tuple[tuple[str, str], ...]:
    return tuple((encoding, code) for code, language in LANGUAGES.items() for encoding in language.encodings)


def _candidates(labels: Iterable[str], remembered: str | None) -> Iterator[tuple[str, str]]:
    """Encodings with a language each: those that go together, UTF-8 with damage, and what is declared, whatever it is."""
    pool = _pool()
    known = {encoding for encoding, _ in pool}
    yield from pool
    for encoding in dict.fromkeys((*labels, *((remembered,) if remembered else ()))):
        if encoding not in known:
            near = _near(encoding)
            yield from ((encoding, code) for code in LANGUAGES if near is None or near in LANGUAGES[code].encodings)
    yield from (("utf-8", code) for code in LANGUAGES)


def _near(encoding: str) -> str | None:
    return {"gbk": "gb18030", "iso-8859-8-i": "windows-1255", "iso-2022-jp": "euc-jp"}.get(encoding)


def _likelihood(sample: Sample, encoding: str, code: str) -> tuple[float, int]:
    """The logarithm of how likely the text is, and how many pairs of characters it counts."""
    letters = letters_of(code)
    log_p = letters.log_p
    if is_single_byte(encoding):
        characters = table(encoding)
        score = sum(number * log_p(characters[first], characters[second]) for (first, second), number in sample.byte_pairs.items())
        for (before, here, after), number in sample.enclosed.items():
            sign = characters[here]
            if before == 0x20:
                score += number * LONE_APOSTROPHE_COST * (sign == "’" and characters[after].isalpha())
            elif sign == "\u00a0":
                score += number * ENCLOSED_COST / 2
            elif not sign.isalpha() and not is_in_word(sign) and characters[before].isalpha() and characters[after].isalpha():
                score += number * ENCLOSED_COST
        return score, sum(sample.byte_pairs.values())
    pairs = _pairs(sample, encoding)
    return sum(number * log_p(*pair) for pair, number in pairs.items()), sum(pairs.values())


def _pairs(sample: Sample, encoding: str) -> Counter[tuple[str, str]]:
    text = _text(sample, encoding)
    return Counter(pairwise(text))


def _text(sample: Sample, encoding: str) -> str:
    return f" {decode(sample.words if is_single_byte(encoding) or encoding == 'utf-8' else sample.runs, encoding)} "


def _difference(sample: Sample, one: str, other: str) -> int:
    """How many bytes outside ASCII the two encodings read differently; all, if one of them has several bytes a character."""
    counts = Counter(sample.words)
    if is_single_byte(one) and is_single_byte(other):
        return sum(number for byte, number in counts.items() if table(one)[byte] != table(other)[byte])
    return sum(number for byte, number in counts.items() if byte > 0x7F) // 2
