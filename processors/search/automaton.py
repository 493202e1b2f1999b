"""One Aho-Corasick automaton for the phrases of all themes; it reads a text once, however many themes there are.

In: lists of phrases; a scanned text, the languages it may be in. Out: the hits of each list.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import ahocorasick_rs

from processors.search.phrases import ANY, Phrase
from processors.search.scan import Scanned

MAX_HITS = 200  # of one list in one text: enough for any score, and a limit for odd texts
MAX_WORD = 80  # a hit is extended to the end of its word, but no further: a word may be as long as the text
MAX_DOUBTS = 20_000  # of one literal in one text: occurrences whose letters and neighbours are checked; real texts have a few
PIECE = 500_000  # characters searched at a time: only the hits of one piece are in memory
MAX_LANGUAGE_SETS = 64  # kept; texts are in one language, or in doubt between a few
OVERLAP = 200  # longer than any literal
Hit = tuple[int, int]  # span in the searchable form
Hits = dict[int, list[Hit]]  # list number -> its hits in reading order
Languages = frozenset[str]


@dataclass(frozen=True, slots=True)
class _Target:
    """The meaning of a found literal."""

    phrase: Phrase
    trim_left: int
    trim_right: int
    lists: tuple[int, ...]
    in_body: tuple[int, ...]  # the lists among them that some rule searches for in the body
    plain: bool  # nothing to check, nothing to extend
    stem: bool  # nothing to check, extended to the right


class Automaton:
    """The compiled search; `find` may be called for any number of articles in turn."""

    def __init__(self, lists: Sequence[Sequence[Phrase]], head_only: frozenset[int] = frozenset()) -> None:
        """`head_only`: lists whose hits in the body no rule can use."""
        owners: dict[Phrase, set[int]] = {}
        for number, phrases in enumerate(lists):
            for phrase in phrases:
                owners.setdefault(phrase, set()).add(number)
        by_literal: dict[str, list[_Target]] = {}
        for phrase, numbers in owners.items():
            by_literal.setdefault(phrase.literal, []).append(_target(phrase, tuple(sorted(numbers)), head_only))
        self.literal_count = len(by_literal)
        self.phrases_by_list = tuple(tuple(phrases) for phrases in lists)
        self.languages: Languages = frozenset(phrase.language for phrase in owners) - {ANY}
        self._targets = list(by_literal.values())
        self._by_languages: dict[Languages, list[tuple[list[_Target], list[_Target]]]] = {}
        self._search = ahocorasick_rs.AhoCorasick(list(by_literal), store_patterns=False) if by_literal else None

    def find(self, scanned: Scanned, languages: Languages | None = None, *, useful: bool = False) -> Hits:
        """Every list with a hit, without the hits that an excluding phrase of the same list overlaps.

        Only phrases for any of `languages` are found, and those for all; without `languages` every phrase. `useful` also leaves out hits
        that no rule can use.
        """
        return self.find_and_foreign(scanned, languages, useful=useful)[0]

    def find_and_foreign(self, scanned: Scanned, languages: Languages | None, *, useful: bool) -> tuple[Hits, Languages]:
        """The hits, and the other languages that something in the text may be a phrase of."""
        hits: Hits = {}
        if self._search is None:
            return hits, frozenset()
        means = self._for(languages)
        excluded: Hits = {}
        doubts: dict[int, int] = {}
        in_head: set[int] = set()
        in_body: set[int] = set()
        form = scanned.form
        body = scanned.field_starts[2] - 1 if useful else len(form)
        for literal, start, end in self._found(form):
            targets, foreign = means[literal]
            if foreign:
                (in_head if start < body else in_body).add(literal)
            for target in targets:
                lists = target.lists if start < body else target.in_body
                if not lists:
                    continue
                if target.plain:
                    span = (start + target.trim_left, end - target.trim_right)
                elif target.stem:  # most phrases: the beginning of a word, extended to its end
                    stop = form.find(" ", end, end + MAX_WORD)
                    span = (start + 1, stop if stop >= 0 else min(end + MAX_WORD, len(form) - 1))
                else:
                    doubts[literal] = doubts.get(literal, 0) + 1
                    found = _confirmed(target, scanned, start, end) if doubts[literal] <= MAX_DOUBTS else None
                    if found is None:
                        continue
                    span = found
                into = excluded if target.phrase.excludes else hits
                for number in lists:
                    known = into.setdefault(number, [])
                    if len(known) < MAX_HITS:
                        known.append(span)
        others = {
            target.phrase.language
            for passed, is_head in ((in_head, True), (in_body, False))
            for literal in passed
            for target in means[literal][1]
            if _would_add(target, hits, is_head=is_head)
        }
        return _without(excluded, hits), frozenset(others)

    def _for(self, languages: Languages | None) -> list[tuple[list[_Target], list[_Target]]]:
        """By literal: what it means in these languages, and what in others."""
        wanted = self.languages if languages is None else languages & self.languages
        known = self._by_languages.get(wanted)
        if known is None:
            if len(self._by_languages) >= MAX_LANGUAGE_SETS:
                self._by_languages.clear()
            means = wanted | {ANY}
            known = [
                (
                    [target for target in targets if target.phrase.language in means],
                    [target for target in targets if target.phrase.language not in means],
                )
                for targets in self._targets
            ]
            self._by_languages[wanted] = known
        return known

    def _found(self, form: str) -> Iterable[tuple[int, int, int]]:
        """(literal, start, end) of everything in `form`, ordered by their ends; long texts piece by piece."""
        assert self._search is not None
        if len(form) <= PIECE:
            found: Iterable[tuple[int, int, int]] = self._search.find_matches_as_indexes(form, overlapping=True)
            return found
        return self._piecewise(form)

    def _piecewise(self, form: str) -> Iterator[tuple[int, int, int]]:
        assert self._search is not None
        for first in range(0, len(form), PIECE):
            back = min(first, OVERLAP)  # a literal that ends after the border may begin before it
            for literal, start, end in self._search.find_matches_as_indexes(form[first - back : first + PIECE], overlapping=True):
                if end > back:
                    yield literal, start + first - back, end + first - back


def _would_add(target: _Target, hits: Hits, *, is_head: bool) -> bool:
    """True when a phrase of another language would add a list that the text's own language has not found anyway."""
    return any(number not in hits for number in (target.lists if is_head else target.in_body))


def _without(excluded: Hits, hits: Hits) -> Hits:
    """The hits that overlap no excluded span of the same list."""
    for number, spans in excluded.items():
        if number in hits:
            left = [hit for hit in hits[number] if not any(hit[0] < end and start < hit[1] for start, end in spans)]
            if left:
                hits[number] = left
            else:
                del hits[number]
    return hits


def _target(phrase: Phrase, lists: tuple[int, ...], head_only: frozenset[int]) -> _Target:
    literal = phrase.literal
    unconditional = not phrase.open_left and phrase.exact is None and phrase.whole is None and not phrase.accents
    stem = unconditional and phrase.open_right and literal.startswith(" ")
    in_body = tuple(number for number in lists if number not in head_only)
    return _Target(phrase, literal.startswith(" "), literal.endswith(" "), lists, in_body, unconditional and not phrase.open_right, stem)


def _confirmed(target: _Target, scanned: Scanned, start: int, end: int) -> Hit | None:
    """The span of the whole hit, or None when case, accents or the words around the anchor do not fit."""
    phrase, form = target.phrase, scanned.form
    if phrase.accents and scanned.has_accents and not all(scanned.has_letter(start + at, letter) for at, letter in phrase.accents):
        return None
    if phrase.whole is not None:
        for found in phrase.whole.finditer(form, max(0, start - 150), min(len(form), end + 150)):
            if found.start() <= start + target.trim_left and found.end() >= end - target.trim_right:
                return found.span()
        return None
    start, end = start + target.trim_left, end - target.trim_right
    if phrase.exact is not None and not _exactly(phrase, scanned, start, end):
        return None
    if phrase.open_right:
        stop = form.find(" ", end, end + MAX_WORD)
        end = stop if stop >= 0 else min(end + MAX_WORD, len(form) - 1)
    if phrase.open_left:
        edge = max(0, start - MAX_WORD)
        start = max(form.rfind(" ", edge, start) + 1, edge + 1)
    return start, end


def _exactly(phrase: Phrase, scanned: Scanned, start: int, end: int) -> bool:
    first, stop = scanned.original(start, end)
    there, wanted = scanned.text[first:stop], phrase.exact or ""
    if not phrase.ignore_case and (there != wanted or phrase.excludes) and scanned.in_capitals(start):
        if phrase.excludes and wanted.isupper():
            return False  # an acronym cannot be told from the word that it is kept apart from
        there, wanted = there.upper(), wanted.upper()
    if there == wanted:
        return True
    there, wanted = unicodedata.normalize("NFC", there), unicodedata.normalize("NFC", wanted).strip(".")
    there = there.replace("’", "'").strip(".")
    return there.lower() == wanted.lower() if phrase.ignore_case else there == wanted
