"""The words for months, weekdays and parts of the day in every language, from the Unicode CLDR that Babel brings.

Babel keeps each locale it loads, 150 MB for all of them, so the files are read here one by one. That takes half a second, once in a
worker, and only when a date is met that no program's form fits.
"""

from __future__ import annotations

import importlib
import pickle
import pkgutil
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

AMBIGUOUS_DAY = -1
MAX_PHRASE_WORDS = 8  # as long as the longest name of a month
_ENGLISH_MONTHS = "january february march april may june july august september october november december".split()
_ROMAN = re.compile("[ivx]+")  # also names of kings and of chapters
THOROUGH_UNITS = 50  # of measurement: CLDR names them in 126 languages, which most of the world's news is in
WIDTHS = ("wide", "abbreviated", "short")
INVISIBLE = re.compile(r"[\u00ad\u061c\u070f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SEPARATORS = re.compile(r"[\s.,;:!?/()\[\]|\u200e\u200f\u060c\u3001\u2010-\u2015-]+")
_FIELD = re.compile(r"'((?:[^']|'')*)'|([GyYuUrQqMLlwWdDFgEecabBhHKkjJmsSAzZOvVXx])\2*|(.)", re.DOTALL)
_LETTERS_WITHOUT_MARKS = str.maketrans({"ł": "l", "ı": "i", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "ð": "d", "þ": "th", "ə": "e"})
# Words that CLDR's own patterns lack: what stands after a year or before an hour names the language of months that two languages share.
_MARKS = {"r": "pl", "godz": "pl", "godzina": "pl", "roku": "pl cs sk", "ob": "sl", "godine": "hr bs sr", "sati": "hr bs sr"}


@dataclass(frozen=True, slots=True)
class DateWords:
    """Phrases in `folded` form. A weekday counts from Monday 0, and is AMBIGUOUS_DAY where one language means two by a word; a part of the
    day is a set of hours.
    """

    months: Mapping[str, Mapping[int, frozenset[str]]]
    weekdays: Mapping[str, Mapping[str, int]]  # phrase -> language -> day
    hours: Mapping[str, Mapping[str, frozenset[int]]]  # phrase -> language -> hours
    marks: Mapping[str, frozenset[str]]  # words around dates -> their languages
    thorough: frozenset[str]  # languages that CLDR covers in depth; of the others it has little more than calendars


def words_of(text: str) -> list[str]:
    """The words between spaces and punctuation, folded."""
    return [word for word in _SEPARATORS.split(folded(text)) if word]


def folded(text: str) -> str:
    """The text without case, and without the dot that Turkish capitals leave behind."""
    return INVISIBLE.sub("", text.casefold()).replace("\u0307", "").replace("\u2019", "'").replace("\u02bc", "'")


def without_marks(word: str) -> str:
    """The word as people type it without accents. Marks of scripts in which they are vowels stay."""
    decomposed = unicodedata.normalize("NFD", word.translate(_LETTERS_WITHOUT_MARKS))
    return "".join(one for one in decomposed if not unicodedata.combining(one) or one > "\u08ff")


@cache
def date_words() -> DateWords:
    """All languages' words."""
    from babel import localedata  # slow to import

    months: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    weekdays: dict[str, dict[str, int]] = defaultdict(dict)
    hours: dict[str, dict[str, frozenset[int]]] = defaultdict(dict)
    marks: dict[str, set[str]] = {word: set(languages.split()) for word, languages in _MARKS.items()}
    thorough: set[str] = set()
    for name in sorted(localedata.locale_identifiers(), key=len):
        data: dict[str, Any] = pickle.loads(Path(localedata.resolve_locale_filename(name)).read_bytes())  # noqa: S301 - Babel's own file
        language = "no" if name == "nb" else name.partition("_")[0]
        if name == language and len(data.get("unit_patterns") or ()) >= THOROUGH_UNITS:
            thorough.add(language)
        patterns = list(_patterns(data))
        affixes = {affix for pattern in patterns for affix in _affixes(pattern)}
        for number, phrase in _names(data.get("months")):
            for key in _spellings(phrase, affixes):
                months[key][number].add(language)
        for number, phrase in _names(data.get("days")):
            for key in _spellings(phrase, ()) if len(phrase) > 1 else ():
                weekdays[key][language] = number if weekdays[key].get(language, number) == number else AMBIGUOUS_DAY
        for key, meant in _parts_of_day(data):
            hours[key][language] = hours[key].get(language, frozenset()) | meant
        for word in {word for pattern in patterns for word in _literals(pattern)}:
            marks.setdefault(word, set()).add(language)
    cldrs = set(months)
    for language, number, phrase in _dateparsers_months():
        for key in _spellings(phrase, ()) - cldrs:  # where both have a word, CLDR's is the one of dates
            months[key][number].add(language)
    return DateWords(
        {key: {number: frozenset(found) for number, found in meant.items()} for key, meant in months.items()},
        dict(weekdays),
        {key: dict(meant) for key, meant in hours.items()},
        {key: frozenset(found) for key, found in marks.items()},
        frozenset(thorough),
    )


def _dateparsers_months() -> Iterator[tuple[str, int, str]]:
    """(language, number, phrase): dateparser has the abbreviations that people use and cases of nouns that CLDR has not.

    Its reading itself is not used: it takes milliseconds a text, guesses the language by the first that fits, and knows "2 hours ago".
    """
    data = importlib.import_module("dateparser.data.date_translation_data")  # slow to import
    for module in pkgutil.iter_modules(data.__path__):
        info: dict[str, Any] = importlib.import_module(f"{data.__name__}.{module.name}").info
        for number, name in enumerate(_ENGLISH_MONTHS, start=1):
            for word in info.get(name, ()):
                phrase = " ".join(words_of(unicodedata.normalize("NFKC", word)))
                if phrase and not any(one.isdigit() for one in phrase) and not _ROMAN.fullmatch(phrase):
                    yield language_of(module.name), number, phrase


@cache
def language_of(tag: str) -> str:
    """The language of a tag such as pt-BR, by the code CLDR uses today."""
    from babel.core import get_global

    code = re.split(r"[-_]", tag.strip().lower())[0]
    code = str(get_global("language_aliases").get(code, code)).partition("_")[0]
    return "no" if code == "nb" else code


def _names(data: Any) -> Iterator[tuple[int, str]]:
    """(number, phrase) of months or weekdays; a placeholder such as M11 is none."""
    for form in (data or {}).values():
        for width in WIDTHS:
            names = form.get(width) if isinstance(form, Mapping) else None
            if not isinstance(names, Mapping):
                continue  # an alias of another form
            for number, name in names.items():
                phrase = " ".join(words_of(unicodedata.normalize("NFKC", name)))
                if phrase and not any(one.isdigit() for one in phrase):
                    yield number, phrase


def _spellings(phrase: str, affixes: Any) -> set[str]:
    glued = {phrase} | {f"{before}{phrase}{after}" for before, after in affixes}
    return glued | {without_marks(one) for one in glued}


def _patterns(data: Mapping[str, Any]) -> Iterator[str]:
    for kind in ("date_formats", "datetime_skeletons"):
        formats = data.get(kind)
        if isinstance(formats, Mapping):
            for one in formats.values():
                pattern = getattr(one, "pattern", None)
                if isinstance(pattern, str):
                    yield pattern


def _pieces(pattern: str) -> list[tuple[bool, str]]:
    """(is it a literal, text) in order."""
    return [(not found[2], found[1] if found[2] is None and found[1] is not None else found[0]) for found in _FIELD.finditer(pattern)]


def _affixes(pattern: str) -> Iterator[tuple[str, str]]:
    """What a language writes together with the month: (before, after). Hebrew puts a letter before it, Basque an ending behind."""
    pieces = _pieces(pattern)
    for at, (literal, field) in enumerate(pieces):
        if literal or not field.startswith(("MMM", "LLL")):
            continue
        before = re.split(_SEPARATORS, "".join(text if is_text else " " for is_text, text in pieces[:at]))[-1]
        after = re.split(_SEPARATORS, "".join(text if is_text else " " for is_text, text in pieces[at + 1 :]))[0]
        if before or after:
            yield folded(before), folded(after)


def _literals(pattern: str) -> Iterator[str]:
    yield from words_of("".join(text if literal else " " for literal, text in _pieces(pattern)))


def _parts_of_day(data: Mapping[str, Any]) -> Iterator[tuple[str, frozenset[int]]]:
    rules = {"am": frozenset(range(12)), "pm": frozenset(range(12, 24))}
    found = data.get("day_period_rules")
    for name, spans in ((found or {}).get(None) or {}).items() if isinstance(found, Mapping) else ():
        rules.setdefault(name, frozenset(hour for span in spans for hour in _hours_of(span)))
    for form in (data.get("day_periods") or {}).values():
        for width in ("wide", "abbreviated"):
            names = form.get(width) if isinstance(form, Mapping) else None
            for name, text in names.items() if isinstance(names, Mapping) else ():
                key = "".join(words_of(unicodedata.normalize("NFKC", text)))
                if name in rules and (len(key) > 1 or key > "\u02ff"):
                    yield key, rules[name]
                    yield without_marks(key), rules[name]


def _hours_of(span: Mapping[str, Any]) -> Iterator[int]:
    start, end = span.get("from", span.get("at")), span.get("before", span.get("at"))
    if not isinstance(start, int) or not isinstance(end, int):
        return
    first, last = start // 3600, end // 3600
    yield from (hour % 24 for hour in range(first, last if last > first else last + 24))
