"""Reads the dates that programs write: RFC 822, ISO 8601, seconds since 1970. Nearly all feeds have one, so they come first."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from producers.dates.moment import MIDNIGHT, Moment, clock_of, full_year, moment_of
from producers.dates.zones import zone_named, zone_of_area, zone_of_offset

ENGLISH_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)}
_OFFSET = r"([+-])(\d{2}):?(\d{2})"
_RFC_822 = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun),?\s+)?(\d{1,2})[ -](jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[ -](\d{4})\s+"
    rf"(\d{{1,2}}):(\d{{2}})(?::(\d{{2}}))?\s*(?:{_OFFSET}|([a-z]{{1,5}}))",
    re.ASCII | re.IGNORECASE,
)
_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:(?:[Tt]|\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?"
    rf"\s*(?:{_OFFSET}|([Zz])|([+-])(\d{{2}}))?(?:\[?\s?([A-Za-z]+/[A-Za-z_/+-]+)\]?)?",
    re.ASCII,
)
_COMPACT = re.compile(
    rf"((?:19|20)\d{{2}})(\d{{2}})(\d{{2}})(?:[Tt ]?(\d{{2}})(\d{{2}})(?:(\d{{2}})(?:[.,](\d+))?)?\s*(?:{_OFFSET}|([Zz]))?)?", re.ASCII
)
_WEEK = re.compile(r"(\d{4})-?[Ww](\d{2})-?([1-7])(?:$|[Tt ])(.*)", re.ASCII)
_ORDINAL = re.compile(r"((?:19|20)\d{2})(?:-(\d{3})|(\d{3}))(?:$|[Tt ])(.*)", re.ASCII)
_EPOCH = re.compile(r"@?(\d{9,19})(?:[.,]\d{1,9})?", re.ASCII)
_SCRIPT_DATE = re.compile(r"/?(?:new )?Date\((\d{9,13})(?:[+-]\d{4})?\)/?", re.ASCII)
# Seconds, milli-, micro- and nanoseconds of the same years differ by their number of digits.
_EPOCH_UNITS = {9: 0, 10: 0, 12: 3, 13: 3, 15: 6, 16: 6, 18: 9, 19: 9}
EARLIEST_EPOCH_S = 631_152_000  # 1990


def read_machine_form(text: str) -> Moment | None:
    """The moment of a text that has one of these forms entirely; None for any other text, and for impossible dates."""
    return _rfc_822(text) or _iso(text) or _epoch(text) or _compact(text) or _week_or_day_of_year(text)


def _rfc_822(text: str) -> Moment | None:
    found = _RFC_822.fullmatch(text)
    if found is None:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes, name = found.groups()
    zone = zone_of_offset(sign, hours, minutes) if sign else zone_named(name)
    if zone is None:
        return None
    return moment_of(full_year(year), ENGLISH_MONTHS[month.lower()], int(day), clock_of(hour, minute, second), zone)


def _iso(text: str) -> Moment | None:
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, hours, minutes, utc, short_sign, short_hours, area = found.groups()
    zone = UTC if utc else zone_of_offset(sign or short_sign, hours or short_hours, minutes) if sign or short_sign else None
    if (sign or short_sign) and zone is None:
        return None
    if area and zone is None:
        zone = zone_of_area(area)
    return moment_of(int(year), int(month), int(day), clock_of(hour, minute, second, fraction) if hour else MIDNIGHT, zone)


def _epoch(text: str) -> Moment | None:
    found = _EPOCH.fullmatch(text) or _SCRIPT_DATE.fullmatch(text)
    if found is None or len(found[1]) not in _EPOCH_UNITS:
        return None
    second, rest = divmod(int(found[1]), 10 ** _EPOCH_UNITS[len(found[1])])
    if second < EARLIEST_EPOCH_S:
        return None
    fraction = str(rest).zfill(_EPOCH_UNITS[len(found[1])]) if rest else "0"
    at = datetime.fromtimestamp(second, UTC) + timedelta(microseconds=int(fraction[:6].ljust(6, "0")))
    return Moment(at.replace(tzinfo=None), UTC)


def _compact(text: str) -> Moment | None:
    found = _COMPACT.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, hours, minutes, utc = found.groups()
    zone = UTC if utc else zone_of_offset(sign, hours, minutes) if sign else None
    if sign and zone is None:
        return None
    return moment_of(int(year), int(month), int(day), clock_of(hour, minute, second, fraction) if hour else MIDNIGHT, zone)


def _week_or_day_of_year(text: str) -> Moment | None:
    try:
        if found := _WEEK.fullmatch(text):
            day = datetime.fromisocalendar(int(found[1]), int(found[2]), int(found[3]))
        elif found := _ORDINAL.fullmatch(text):
            number = int(found[2] or found[3])
            day = datetime(int(found[1]), 1, 1) + timedelta(days=number - 1)  # noqa: DTZ001
            if number == 0 or day.year != int(found[1]):
                return None
        else:
            return None
    except ValueError:
        return None
    rest = found[found.re.groups]
    return _iso(f"{day:%Y-%m-%d}T{rest}") if rest else Moment(day)
