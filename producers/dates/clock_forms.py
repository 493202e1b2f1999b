"""Finds the time of day, its part of the day and its zone in a date that a person or an odd program wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from producers.dates.cldr_words import date_words, words_of
from producers.dates.moment import Clock, clock_of
from producers.dates.zones import zone_named, zone_of_area, zone_of_offset

_COLONS = re.compile(r"(?<![\d:])(\d{1,2})\s?:\s?(\d{2}|\d(?=:\d))(?:\s?:\s?(\d{1,2})(?:[.,:](\d+))?)?(?![\d:])")
_LETTER = re.compile(
    r"(?<![\d:.])(\d{1,2})\s?(?:h|hs|hrs|uhr|uur|ч|год)(?![^\W\d_])\.?(?:\s?(\d{2})(?!\d)(?:\s?(?:min|мин|хв|m)\b)?(?:\s?(\d{2})\s?s\b)?)?",
    re.IGNORECASE,
)
_GLUED_LETTER = re.compile(r"(?<![\d:.])(\d{1,2})h(\d{2})(?:m(?:in)?)?(?![^\W_])", re.IGNORECASE)
_TWELVE_HOURS = re.compile(r"(?<![\d:.])(\d{1,2})(?=\s?[ap]\.?\s?m\b)", re.IGNORECASE)
_DOTS = re.compile(r"(?<!\d)(?<!\d\.)(\d{1,2})\.(\d{2})(?:\.(\d{2})(?:\.(\d{3,9}))?)?(?!\.?\d)")
_HOUR_ALONE = re.compile(
    r"(?:^|[\s,])(?:ore|kl|klo|godz|um|at|ob|las|les|alle|à|as|às|в|о|saat|stá|ώρα)\.?\s(\d{1,2})(?:,(\d{2}))?\s*$", re.IGNORECASE
)
_AM_PM = re.compile(r"\s{0,3}([ap])\.?\s?m\b\.?", re.IGNORECASE)
_OFFSET = re.compile(r"\s{0,3}(?:(?:GMT|UTC|UT)\s?)?([+-])\s?(\d{1,2}?):?(\d{2})(?::00)?(?![\d./:-])", re.IGNORECASE)
_SHORT_OFFSET = re.compile(
    r"(?:\s{0,3}(?:GMT|UTC|UT)\s?|(?=\s?[+-]\d\d?\s?$)|(?=\s?[+-]\d\d(?:\s?[^\s\d./-]|\s[+-]\d)))\s?([+-])(\d{1,2})(?![\d./:])",
    re.IGNORECASE,
)
_OPENING = re.compile(r"^\s{0,3}\((?=(?:GMT|UTC|UT)?\s?[+-]\d)", re.IGNORECASE)
_ZONE_NAME = re.compile(r"\s{0,3}([ECMP]ST\d[ECMP]DT|[^\W\d_]{1,5})(?![^\W_])", re.IGNORECASE)
_AREA = re.compile(r"\[?\b([A-Za-z]{2,14}(?:/[A-Za-z][A-Za-z_+-]{1,19}){1,2})\b\]?")
_GO_MONOTONIC = re.compile(r"\bm=[+-]\d+(?:\.\d+)?")
_APACHE = re.compile(r"(?<=/\d{4}):(?=\d{2}:\d{2})")

MAX_ZONES = 4  # beside one time: +0100 CET (GMT+01:00)


@dataclass(frozen=True, slots=True)
class ClockFound:
    """A time of day, or none, and the text without it. `is_wrong` when the text contradicts itself or names no place's offset."""

    clock: Clock | None
    zone: tzinfo | None
    rest: str
    is_wrong: bool = False


def take_clock(text: str, languages: Sequence[str]) -> ClockFound:
    """The time of day written with colons or a letter for the hour, and what follows it."""
    text = _GO_MONOTONIC.sub(" ", _APACHE.sub(" ", text))
    zone, text = _taken_area(text)
    found = _COLONS.search(text) or _GLUED_LETTER.search(text) or _TWELVE_HOURS.search(text) or _LETTER.search(text)
    if found is None:
        return ClockFound(None, zone, text)
    return _around(text, found, zone, languages)


def take_dotted_clock(text: str, languages: Sequence[str]) -> ClockFound:
    """The time of day written 14.30, or as an hour alone after a word for it; only sure once the date is out of the text."""
    found = _DOTS.search(text) or _HOUR_ALONE.search(text)
    return ClockFound(None, None, text) if found is None else _around(text, found, None, languages)


def _around(text: str, found: re.Match[str], area: tzinfo | None, languages: Sequence[str]) -> ClockFound:
    digits = (*found.groups(), None, None, None)
    clock = clock_of(digits[0] or "0", digits[1], digits[2], digits[3])
    before, after = text[: found.start()], text[found.end() :]
    hour: int | None = clock.hour
    if am_pm := _AM_PM.match(after):
        hour = hour_of_half(clock.hour, is_pm=am_pm[1] in "pP")
        after = after[am_pm.end() :]
    elif any(one.isalpha() for one in before[-16:] + after[:16]):
        hour = _hour_of_part(clock.hour, before[-24:], after[:24], languages)
    zone, after, is_wrong = _taken_zone(after)
    rest = f"{before} , {after}"
    if hour is None or is_wrong:
        return ClockFound(clock, zone, rest, is_wrong=True)
    return ClockFound(Clock(hour, clock.minute, clock.second, clock.microsecond), zone or area, rest)


def hour_of_half(hour: int, *, is_pm: bool) -> int | None:
    """The hour of 24. Programs that mix their patterns write 13:05 PM, which is clear; 13:05 AM contradicts itself."""
    if hour > 12:
        return hour if is_pm else None
    return hour % 12 + (12 if is_pm else 0)


def _hour_of_part(hour: int, before: str, after: str, languages: Sequence[str]) -> int | None:
    """The hour of 24, from a word for the part of the day beside it: 下午, 오후, μ.μ. None when the word may also be a weekday: Sa, CH."""
    if hour > 12:
        return hour
    words = date_words()
    for key in _phrases_beside(before, after):
        meant = words.hours.get(key)
        if meant is None:
            continue
        known = next((meant[one] for one in languages if one in meant), None)
        fitting = {hour % 12, hour % 12 + 12} & (known or frozenset[int]().union(*meant.values()))
        if known is None and key in words.weekdays:
            if len(fitting) == 1 and fitting != {hour} and not any(one in words.weekdays[key] for one in languages):
                return None
        elif len(fitting) == 1:
            return fitting.pop()
    return hour


def _phrases_beside(before: str, after: str) -> Iterator[str]:
    """The phrases next to the time, longest first, then those with one word between: Ewe writes one there."""
    behind, ahead = words_of(after)[:4], words_of(before)[-4:]
    for skipped in (0, 1):
        for count in (3, 2, 1):
            if skipped + count <= len(behind):
                yield "".join(behind[skipped : skipped + count])
            if skipped + count <= len(ahead):
                yield "".join(ahead[len(ahead) - skipped - count : len(ahead) - skipped])


def _taken_area(text: str) -> tuple[tzinfo | None, str]:
    for found in _AREA.finditer(text):
        zone = zone_of_area(found[1])
        if zone is not None:
            return zone, f"{text[: found.start()]} {text[found.end() :]}"
    return None, text


def _taken_zone(after: str) -> tuple[tzinfo | None, str, bool]:
    """(zone, the text without it, True if an offset is impossible or contradicts another). Offsets outrank names beside them."""
    offsets: list[tzinfo | None] = []
    names: list[tzinfo] = []
    for _ in range(MAX_ZONES):
        after = _OPENING.sub(" ", after)
        if offset := _OFFSET.match(after) or _SHORT_OFFSET.match(after):
            offsets.append(zone_of_offset(offset[1], offset[2], offset[3] if offset.re.groups == 3 else None))
            after = after[offset.end() :].removeprefix(")")
        elif found := _named_zone(after):
            names.append(found[0])
            after = found[1]
        else:
            break
    shifts = {one.utcoffset(None) if one is not None else None for one in offsets}
    if len(shifts) > 1 or None in shifts:
        return None, after, True
    return next(iter((*offsets, *names)), None), after, False


def _named_zone(after: str) -> tuple[tzinfo, str] | None:
    """The zone whose name the text begins with, and what follows."""
    for opening in ("", " (", "("):
        name = _ZONE_NAME.match(after, len(opening)) if after.startswith(opening) else None
        zone = zone_named(name[1]) if name is not None else None
        if name is not None and zone is not None:
            return zone, after[name.end() :]
    return None
