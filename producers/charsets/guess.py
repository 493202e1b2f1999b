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
from producers.charsets.tables import decode, is_single_byte, table

OTHER_LANGUAGE = -7.0  # nats: a feed that is not in the language it is said to be in
DECLARED_PRIOR = 10.0  # a label is overruled by a reading that is this much better ...
DECLARED_SHARE = 1.0  # ... and this much more for each character that it reads differently
CHANCE = 1.0  # the same where the bytes are UTF-8, which one character may be by chance ...
CHANCE_SHARE = 4.0  # ... and less for each character more
UTF_8_PRIOR = 4.0  # for UTF-8 with damage, where it is declared
REMEMBERED_PRIOR = 9.0
PLAIN_SHARE = 0.3  # what words without a letter outside ASCII count, which tell the language only
HOPELESS = 80.0  # nats behind the best in a part of the sample
SURE = 8.0  # nats between the best reading and the next
ENCLOSED_COST = -6.0  # a sign between two letters
LONE_APOSTROPHE_COST = -3.0  # an apostrophe before a word


class Scored(NamedTuple):
    """One reading of the bytes."""

    score: float  # nats, with what is known beforehand
    encoding: str
    language: str


class Guess(NamedTuple):
    """The most likely encoding, and whether it is so much likelier than every other reading that it may be remembered."""

    encoding: str
    is_sure: bool


def guess(body: bytes, *, is_utf_8: bool, declared: Sequence[str], language: str | None, remembered: str | None) -> Guess:
    """The most likely encoding of bytes that are no UTF-8, or by chance only (`is_utf_8`).

    A label counts for much, unless an earlier body of the feed has shown that it is wrong.
    """
    sample = sample_of(body)
    labels = [name for name in declared if not name.startswith("utf-")]
    found: dict[str, Scored] = {}
    for reading in readings(sample, languages_named(language), labels, remembered):
        if reading.encoding == "utf-8" and "utf-8" in declared:
            reading = reading._replace(score=reading.score + UTF_8_PRIOR)  # noqa: PLW2901
        if reading.encoding not in found or reading > found[reading.encoding]:
            found[reading.encoding] = reading
    best = found["utf-8"] if is_utf_8 else max(found.values())
    for name in labels:
        needed = _needed(sample, name, best.encoding, labels, remembered, is_utf_8=is_utf_8)
        if _advantage(sample, best.encoding, name, languages_named(language)) <= needed:
            return Guess(name, is_sure=True)
    others = (other.score for other in found.values() if _difference(sample, other.encoding, best.encoding))
    return Guess(best.encoding, is_sure=best.score - max(others, default=best.score) >= SURE)


def _needed(sample: Sample, label: str, other: str, labels: Sequence[str], remembered: str | None, *, is_utf_8: bool) -> float:
    """How much likelier the other encoding must be than the declared one."""
    if remembered is not None and remembered not in labels:
        return 0.0  # the label was wrong before
    if other == "utf-8" and is_utf_8:
        return CHANCE - CHANCE_SHARE * (sum(character > "\x7f" for character in decode(sample.words, "utf-8")) - 1)
    return DECLARED_PRIOR + DECLARED_SHARE * _difference(sample, label, other)


def _advantage(sample: Sample, one: str, other: str, languages: Sequence[str]) -> float:
    """How much likelier the first encoding is in the words that the two read differently, each in the language that suits it best.

    The other words tell languages apart, which is no proof against a label: a Lithuanian feed may be full of French names.
    """
    if is_single_byte(one) and is_single_byte(other):
        sample = Sample(b" ".join(word for word in sample.words.split(b" ") if decode(word, one) != decode(word, other)))
    if not sample.words.strip():
        return 0.0
    return _best_score(sample, one, languages) - _best_score(sample, other, languages)


def _best_score(sample: Sample, encoding: str, languages: Sequence[str]) -> float:
    known = [code for code in LANGUAGES if _near(encoding) in LANGUAGES[code].encodings] or list(LANGUAGES)
    known += ["en"]  # which people write anywhere, with curly quotes in the encoding of the place
    return max(
        _score(sample, encoding, code) + LANGUAGES[code].prior + OTHER_LANGUAGE * (bool(languages) and code not in languages)
        for code in known
    )


def readings(sample: Sample, languages: Sequence[str], labels: Sequence[str], remembered: str | None) -> list[Scored]:
    """The readings with their scores, but for those that are hopeless in a part of the sample."""
    pairs = list(_candidates(sample, labels, remembered))
    part = sample.part()
    if part is not sample:
        first = {pair: _score(part, *pair) for pair in pairs}
        least = max(first.values()) - HOPELESS
        pairs = [pair for pair in pairs if first[pair] >= least or pair[0] in (*labels, "utf-8")]
    plain = {code: PLAIN_SHARE * _sum(code, sample.plain_pairs) for _, code in pairs}
    found = []
    for encoding, code in pairs:
        prior = LANGUAGES[code].prior + (0.0 if encoding in labels else ENCODING_PRIORS.get(encoding, 0.0))
        prior += REMEMBERED_PRIOR * (encoding == remembered)
        if languages and code not in languages:
            prior += OTHER_LANGUAGE
        found.append(Scored(_score(sample, encoding, code) + prior + plain[code], encoding, code))
    return found


@cache
def _pool() -> tuple[tuple[str, str], ...]:
    return tuple((encoding, code) for code, language in LANGUAGES.items() for encoding in language.encodings)


def _candidates(sample: Sample, labels: Iterable[str], remembered: str | None) -> Iterator[tuple[str, str]]:
    """Encodings with a language each: those that go together, UTF-8 with damage, and what is declared, whatever it is."""
    pool = _pool()
    known = {encoding for encoding, _ in pool}
    yield from pool
    for encoding in dict.fromkeys((*labels, *((remembered,) if remembered else ()))):
        if encoding not in known:
            codes = [code for code in LANGUAGES if _near(encoding) in LANGUAGES[code].encodings] or LANGUAGES
            yield from ((encoding, code) for code in codes)
    if _is_near_utf_8(sample):
        yield from (("utf-8", code) for code in LANGUAGES)


def _is_near_utf_8(sample: Sample) -> bool:
    text = decode(sample.words, "utf-8")
    return sum(character > "\x7f" for character in text) > 2 * text.count("\ufffd") or len(text) < 40


def _near(encoding: str) -> str:
    """The encoding itself, or the one in the table of languages that holds it or is most like it."""
    return {"gbk": "gb18030", "iso-8859-8-i": "windows-1255", "iso-2022-jp": "euc-jp"}.get(encoding, encoding)


def _score(sample: Sample, encoding: str, code: str) -> float:
    """The logarithm of how likely the text is in a language."""
    if is_single_byte(encoding):
        return _single_byte_score(sample, encoding, code)
    return _sum(code, sample.pairs_in(encoding))


def _single_byte_score(sample: Sample, encoding: str, code: str) -> float:
    characters = table(encoding)
    log_p = letters_of(code).log_p
    score = sum(number * log_p(characters[first], characters[second]) for (first, second), number in sample.byte_pairs.items())
    for (before, here, after), number in sample.enclosed.items():
        sign = characters[here]
        if before == 0x20:
            score += number * LONE_APOSTROPHE_COST * (sign == "’" and characters[after].isalpha())
        elif sign == "\u00a0":
            score += number * ENCLOSED_COST / 2
        elif not sign.isalpha() and not is_in_word(sign) and characters[before].isalpha() and characters[after].isalpha():
            score += number * ENCLOSED_COST
    return score


def _sum(code: str, pairs: Counter[tuple[str, str]]) -> float:
    log_p = letters_of(code).log_p
    return sum(number * log_p(*pair) for pair, number in pairs.items())


def _difference(sample: Sample, one: str, other: str) -> int:
    """How many bytes outside ASCII the two encodings read differently; all, if one of them has several bytes a character."""
    counts = Counter(sample.words)
    if is_single_byte(one) and is_single_byte(other):
        return sum(number for byte, number in counts.items() if table(one)[byte] != table(other)[byte])
    return sum(number for byte, number in counts.items() if byte > 0x7F) // 2
