"""Stop words, number words, and the signs of a text's language.

In: the files of stop-words/, number-words/ and languages/. Out: `StopWords`, `NumberWords`, `LanguageSigns`. I/O: none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsmon.errors import Problem
from newsmon.toml_files import read_toml
from newsmon.words.expressions import usable
from newsmon.words.files import WordFiles
from newsmon.words.plain import plain_words
from newsmon.words.rows import LanguagesFile, NumbersFile, StopFile

_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class StopWords:
    """Words without accents and apostrophes, lower case."""

    words: frozenset[str]  # say nothing about which story an article belongs to
    capitalised: frozenset[str]  # written with a capital, and still no name that would tell one story from another


def stop_words_of(files: WordFiles, problems: list[Problem]) -> StopWords:
    """Return the words of all files together; a file of the user's may take some away."""
    found: dict[str, set[str]] = {"words": set(), "capitalised": set()}
    for file in files.of_kind("stop-words"):
        read = read_toml(file.name, file.raw, StopFile, problems).model
        if read is None:
            continue
        for key, known in found.items():
            known |= set(plain_words(getattr(read, key).lower()))
            unwanted = plain_words(getattr(read.remove, key).lower())
            problems += [Problem(f"{file.name}:remove.{key}", f"{word!r} is not in the list") for word in unwanted if word not in known]
            known -= set(unwanted)
    return StopWords(frozenset(found["words"]), frozenset(found["capitalised"]))


@dataclass(frozen=True, slots=True)
class NumberWords:
    """Words for small numbers, and words that scale them."""

    digits: Mapping[str, str]  # word -> digits
    hundreds: frozenset[str]  # words that multiply the number before them
    values: frozenset[str]
    scales: Mapping[int, re.Pattern[str]]  # power of ten -> words that multiply by it, the highest first
    numeral: re.Pattern[str]  # digits, with what scales them and whether they are a share

    def with_digits(self, words: Sequence[str]) -> list[str]:
        """Return lower-case words with the small numbers among them as digits, "two hundred" as one."""
        written: list[str] = []
        for word in words:
            if word in self.hundreds and written and written[-1] in self.values:
                written[-1] += "00"
            else:
                written.append(self.digits.get(word, word))
        return written


def number_words_of(files: WordFiles, problems: list[Problem]) -> NumberWords:
    """Return the words of all files together."""
    digits: dict[str, tuple[str, str]] = {}
    hundreds: set[str] = set()
    percent: list[str] = []
    scales: dict[int, list[str]] = {}
    for file in files.of_kind("number-words"):
        read = read_toml(file.name, file.raw, NumbersFile, problems).model
        if read is None:
            continue
        for word in read.remove.split():
            if digits.pop(word, None) is None and word not in hundreds:
                problems.append(Problem(f"{file.name}:remove", f"{word!r} is not a number word"))
            hundreds.discard(word)
        hundreds |= set(read.hundred.split())
        percent += usable(read.percent, f"{file.name}:percent", problems)
        for power, patterns in read.scale.items():
            where = f'{file.name}:scale."{power}"'
            if not re.fullmatch(r"[1-9]\d?", power, re.ASCII):
                problems.append(Problem(where, "must be a power of ten, such as 6 for million"))
                continue
            scales.setdefault(int(power), []).extend(usable(patterns, where, problems))
        for number, words in (read.__pydantic_extra__ or {}).items():
            where = f'{file.name}:"{number}"' if number.isdecimal() else f"{file.name}:{number}"
            if not (number.isascii() and number.isdecimal() and number == str(int(number))):
                problems.append(Problem(where, "unknown key: must be digits, or hundred"))
                continue
            for word in words.lower().split():
                first = digits.setdefault(word, (number, where))
                if first[0] != number:
                    problems.append(Problem(where, f"{word!r} already stands for {first[0]} ({first[1]})"))
    plain = {word: number for word, (number, _where) in digits.items()}
    by_power = {power: re.compile("|".join(scales[power]), re.IGNORECASE) for power in sorted(scales, reverse=True) if scales[power]}
    return NumberWords(plain, frozenset(hundreds), frozenset(plain.values()), by_power, _numeral(by_power, percent))


def _numeral(scales: Mapping[int, re.Pattern[str]], percent: Sequence[str]) -> re.Pattern[str]:
    scale = "|".join(pattern.pattern for pattern in scales.values()) or "(?!)"
    return re.compile(
        rf"(?<![\w.,])(?P<digits>\d{{1,3}}(?:[ \u00a0.,]\d{{3}})+(?![\d])|\d+)(?P<decimal>[.,]\d{{1,2}}(?!\d))?"
        rf"(?:[ \u00a0-]?(?P<scale>{scale})(?!\w))?"
        rf"(?:[ \u00a0-]?(?P<percent>{'|'.join(percent) or '(?!)'}))?",
        re.IGNORECASE,
    )


@dataclass(frozen=True, slots=True)
class LanguageSigns:
    """The signs of a short text's language, by ISO 639-1 code."""

    function_words: Mapping[str, frozenset[str]]
    letters: Mapping[str, str]  # only this language has them
    endings: Mapping[str, re.Pattern[str]]


def language_signs_of(files: WordFiles, problems: list[Problem]) -> LanguageSigns:
    """Return the signs of all files together."""
    words: dict[str, set[str]] = {}
    letters: dict[str, str] = {}
    endings: dict[str, list[str]] = {}
    for file in files.of_kind("languages"):
        read = read_toml(file.name, file.raw, LanguagesFile, problems).model
        for code, row in (read.__pydantic_extra__ or {}).items() if read is not None else ():
            if not _LANGUAGE.fullmatch(code):
                problems.append(Problem(f"{file.name}:{code}", "must be an ISO 639 code, such as nl"))
            words.setdefault(code, set()).update(row.words.lower().split())
            letters[code] = letters.get(code, "") + "".join(row.letters.split())
            for number, ending in enumerate(row.endings):
                if not ending.isalpha():
                    problems.append(Problem(f"{file.name}:{code}.endings[{number}]", f"{ending!r} must be letters"))
                endings.setdefault(code, []).append(ending)
    return LanguageSigns(
        {code: frozenset(found) for code, found in words.items()},
        {code: found for code, found in letters.items() if found},
        {code: re.compile(rf"\w{{3}}(?:{'|'.join(map(re.escape, found))})\b") for code, found in endings.items()},
    )
