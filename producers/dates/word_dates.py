"""Finds the day, the month and the year in a text that names the month in some language."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from producers.dates.cldr_words import MAX_PHRASE_WORDS, DateWords, date_words, folded, without_marks
from producers.dates.day_order import is_year_first
from producers.dates.machine_forms import ENGLISH_MONTHS

MAX_TOKENS = 18  # a longer text tells a story
PREFIX_CHARS = 3
PREFIX_LANGUAGES = 2  # the beginning of a word means nothing if only one language, and none of the feed's, has such a month
MAJORITY = 10  # a meaning that ten times as many languages share outweighs the other
Meanings = Mapping[int, frozenset[str]]
_TOKEN = re.compile(r"\d+|[^\d\s.,;:!?/()\[\]|\u060c\u3001-]+")


@dataclass(frozen=True, slots=True)
class Day:
    """A date as found, and the text without it. `year` is as written."""

    year: str
    month: int
    day: int
    rest: str


@dataclass(slots=True)
class _Sorted:
    """The parts of a text, by what they may be."""

    numbers: list[tuple[int, str]] = field(default_factory=list)  # (position, digits)
    months: list[tuple[int, Meanings, frozenset[str]]] = field(default_factory=list)  # (position, meanings, where it is a weekday)
    evidence: list[tuple[int, frozenset[str]]] = field(default_factory=list)  # (position, languages of a word around)
    others: list[tuple[int, str]] = field(default_factory=list)


def day_in_words(text: str, languages: Sequence[str]) -> Day | None:
    """The date of a text with one month, one day and one year, whatever other words there are."""
    tokens = [folded(token) for token in _TOKEN.findall(text)]
    digits = sum(token.isdecimal() for token in tokens)
    if not 2 <= digits <= 3 or len(tokens) > MAX_TOKENS or len(tokens) == digits:
        return None
    parts = _sorted(tokens, date_words(), languages)
    if not parts.months:
        parts.months = [(at, meant, frozenset()) for at, word in parts.others if (meant := _months_beginning(word, languages))]
    month = _month_meant(parts, (*languages, "en"))
    if month is None:
        return None
    at, number = month
    found = _day_and_year(parts.numbers, at, year_first=any(is_year_first(one) for one in languages[:1]))
    if found is None:
        return None
    day, year, used = found
    left = [tokens[position] for position, _digits in parts.numbers if position not in used]
    return Day(year, number, int(day), " ".join((*(word for _position, word in parts.others), *left)))


def _sorted(tokens: Sequence[str], words: DateWords, languages: Sequence[str]) -> _Sorted:
    parts = _Sorted()
    at = 0
    while at < len(tokens):
        if tokens[at].isdecimal():
            parts.numbers.append((at, tokens[at]))
            at += 1
            continue
        for count in range(MAX_PHRASE_WORDS, 0, -1):
            phrase = " ".join(tokens[at : at + count])
            known = _known(phrase, words) if at + count <= len(tokens) else None
            if known is not None:
                months, weekdays = known
                if months and (
                    len(phrase) > 2 or not phrase.isascii() or any(one in found for one in languages for found in months.values())
                ):
                    parts.months.append((at, months, weekdays))
                if weekdays:
                    parts.evidence.append((at, weekdays))
                at += count
                break
        else:
            parts.others.append((at, tokens[at]))
            if tokens[at] in words.marks:
                parts.evidence.append((at, words.marks[tokens[at]]))
            at += 1
    return parts


def _known(phrase: str, words: DateWords) -> tuple[Meanings, frozenset[str]] | None:
    for key in dict.fromkeys((phrase, without_marks(phrase))):
        months, weekdays = words.months.get(key, {}), words.weekdays.get(key, {})
        if months or weekdays:
            return months, frozenset(weekdays)
    return None


def _month_meant(parts: _Sorted, languages: Sequence[str]) -> tuple[int, int] | None:
    """(position, month); None when no month is named, or when two are possible."""
    candidates = parts.months
    if any(not doubts for _at, _meant, doubts in candidates):
        candidates = [one for one in candidates if not one[2]]  # `mar.` before another month is Tuesday
    found = []
    for at, meant, doubts in candidates:
        evidence = frozenset[str]().union(*(spoken for place, spoken in parts.evidence if place != at))
        number = meaning_of(meant, evidence, languages)
        if number is not None:
            trust = _trust(meant[number], evidence, languages)
            likely = date_words().thorough
            if trust or not doubts or len(meant[number] & likely) >= len(doubts & likely):
                found.append((at, number, trust))
    most = max((trust for _at, _number, trust in found), default=0)
    if len(found) < len(candidates) or len({number for _at, number, _trust in found}) > 1:
        found = [one for one in found if one[2] == most > 0]  # a word of one language may name a month in another
    return found[0][:2] if len({number for _at, number, _trust in found}) == 1 else None


def _trust(spoken: frozenset[str], evidence: frozenset[str], languages: Sequence[str]) -> int:
    """How surely a word is the month: in the feed's languages or in many, 2; in that of the words around, 1."""
    if len(spoken) >= MAJORITY or not spoken.isdisjoint(languages):
        return 2
    return 0 if spoken.isdisjoint(evidence) else 1


def meaning_of(meant: Meanings, evidence: frozenset[str], languages: Sequence[str]) -> int | None:
    """The month a word means: where languages differ, the words around decide, then the feed's language, then better known ones."""
    if len(meant) > 1 and evidence:
        meant = {number: shared for number, found in meant.items() if (shared := found & evidence)} or meant
    if len(meant) > 1:
        likely = date_words().thorough.union(languages)
        meant = {number: spoken for number, found in meant.items() if (spoken := found & likely)} or meant
    if len(meant) == 1:
        return next(iter(meant))
    for language in languages:
        fitting = [number for number, found in meant.items() if language in found]
        if len(fitting) == 1:
            return fitting[0]
    ranked = sorted(meant.items(), key=lambda one: -len(one[1]))
    if ranked and len(ranked[0][1]) >= MAJORITY * sum(len(found) for _number, found in ranked[1:]):
        return ranked[0][0]
    return None


def names_month(word: str) -> bool:
    """True if the word is a month in some language."""
    return folded(word) in date_words().months


def languages_of_weekday(text: str) -> frozenset[str]:
    """The languages that have all words of the text that are weekdays; none when no word is one."""
    spoken = [frozenset(date_words().weekdays[word]) for word in _weekdays_in(text)]
    return frozenset.intersection(*spoken) if spoken else frozenset()


def weekdays_named(text: str, languages: Sequence[str]) -> frozenset[int]:
    """The days, Monday 0, that a weekday of the text may mean in the feed's languages or in English; in any, if no language is known."""
    for word in _weekdays_in(text):
        meant = date_words().weekdays[word]
        for language in (*languages, "en"):
            if language in meant:
                return frozenset((meant[language],))
        if not languages and len(word) > 2:  # short ones are other words elsewhere: `le`
            return frozenset(meant.values())
    return frozenset()


def _weekdays_in(text: str) -> list[str]:
    tokens = [folded(token) for token in _TOKEN.findall(text)[:MAX_TOKENS] if len(token) > 1 and not token[0].isdigit()]
    return [word for word in tokens if word in date_words().weekdays]


@cache
def _names_by_start() -> Mapping[str, list[tuple[str, Meanings]]]:
    found: dict[str, list[tuple[str, Meanings]]] = defaultdict(list)
    for name, numbers in date_words().months.items():
        found[name[:PREFIX_CHARS]].append((name, numbers))
    return found


def _months_beginning(word: str, languages: Sequence[str]) -> Meanings:
    """The months whose names begin with the word, for abbreviations that CLDR does not have."""
    if len(word) < PREFIX_CHARS or word in ENGLISH_MONTHS:
        return {}
    meant: dict[int, set[str]] = defaultdict(set)
    for name, numbers in _names_by_start().get(word[:PREFIX_CHARS], ()):
        if name.startswith(word):
            for number, found in numbers.items():
                meant[number] |= found
    return {
        number: frozenset(found) for number, found in meant.items() if len(found) >= PREFIX_LANGUAGES or not found.isdisjoint(languages)
    }


def _day_and_year(numbers: Sequence[tuple[int, str]], month_at: int, *, year_first: bool) -> tuple[str, str, set[int]] | None:
    """(day, year, their positions). A third number is left over, for whoever knows what it is."""
    long = [one for one in numbers if len(one[1]) == 4]
    short = [one for one in numbers if len(one[1]) <= 2]
    if len(long) == 1 and short and len(short) == len(numbers) - 1:
        before = [one for one in short if one[0] < month_at]
        day = before[-1] if before else short[0]
        return day[1], long[0][1], {day[0], long[0][0]}
    if long or len(short) != 2 or len(numbers) != 2:
        return None
    (first_at, first), (second_at, second) = short
    if first_at > month_at:
        return first, second, {first_at, second_at}  # Nov 5, 26
    if second_at < month_at:
        return None
    if year_first or int(first) > 31:
        first, second = second, first
    return first, second, {first_at, second_at}
