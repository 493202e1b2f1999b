"""Time zones by the names and offsets that dates state.

Names of areas come from the tz database. RFC 822 names only American and military zones; the table here holds what feeds write.
"""

from __future__ import annotations

from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

MAX_OFFSET_MINUTES = 14 * 60  # no clock on Earth is further from UTC

# IST and CST differ by continent: in feeds the Indian and the American meaning are the usual ones.
_ZONE_HOURS: dict[str, float] = {
    "UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "IST": 5.5, "CET": 1, "MEZ": 1, "MET": 1, "CEST": 2, "MESZ": 2,
    "MEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "MSD": 4, "TRT": 3, "SAST": 2, "GST": 4, "PKT": 5, "SGT": 8, "HKT": 8, "AWST": 8, "WST": 8,
    "JST": 9, "KST": 9, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "EST": -5, "EDT": -4, "CST": -6,
    "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "NST": -3.5, "NDT": -2.5, "AST": -4,
    "ADT": -3, "BRT": -3, "ART": -3, "WIB": 7, "WITA": 8, "WIT": 9, "МСК": 3, "MCK": 3, "HEC": 1, "HNEC": 1, "HAEC": 2,
}  # fmt: skip
_NAMED: dict[str, tzinfo] = {name: timezone(timedelta(hours=hours), name) for name, hours in _ZONE_HOURS.items()}
# American names that do not say whether it is summer time.
_NAMED |= {"ET": ZoneInfo("America/New_York"), "CT": ZoneInfo("America/Chicago"), "PT": ZoneInfo("America/Los_Angeles")}
_NAMED |= {name: ZoneInfo(name) for name in ("EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT")}


def zone_named(name: str) -> tzinfo | None:
    """The zone of an abbreviation, in any case."""
    return _NAMED.get(name.upper())


def zone_of_area(name: str) -> tzinfo | None:
    """The zone of a tz database name such as Europe/Kyiv, in any case."""
    known = _areas().get(name.casefold())
    return ZoneInfo(known) if known is not None else None


@cache
def _areas() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones() if "/" in name}


def zone_of_offset(sign: str, hours: str, minutes: str | None) -> tzinfo | None:
    """The zone of an offset; None when no place on Earth has it."""
    total = int(hours) * 60 + int(minutes or 0)
    if total > MAX_OFFSET_MINUTES or int(minutes or 0) > 59:
        return None
    return timezone(timedelta(minutes=-total if sign in "-\u2212\u2013" else total)) if total else UTC
