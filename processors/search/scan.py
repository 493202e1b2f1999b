"""The searchable form of a text: folded, punctuation as spaces, every position traceable to the original.

In: the fields of an article. Out: `Scanned`.

Phrases are written with single spaces, so a comma or a full stop (two spaces in the searchable form) always ends one, while
a hyphen, an apostrophe, a single line break or a quotation mark at the edge of a word does not: security “guarantees”, the
« coalition des volontaires ». Texts with combining marks, soft hyphens, ligatures or runs of blanks take a slower path.
"""

from __future__ import annotations

import bisect
import functools
import re
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from newsmon.text.fold import fold, fold_table

FIELDS = ("title", "lead", "body")
MAX_LEAD = 600  # characters: feeds that give whole articles as their summary have no paragraphs to tell where the lead ends
_KEPT = frozenset("%$€£")
_ODD = "\x01"  # stands for characters that only the slow path can handle
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_IGNORED = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
_BLANK_RUN = re.compile(r"[^\S\n]{2}")
_SENTENCE_END = re.compile(r"[.!?…]+[\"'»”’)\]]*(?=\s)|\n")
_SENTENCE = re.compile(r"[.!?…][\"'»”’)\]]*\s")
_SEPARATOR = "\n\n"
_QUOTE = re.compile("[\"'“”„‘’‚‛«»‹›]{1,2}")
_ACCENTED = re.compile("[\u00c0-\u00d6\u00d8-\u00de\u00e0-\u00f6\u00f8-\u024f\u1e00-\u1eff\u0300-\u036f]")
LEAST_WORDS_IN_CAPITALS = 3  # a shorter headline may be nothing but acronyms
_CAPITAL_VOWELS = frozenset("AEIOU")
_JOINED_AT = 100_000  # characters kept as a list while the last one may still change


def _is_mark(char: str) -> bool:
    return "\u0300" <= char <= "\u036f"


@functools.cache
def _scan_table() -> str:
    table = list(fold_table())
    for point, char in enumerate(table):
        if chr(point) in _IGNORED or chr(point) in _LIGATURES or _is_mark(chr(point)):
            table[point] = _ODD
        elif not char.isalnum() and char not in _KEPT and not unicodedata.category(char).startswith("M"):
            table[point] = " "
    return "".join(table)


def scan_form(text: str) -> str:
    """A phrase in searchable form, without blanks at its ends."""
    return _slow_form(text)[0].strip()


def scan_form_of_letters(text: str) -> str:
    """`text` in searchable form, letter for letter: of the same length."""
    return text.translate(_scan_table())


def _slow_form(text: str) -> tuple[str, array[int]]:
    """The searchable characters of `text` and the index in `text` each came from."""
    table = _scan_table()
    done: list[str] = []
    chars: list[str] = []
    origins = array("I")  # four bytes a character: a text may have ten million
    quotes = {index for span in _edge_quotes(text) for index in range(*span)}
    for index, char in enumerate(text):
        if char in _IGNORED or index in quotes:
            continue
        if len(chars) > _JOINED_AT:
            done.append("".join(chars[:-1]))
            chars = chars[-1:]
        if _is_mark(char):
            if chars:
                chars[-1] = _composed(chars[-1], char)
            continue
        if char in _LIGATURES:
            for part in _LIGATURES[char]:
                chars.append(part)
                origins.append(index)
            continue
        if char != "\n" and char.isspace() and index and text[index - 1] != "\n" and text[index - 1].isspace():
            continue
        chars.append(table[ord(char)] if ord(char) < len(table) else char if char.isalnum() else " ")
        origins.append(index)
    return "".join((*done, *chars)), origins


def _composed(base: str, mark: str) -> str:
    """й and ї written as letter plus mark become one letter; other marks (accents, stress) are dropped."""
    whole = unicodedata.normalize("NFC", base + mark)
    return fold(whole) if len(whole) == 1 else base


@dataclass(slots=True)
class Scanned:
    """One article in searchable form; the positions below are positions in `form`."""

    text: str  # the fields joined by blank lines
    form: str
    starts: tuple[int, int, int]  # where title, lead and body begin in `text`
    field_starts: tuple[int, int, int]  # the same in `form`, but the body begins where the lead has had its length
    origins: array[int] | None  # position in `form` minus one -> position in `text`; None: the same
    _sentence_ends: list[int] = field(default_factory=list)
    _has_accents: bool | None = None
    _headline_in_capitals: bool | None = None

    def field_of(self, position: int) -> int:
        """0, 1, 2 for what counts as title, lead, body."""
        return 2 if position >= self.field_starts[2] else 1 if position >= self.field_starts[1] else 0

    def original(self, start: int, end: int) -> tuple[int, int]:
        """A span of `form` as a span of `text`."""
        if self.origins is None:
            return start - 1, end - 1
        first, last = self.origins[start - 1], self.origins[end - 2]
        stop = last + 1
        while stop < len(self.text) and (_is_mark(self.text[stop]) or self.text[stop] in _IGNORED):
            stop += 1  # a mark belongs to the letter before it
        return first, stop

    @property
    def has_accents(self) -> bool:
        """True when any Latin letter of the text has an accent: then its writer has the keys, and a missing accent means another word."""
        if self._has_accents is None:
            self._has_accents = not self.text.isascii() and _ACCENTED.search(self.text) is not None
        return self._has_accents

    def in_capitals(self, position: int) -> bool:
        """True in a headline that is all in capitals, which tell no name from a word there."""
        if self._headline_in_capitals is None:
            title = self.text[: self.starts[1]]
            self._headline_in_capitals = title.isupper() and sum(word.isupper() for word in title.split()) >= LEAST_WORDS_IN_CAPITALS
        return self._headline_in_capitals and self.field_of(position) == 0

    @property
    def has_text(self) -> bool:
        """True when there is more than a headline."""
        return not self.text[self.starts[1] :].isspace()

    def has_letter(self, position: int, letter: str) -> bool:
        """True when the accented `letter` stands at a position, or a capital vowel, which often does without its accent (Etats-Unis)."""
        at = position - 1 if self.origins is None else self.origins[position - 1]
        there = self.text[at]
        if there in _CAPITAL_VOWELS:
            return True
        if _is_mark(self.text[at + 1 : at + 2] or " "):
            there = unicodedata.normalize("NFC", self.text[at : at + 2])
        return there.lower() == letter

    def located(self, start: int, end: int) -> tuple[str, int, int]:
        """A span of `form` as the field that holds it and the span in that field."""
        first, stop = self.original(start, end)
        number = bisect.bisect_right(self.starts, first) - 1
        return FIELDS[number], first - self.starts[number], stop - self.starts[number]

    def words_between(self, first_end: int, second_start: int) -> int:
        return len(self.form[first_end:second_start].split())

    def sentence_of(self, position: int) -> int:
        """The number of the sentence that contains a position, counted over all fields."""
        return self._sentence_at(self.original(position, position + 1)[0])

    def _sentence_at(self, at: int) -> int:
        if not self._sentence_ends:
            self._sentence_ends = [*_sentence_ends(self.text), len(self.text) + 1]
        return bisect.bisect_right(self._sentence_ends, at)

    def stands_first(self, position: int) -> bool:
        """True for a position before the end of the first sentence below the headline."""
        first = self._first_word()
        end = next(_sentence_ends(self.text, first), len(self.text))
        return self.original(position, position + 1)[0] < end

    @property
    def first_sentence(self) -> int:
        """The number of the first sentence below the headline; see `sentence_of`."""
        return self._sentence_at(self._first_word())

    def _first_word(self) -> int:
        text = self.text
        return next((at for at in range(self.starts[1], len(text)) if text[at].isalnum()), len(text))

    @property
    def sentence_count(self) -> int:
        """The sentences below the headline; a line without words is none."""
        first = self.first_sentence
        ends = [self.starts[1], *self._sentence_ends[first:]]
        return sum(any(char.isalnum() for char in self.text[start:end]) for start, end in pairwise(ends))

    def same_paragraph(self, one: int, other: int) -> bool:
        low, high = sorted((self.original(one, one + 1)[0], self.original(other, other + 1)[0]))
        return "\n" not in self.text[low:high]


def _sentence_ends(text: str, first: int = 0) -> Iterator[int]:
    """The ends of sentences from `first` on; a point after one letter (U.S., z. B.) or before a lower-case letter ends none."""
    for found in _SENTENCE_END.finditer(text, first):
        start, end = found.span()
        if text[start] == ".":
            word = start
            while word and text[word - 1].isalpha():
                word -= 1
            following = text[end + 1 : end + 2]
            if (start - word <= 1 and text[start - 1 : start].isalpha()) or following.islower():
                continue
        yield end


def scan(title: str, lead: str, body: str, masked: Sequence[tuple[int, int]] = ()) -> Scanned:
    """Prepare the fields for the search; `masked` are spans of the joined text in which nothing is found."""
    text = f"{title}{_SEPARATOR}{lead}{_SEPARATOR}{body}"
    lead_start = len(title) + len(_SEPARATOR)
    starts = (0, lead_start, lead_start + len(lead) + len(_SEPARATOR))
    rest = lead_start + lead_end(lead) if len(lead) > MAX_LEAD else starts[2]
    for start, end in masked:
        text = f"{text[:start]}{chr(10) * (end - start)}{text[end:]}"
    form = text.translate(_scan_table())
    if _ODD in form or _BLANK_RUN.search(text):
        form, origins = _slow_form(text)
    else:
        quotes = _edge_quotes(text)
        if not quotes:
            return Scanned(text, f" {form} ", starts, (1, starts[1] + 1, rest + 1), None)
        form, origins = _without(form, quotes)
    first, second = bisect.bisect_left(origins, starts[1]), bisect.bisect_left(origins, rest)
    return Scanned(text, f" {form} ", starts, (1, first + 1, second + 1), origins)


def lead_end(text: str) -> int:
    """The end of a text's lead: after the first paragraph, or the last sentence within the limit."""
    start = len(text) - len(text.lstrip())
    newline = text.find("\n", start)
    end = len(text) if newline < 0 else newline
    if end <= start + MAX_LEAD:
        return end
    cut = start
    for found in _SENTENCE.finditer(text, start, start + MAX_LEAD):
        cut = found.end()
    return cut if cut > start else start + MAX_LEAD


def _edge_quotes(text: str) -> list[tuple[int, int]]:
    """Quotation marks with a blank on one side and a word on the other; in « word » with the inner blank too."""
    spans = []
    for found in _QUOTE.finditer(text):
        start, end = found.span()
        before, after = text[start - 1 : start], text[end : end + 1]
        if _blank(before):
            if _blank(after):  # « word, word »
                spans.append((start, end + 1))
            elif after.isalnum():
                spans.append((start, end))
        elif before.isalnum() and _blank(after):
            spans.append((start, end))
    return spans


def _blank(char: str) -> bool:
    return char != "\n" and char.isspace()


def _without(form: str, spans: Sequence[tuple[int, int]]) -> tuple[str, array[int]]:
    """`form` without the spans, and the former position of each character left."""
    pieces: list[str] = []
    origins = array("I")
    last = 0
    for start, end in [*spans, (len(form), len(form))]:
        pieces.append(form[last:start])
        origins.extend(range(last, start))
        last = end
    return "".join(pieces), origins
