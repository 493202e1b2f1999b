"""The part of a body that tells its encoding: the words with bytes outside ASCII, and some ASCII words that tell the language."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from producers.charsets.tables import decode

READ_BYTES = 400_000  # of the body; a feed's first entries tell as much as all
SAMPLE_BYTES = 6_000  # more cost time and make a sure guess no surer
PART_BYTES = 800
LEAD_BYTES = 2_000  # read before the first byte outside ASCII: they tell the language
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_CDATA = re.compile(rb"<!\[CDATA\[|\]\]>")
_MARKUP = re.compile(rb"<[^<>]{0,5000}>|&(?:amp;)?#?\w{1,10};|https?://[\x21-\x7e]+")
_WORDS = re.compile(rb"(?<![A-Za-z'])[A-Za-z']*+[\x80-\xff][A-Za-z'\x80-\xff]*")
_PLAIN_WORDS = re.compile(rb"(?<![A-Za-z'\x80-\xff])[A-Za-z']+(?![A-Za-z'\x80-\xff])")
# For encodings with two bytes a character: a trail byte may be a letter or a sign of ASCII.
_RUNS = re.compile(rb"(?<![A-Za-z'])[A-Za-z']*+(?:(?:[\x80-\xff][\x30-\xff]?)+[A-Za-z']*)+")


@dataclass(frozen=True)
class Sample:
    """What is scored."""

    text: bytes  # without markup
    _pairs: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)

    @cached_property
    def words(self) -> bytes:
        """The words with bytes outside ASCII, each once, with one blank around each: a title that is repeated proves nothing more."""
        return _each_once(_WORDS, self.text)

    @cached_property
    def runs(self) -> bytes:
        """The same words, each byte outside ASCII with what follows it, which may be the second byte of a character."""
        return _each_once(_RUNS, self.text)

    def part(self) -> Sample:
        """A few of the words from all over the sample, which tell what is not worth a closer look; the sample itself if it is short."""
        words = [word for word in self.text.split() if not word.isascii()]
        step = sum(map(len, words)) // PART_BYTES
        return Sample(b" ".join(words[::step])) if step > 1 else self

    def pairs_in(self, encoding: str) -> Counter[tuple[str, str]]:
        """How often one character follows another in an encoding with several bytes a character."""
        if encoding not in self._pairs:
            self._pairs[encoding] = Counter(pairwise(f" {decode(self.words if encoding == 'utf-8' else self.runs, encoding)} "))
        return self._pairs[encoding]

    @cached_property
    def byte_pairs(self) -> Counter[tuple[int, int]]:
        """How often one byte follows another in `words`."""
        return Counter(pairwise(self.words))

    @cached_property
    def enclosed(self) -> Counter[tuple[int, int, int]]:
        """Bytes outside ASCII, with the byte before and behind, that begin a word or stand in one."""
        words = self.words
        return Counter(triple for triple in zip(words, words[1:], words[2:], strict=False) if triple[1] > 0x7F and triple[2] != 0x20)

    @cached_property
    def plain_pairs(self) -> Counter[tuple[str, str]]:
        """Pairs of letters in words that are wholly ASCII."""
        found = _PLAIN_WORDS.findall(self.text[: 4 * SAMPLE_BYTES])
        words = b" " + b" ".join(found)[: SAMPLE_BYTES // 2].lower() + b" "
        return Counter((chr(first), chr(second)) for first, second in pairwise(words))


def _each_once(pattern: re.Pattern[bytes], text: bytes) -> bytes:
    found: dict[bytes, None] = {}
    size = 0
    for word in pattern.finditer(text):
        if word[0] in found:
            continue
        found[word[0]] = None
        size += len(word[0]) + 1
        if size > SAMPLE_BYTES:
            break
    return b" " + b" ".join(found) + b" "


def sample_of(body: bytes) -> Sample:
    """The sample of a body, from its first byte outside ASCII on. Where only markup has such bytes, the markup is read too."""
    first = _NOT_ASCII.search(body)
    start = max(0, first.start() - LEAD_BYTES) if first else 0
    part = body[start : start + READ_BYTES]
    text = _MARKUP.sub(b" ", _CDATA.sub(b" ", part))
    return Sample(part if text.isascii() else text)
