"""Reads one phrase of a theme file: the literal to search for, and the conditions where it is found.

In: the phrase as written. Out: `Phrase`, or `PhraseRefused` with the reason.

    tariff*          a word with this beginning       *zölle        a word with this ending
    trade deal       these words in this order        export* control*   wildcards at the edge of any word
    =US              in exactly these letters: case and accents count
    ^ceł             accents count, case does not; without either mark they count where the text has any
    #bn              a number followed by these letters (50bn, $50bn)
    !trade union*    not a hit: cancels the hits of its list that it overlaps
    @other           every phrase of the list `other`
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from newsmon.text.fold import latin_accent
from processors.search.scan import scan_form, scan_form_of_letters

ANY = "any"  # the language of phrases that are the same in every language
WITHOUT_ACCENTS = frozenset((ANY, "en"))  # names in other languages' texts, and English, lose their accents
MIN_STEM = 3
MIN_INNER = 4  # a stem open on both sides
MAX_WORDS = 8
MAX_LENGTH = 120


class PhraseRefused(ValueError):
    """The phrase cannot be used; the message gives the reason and the remedy."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase ready for the automaton."""

    source: str
    literal: str  # what the automaton searches for; a blank at an end is a word boundary
    open_left: bool = False  # the word goes on to the left of the literal
    open_right: bool = False
    exact: str | None = None  # the letters the original must have
    ignore_case: bool = False  # `exact` compares accents only
    whole: re.Pattern[str] | None = None  # wildcards inside: the literal is only the anchor
    excludes: bool = False
    language: str = ANY  # of the texts in which it counts
    accents: tuple[tuple[int, str], ...] = ()  # letters that keep their accent in a text with accents, by place in the literal


def parse_phrase(written: str, language: str = ANY) -> tuple[Phrase, ...]:
    """Return the phrase as one or two literals (ß is also searched for as ss). Raises PhraseRefused."""
    text = written.strip()
    excludes = text.startswith("!")
    text = text[1:].strip() if excludes else text
    mark = text[:1] if text[:1] in "=^" else ""
    text = text[1:].strip() if mark else text
    _refuse_hopeless(text)
    spellings = (text, text.replace("ß", "ss")) if "ß" in text and not mark else (text,)
    compiled = (_compiled(written, spelling, mark, excludes) for spelling in spellings)
    return tuple(replace(one, language=language, accents=_accents(one, language)) for one in compiled)


def _accents(phrase: Phrase, language: str) -> tuple[tuple[int, str], ...]:
    """The accented letters of the literal as written, with their places in it; none where its place in the phrase is not plain."""
    if language in WITHOUT_ACCENTS or phrase.exact is not None:
        return ()
    written = unicodedata.normalize("NFC", phrase.source).lower()
    start = scan_form_of_letters(written).find(phrase.literal.strip())
    if start < 0:
        return ()
    lead = len(phrase.literal) - len(phrase.literal.lstrip())
    letters = written[start : start + len(phrase.literal.strip())]
    return tuple((lead + index, letter) for index, letter in enumerate(letters) if latin_accent(letter))


def _refuse_hopeless(text: str) -> None:
    if not text:
        raise PhraseRefused("is empty")
    if len(text) > MAX_LENGTH:
        raise PhraseRefused(f"is longer than {MAX_LENGTH} characters: a phrase is a few words")
    if not text.replace("*", "").strip():
        raise PhraseRefused("is only a wildcard and would match everything")
    if "\n" in text or "\x00" in text:
        raise PhraseRefused("contains a line break or a control character")
    if "**" in text:
        raise PhraseRefused("has two wildcards in a row")
    if len(text.split()) > MAX_WORDS:
        raise PhraseRefused(f"has more than {MAX_WORDS} words: use a rule with `within` instead")
    if text.startswith("#"):
        if not text[1:].isalpha() or len(text) < MIN_STEM:
            raise PhraseRefused("must be # and at least two letters, nothing else; it finds them with a number before it")
        return
    for word in text.split():
        _refuse_word(word)


def _refuse_word(word: str) -> None:
    stem = word.strip("*")
    if not stem:
        raise PhraseRefused("has a wildcard standing alone: put it at the edge of a word")
    if "*" in stem:
        raise PhraseRefused(f"has a wildcard inside the word {word!r}: only the edges of a word can be open")
    letters = len(scan_form(stem).replace(" ", ""))
    if word.startswith("*") and word.endswith("*") and letters < MIN_INNER:
        raise PhraseRefused(f"stem {stem!r} is too short to be open on both sides (at least {MIN_INNER} letters)")
    if word != stem and letters < MIN_STEM:
        raise PhraseRefused(f"stem {stem!r} is too short for a wildcard (at least {MIN_STEM} letters)")


def _compiled(written: str, text: str, mark: str, excludes: bool) -> Phrase:
    if text.startswith("#"):
        unit = scan_form(text[1:])
        return Phrase(written, f"{unit} ", whole=re.compile(rf"(?<!\w)[\w$€£]{{0,12}}\d{unit}(?!\w)"), excludes=excludes)
    words = text.split()
    open_left, open_right = words[0].startswith("*"), words[-1].endswith("*")
    bare = text.strip("*")
    form = scan_form(bare)
    if len(form.replace(" ", "")) < 2 and not any(char in "%$€£" for char in form):
        raise PhraseRefused("is a single character and would match everywhere")
    if "*" not in bare:
        left = "" if open_left or not form[0].isalnum() else " "
        right = "" if open_right or not form[-1].isalnum() else " "
        exact = bare if mark else None
        return Phrase(written, left + form + right, open_left, open_right, exact, mark == "^", None, excludes)
    if mark:
        raise PhraseRefused(f"cannot have both the mark {mark!r} and a wildcard between words")
    return _with_inner_wildcards(written, words, excludes)


def _with_inner_wildcards(written: str, words: list[str], excludes: bool) -> Phrase:
    """The phrase with its longest piece without a wildcard as the anchor; a bounded expression confirms the rest."""
    pieces: list[str] = [""]
    expression = []
    for word in words:
        stem = scan_form(word.strip("*"))
        left, right = r"\w{0,30}" * word.startswith("*"), r"\w{0,30}" * word.endswith("*")
        expression.append(f"{left}{re.escape(stem)}{right}")
        pieces[-1] += " "
        if word.startswith("*"):
            pieces.append("")
        pieces[-1] += stem
        if word.endswith("*"):
            pieces.append("")
    pieces[-1] += " "
    anchor = max(pieces, key=lambda piece: len(piece.strip()))
    whole = re.compile(rf"(?<!\w){' '.join(expression)}(?!\w)")
    return Phrase(written, anchor, whole=whole, excludes=excludes)
