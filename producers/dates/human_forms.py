"""Reads dates that people and odd programs write: numeric ones in any order, and those with the words of any language.

A text is read only when every number in it has found its place. Whatever could mean two days is no date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from producers.dates.cldr_words import language_of
from producers.dates.clock_forms import ClockFound, take_clock, take_dotted_clock
from producers.dates.day_order import DayOrder, is_year_first, order_of_region
from producers.dates.moment import MIDNIGHT, Moment, full_year, moment_of
from producers.dates.word_dates import Day, day_in_words, languages_of_weekday, names_month, weekdays_named
from producers.dates.zone_words import zone_in_words
from producers.dates.zones import zone_named

_COMMENT = re.compile(r"\(([^()]*)\)")
_GAP = r"\s{0,2}"
_YEAR_FIRST = re.compile(rf"(?<![\d./-])(\d{{4}}){_GAP}([./-]){_GAP}(\d{{1,2}}){_GAP}\2{_GAP}(\d{{1,2}})(?!\d)")
_YEAR_LAST = re.compile(rf"(?<![\d./-])(\d{{1,2}}){_GAP}([./-]){_GAP}(\d{{1,2}}){_GAP}\2{_GAP}(\d{{4}})(?!\d)")
_SHORT_YEAR = re.compile(rf"(?<![\d./-])(\d{{1,2}}){_GAP}([./-]){_GAP}(\d{{1,2}}){_GAP}\2{_GAP}'?(\d{{2}})(?![\d:]|[./-]\d)")
_COMPACT = re.compile(r"(?<![\d-])((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)")
_NEGATIVE_YEAR = re.compile(r"(?:^|\s)-\d{4}(?!\d)")
MOST_LANGUAGES = 30  # a weekday of more tells nothing, and asking for each is dear
_THAI = re.compile(r"[\u0e00-\u0e7f]")
_BUDDHIST = range(2400, 2700)  # the years of the Thai calendar that are of our time
_ZONE_WORD = re.compile(r"(?<![^\W_])(?:[A-Z]{3,5}|[Мм][Сс][Кк])(?![^\W_])")


@dataclass(frozen=True)
class Hints:
    """What is known besides the text: languages, the likeliest first, a country, and the order of the feed's other dates."""

    languages: tuple[str, ...] = ()
    country: str | None = None
    day_order: DayOrder | None = None

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The languages by CLDR's codes, without regions."""
        return tuple(dict.fromkeys(language_of(one) for one in self.languages if one and one != "und"))

    @cached_property
    def numeric_order(self) -> DayOrder | None:
        """The order of day and month where the text leaves it open."""
        if self.day_order is not None:
            return self.day_order
        known: list[str | None] = [one for one in self.languages if one and one != "und"]
        return next((order for one in known or [None] if (order := order_of_region(one, self.country)) is not None), None)


def read_human_form(text: str, hints: Hints) -> Moment | None:
    """The moment of the text; None when anything about its date is open."""
    found = take_clock(text, hints.codes)
    if found.is_wrong or _NEGATIVE_YEAR.search(found.rest):
        return None
    for day, rest, clock in _dated(found, hints):
        if clock.is_wrong or any(one.isdigit() for one in rest):
            continue
        zone = clock.zone or found.zone
        if zone is None and clock.clock is not None:
            zone = next((known for word in _ZONE_WORD.findall(found.rest) if (known := zone_named(word)) and not names_month(word)), None)
            zone = zone or zone_in_words(found.rest, hints.codes)
        return moment_of(_year(day.year, text, hints), day.month, day.day, clock.clock or MIDNIGHT, zone)
    return None


def _dated(found: ClockFound, hints: Hints) -> Iterator[tuple[Day, str, ClockFound]]:
    """(date, the text without date and time, time). A time with dots is looked for behind the date, then before a date in words."""
    text = _without_comments(found.rest)
    for day in _days(text, hints):
        if found.clock is not None or not any(one.isdigit() for one in day.rest):
            yield day, day.rest, found
        else:
            dotted = take_dotted_clock(day.rest, hints.codes)
            yield day, dotted.rest, dotted
    if found.clock is None:
        dotted = take_dotted_clock(text, hints.codes)
        day_in_rest = day_in_words(dotted.rest, hints.codes) if dotted.clock is not None else None
        if day_in_rest is not None:
            yield day_in_rest, day_in_rest.rest, dotted


def _without_comments(text: str) -> str:
    """The text without what stands in brackets, unless all of it does."""
    outside = _COMMENT.sub(" ", text)
    return outside if any(one.isdigit() for one in outside) else _COMMENT.sub(r" \1 ", text)


def _year(digits: str, text: str, hints: Hints) -> int | None:
    is_thai = "th" in hints.codes or _THAI.search(text) is not None
    if is_thai and len(digits) == 2:
        return 2500 + int(digits) - 543
    year = full_year(digits)
    return year - 543 if year is not None and is_thai and year in _BUDDHIST else year


def _days(text: str, hints: Hints) -> Iterator[Day]:
    """What may be the date in the text, the surest form first."""
    if found := _YEAR_FIRST.search(text):
        yield Day(found[1], int(found[3]), int(found[4]), _cut(text, found))
    if found := _YEAR_LAST.search(text):
        yield from _in_order(found, hints, found[4], text)
    if found := _COMPACT.search(text):
        yield Day(found[1], int(found[2]), int(found[3]), _cut(text, found))
    if found := _SHORT_YEAR.search(text):
        yield from _short(found, hints, text)
    if (day := day_in_words(text, hints.codes)) is not None:
        yield day


def _in_order(found: re.Match[str], hints: Hints, year: str, text: str) -> Iterator[Day]:
    first, second, rest = int(found[1]), int(found[3]), _cut(text, found)
    if found[2] == "." or first == second or first > 12 or second > 12:
        is_day_first = second <= 12
    elif (order := _order_fitting_weekday(rest, first, second, year, hints) or hints.numeric_order or _order_of_weekday(rest)) is not None:
        is_day_first = order is DayOrder.DAY_FIRST
    else:
        return
    yield Day(year, second, first, rest) if is_day_first else Day(year, first, second, rest)


def _order_fitting_weekday(text: str, first: int, second: int, year: str, hints: Hints) -> DayOrder | None:
    """The only order in which the date falls on the weekday that the text names: `Thu, 05/11/2026` is in November."""
    named = weekdays_named(text, hints.codes)
    found = {DayOrder.DAY_FIRST: moment_of(full_year(year), second, first), DayOrder.MONTH_FIRST: moment_of(full_year(year), first, second)}
    fitting = [order for order, moment in found.items() if moment is not None and moment.local.weekday() in named]
    return fitting[0] if len(fitting) == 1 else None


def _order_of_weekday(text: str) -> DayOrder | None:
    """The order usual in all languages of a weekday in the text: `Gio, 05/11/2026` is Italian."""
    languages = languages_of_weekday(text)
    orders = {order_of_region(one, None) for one in languages} if 0 < len(languages) <= MOST_LANGUAGES and "en" not in languages else set()
    return DayOrder.DAY_FIRST if orders - {None} == {DayOrder.DAY_FIRST} else None


def _short(found: re.Match[str], hints: Hints, text: str) -> Iterator[Day]:
    """A date with a year of two digits. 26.11.05 is of 2005 where days come first, of 2026 where years do, and else open."""
    first, last = int(found[1]), int(found[4])
    year_first = Day(found[1], int(found[3]), last, _cut(text, found))
    if first > 31:
        yield year_first
    elif any(is_year_first(one) for one in hints.languages[:1]):
        if first >= 20:
            yield year_first
        elif last >= 20:
            yield from _in_order(found, hints, found[4], text)
    elif not 20 <= first <= 31 or last >= 20 or hints.numeric_order is not None:
        yield from _in_order(found, hints, found[4], text)


def _cut(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} , {text[found.end() :]}"
