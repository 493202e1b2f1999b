"""The publication time an entry states, read by dateutil with our own zones and month names, and how far it can be trusted.

feedparser reads dates too, but takes AEST, EET, BST and other zones for UTC. A missing or unreadable date is None, never "now".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from dateutil import parser as dateutil_parser

from newsmon.records import DateQuality

FUTURE_TOLERANCE = timedelta(minutes=15)
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
MAX_CHARS = 120

# RFC 822 names only American and military zones; these are the names that feeds write in practice.
# IST and CST differ by continent: in feeds the Indian and the American meaning are the usual ones.
_ZONE_HOURS: dict[str, float] = {
    "UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "IST": 5.5, "CET": 1, "MEZ": 1, "MET": 1, "CEST": 2, "MESZ": 2,
    "MEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "MSD": 4, "TRT": 3, "SAST": 2, "GST": 4, "PKT": 5, "SGT": 8, "HKT": 8, "AWST": 8, "WST": 8,
    "JST": 9, "KST": 9, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "EST": -5, "EDT": -4, "CST": -6,
    "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "NST": -3.5, "NDT": -2.5, "AST": -4,
    "ADT": -3, "BRT": -3, "ART": -3,
}  # fmt: skip
_ZONES: dict[str, tzinfo] = {name: timezone(timedelta(hours=hours), name) for name, hours in _ZONE_HOURS.items()}
# American names that do not say whether it is summer time.
_ZONES |= {"ET": ZoneInfo("America/New_York"), "CT": ZoneInfo("America/Chicago"), "PT": ZoneInfo("America/Los_Angeles")}

# Month names in feeds, by their first letters. dateutil knows the English ones.
_MONTHS: tuple[tuple[str, int], ...] = tuple(
    (prefix, month)
    for month, prefixes in enumerate(
        (
            "январ янв січ stycz sty januar jän jan enero ene janv genn gen led",
            "феврал фев лют lut februar feb févr fév fev febbr únor",
            "март мар берез бер marz mar märz maerz mär mars marzo maa bře",
            "апрел апр квіт кві kwie kwi april apr avr abr dub",
            "мая май трав тра maj maja mai mayo may mei magg mag kvě",
            "июн червень червня чер czerwca czer cze juni juin jun giu červen červn",
            "июл липн лип lip juli juil jul lug červenec červenc",
            "август авг серп сер sierp sie august aug août aou ago srp",
            "сентябр сен верес вер wrześ wrz september sept sep set zář",
            "октябр окт жовт жов paździ paź oktober okt oct ott out říj",
            "ноябр ноя листоп лис listop lis november nov nov listopadu",
            "декабр дек груд гру grudz gru dezember dez déc dec dic pros",
        ),
        start=1,
    )
    for prefix in prefixes.split()
)
_MONTHS_LONGEST_FIRST = sorted(_MONTHS, key=lambda row: -len(row[0]))
_ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY_MONTH_YEAR = re.compile(r"(\d{1,2})[\s.]+(?:de\s+)?([^\W\d_]{3,12})\.?[\s,]+(?:de\s+)?(\d{4})")
_FILLERS = re.compile(r"(?<!\w)(?:года|г|року|р|рік|в|о|об|um|uhr|à|às|a las|alle ore|ore|godz|o|kl|klo|at)(?!\w)\.?", re.IGNORECASE)
_HOURS_H = re.compile(r"\b(\d{1,2}) ?h ?(\d{2})\b")
_MIDNIGHT = re.compile(r"(?<![\d:+-])24:00(:00)?(?![\d:])")
_LEAP_SECOND = re.compile(r"(:\d{2}):60(?!\d)")
_COMMENT = re.compile(r"(?<=[A-Z\d])\s*\([^()]*\)$")
_EPOCH = re.compile(r"^(?:\d{9,10}|\d{12,13})$", re.ASCII)
_NUMERIC = re.compile(r"(?<![\d/-])(\d{1,2})([/-])(\d{1,2})\2(?:\d{4}|\d{2})(?![\d/-])")
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4})(?![\d.])")
_NAMED_OFFSET = re.compile(r"\b(?:GMT|UTC|UT) ?([+-]\d)")
_TIME_ONLY = re.compile(r"^\d{1,2}:\d{2}(:\d{2})?\s*([AaPp][Mm])?$")


@dataclass(frozen=True, slots=True)
class PublicationDate:
    """`at` is aware UTC or None; `raw` is the original text."""

    at: datetime | None
    raw: str | None
    quality: DateQuality


def publication_date(raw: str | None, *, default_zone: str | None, first_seen_at: datetime) -> PublicationDate:
    """Read a feed's date text. A time more than 15 minutes after we first saw the entry is replaced by that time, and marked."""
    text = (raw or "").strip()[:MAX_CHARS]
    if not text:
        return PublicationDate(None, None, DateQuality.MISSING)
    parsed, stated = _read(text)
    if parsed is None:
        return PublicationDate(None, text, DateQuality.UNREADABLE)
    quality = DateQuality.STATED
    if not stated:
        quality = DateQuality.ASSUMED_ZONE
        parsed = parsed.replace(tzinfo=ZoneInfo(default_zone) if default_zone else UTC)
    try:
        at = parsed.astimezone(UTC)
    except (OverflowError, ValueError):
        return PublicationDate(None, text, DateQuality.UNREADABLE)
    if at < EARLIEST:  # 1970 and year 1 are defaults of some program
        return PublicationDate(None, text, DateQuality.UNREADABLE)
    if at > first_seen_at + FUTURE_TOLERANCE:
        return PublicationDate(first_seen_at, text, DateQuality.FUTURE)
    return PublicationDate(min(at, first_seen_at), text, quality)


def _read(text: str) -> tuple[datetime | None, bool]:
    """(time, True if it states its zone); a time without a zone is naive."""
    if _EPOCH.match(text):
        number = int(text)
        return datetime.fromtimestamp(number / 1000 if number > 10**11 else number, UTC), True
    if _TIME_ONLY.match(text) or _is_ambiguous(text):
        return None, False  # "14:05" would be today, every day
    next_day = bool(_MIDNIGHT.search(text))
    spelled = _plainly_spelled(text)
    try:
        parsed = _parsed(spelled, datetime(1, 1, 1))  # noqa: DTZ001 - naive on purpose
        # Two defaults reveal what the text leaves out: a month or a year alone is no date.
        if parsed.year == 1 or (parsed.day == 1 and _parsed(spelled, datetime(1, 1, 2)).day == 2):  # noqa: DTZ001
            return None, False
        if next_day:
            parsed += timedelta(days=1)
    except (ValueError, OverflowError, TypeError, ArithmeticError):
        return None, False
    return parsed, parsed.tzinfo is not None


def _parsed(text: str, default: datetime) -> datetime:
    return dateutil_parser.parse(text, tzinfos=_zone, default=default, fuzzy=False)


def _zone(name: str | None, offset_s: int | None) -> tzinfo | None:
    """The zone dateutil found at the end of the text; None when unknown, and then the feed's default zone applies."""
    if name is not None and name.upper() in _ZONES:
        return _ZONES[name.upper()]
    return timezone(timedelta(seconds=offset_s)) if offset_s is not None else None


def _is_ambiguous(text: str) -> bool:
    """10/02/2026 may be a day in October or in February."""
    found = _NUMERIC.search(text)
    return found is not None and found[1] != found[3] and int(found[1]) <= 12 and int(found[3]) <= 12


def _plainly_spelled(text: str) -> str:
    """The text, rewritten where dateutil would misread it or fail."""
    text = _COMMENT.sub("", text)  # RFC 822: a comment may follow the zone
    text = _NAMED_OFFSET.sub(r"\1", text)  # dateutil reads GMT+2 as two hours west, as POSIX does
    text = _LEAP_SECOND.sub(r"\1:59", _MIDNIGHT.sub("00:00:00", text))
    text = _DOTTED.sub(r"\3-\2-\1", text)  # with dots the day comes first
    return _english_months(text)


def _english_months(text: str) -> str:
    """Month names of other languages become English; weekday names before them are dropped."""
    found = _DAY_MONTH_YEAR.search(text)
    if found is None:
        return text
    word = found.group(2).casefold()
    for prefix, month in _MONTHS_LONGEST_FIRST:
        if word.startswith(prefix):
            rest = _HOURS_H.sub(r"\1:\2", _FILLERS.sub(" ", text[found.end() :]))
            return f"{found.group(1)} {_ENGLISH[month - 1]} {found.group(3)} {rest}"
    return text
