"""The encoding of bytes that are not UTF-8, from how likely their text is in every language and encoding that go together.

A declared encoding is believed while its text looks like one that somebody wrote. Only when it does not, the others are scored, and one of
them must be better by far: a label is right far more often than not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from producers.charsets.languages import ENCODING_PRIORS, LANGUAGES, languages_named
from producers.charsets.letters import is_in_word, letters_of
from producers.charsets.sample import Sample, sample_of
from producers.charsets.tables import damage, decode, is_single_byte, table

OTHER_LANGUAGE = -7.0  # nats: a feed that is not in the language it is said to be in
DECLARED_PRIOR = 12.0
REMEMBERED_PRIOR = 9.0
PLAIN_SHARE = 0.3  # what words without a letter outside ASCII count, which tell the language only
PLAUSIBLE = -4.2  # nats a pair: real text lies above, whatever its language
ENCLOSED_COST = -6.0  # a sign between two letters


class Scored(NamedTuple):
    """One reading of the bytes."""

    score: float  # nats, with what is known beforehand
    per_pair: float  # nats a pair of characters, without
    encoding: str
    language: str


def guess(body: bytes, *, declared: Sequence[str], language: str | None, remembered: str | None) -> str:
    """The most likely encoding."""
    sample = sample_of(body)
    languages = languages_named(language)
    labels = [name for name in declared if name != "utf-8"]
    for name in labels:
        if _is_plausible(sample, name, languages):
            return name
    found = max(readings(sample, languages, labels, remembered), default=None)
    return found.encoding if found else "windows-1252"


def readings(sample: Sample, languages: Sequence[str], labels: Sequence[str], remembered: str | None) -> Iterator[Scored]:
    """Every reading with its score."""
    for encoding, code in _candidates(labels, remembered):
        prior = ENCODING_PRIORS.get(encoding, 0.0) + LANGUAGES[code].prior
        prior += DECLARED_PRIOR * (encoding in labels) + REMEMBERED_PRIOR * (encoding == remembered)
        if languages and code not in languages:
            prior += OTHER_LANGUAGE
        score, count = _likelihood(sample, encoding, code)
        plain = PLAIN_SHARE * sum(number * letters_of(code).log_p(*pair) for pair, number in sample.plain_pairs.items())
        yield Scored(score + prior + plain, score / max(1, count), encoding, code)


def _is_plausible(sample: Sample, encoding: str, languages: Sequence[str]) -> bool:
    """Whether the text in this encoding looks like one that somebody wrote, in the feed's language or one that is written so."""
    if damage(_text(sample, encoding)):
        return False
    codes = [*languages, *(code for name, code in _candidates((encoding,), None) if name == encoding and code not in languages)]
    for code in codes:
        score, count = _likelihood(sample, encoding, code)
        if score >= PLAUSIBLE * count:
            return True
    return False


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
            if not sign.isalpha() and not is_in_word(sign) and characters[before].isalpha() and characters[after].isalpha():
                score += number * ENCLOSED_COST
        return score, sum(sample.byte_pairs.values())
    pairs = _pairs(sample, encoding)
    return sum(number * log_p(*pair) for pair, number in pairs.items()), sum(pairs.values())


_LAST: dict[str, object] = {}


def _pairs(sample: Sample, encoding: str) -> Counter[tuple[str, str]]:
    text = _text(sample, encoding)
    return Counter(zip(text, text[1:], strict=False))


def _text(sample: Sample, encoding: str) -> str:
    return f" {decode(sample.words if is_single_byte(encoding) or encoding == 'utf-8' else sample.runs, encoding)} "
