"""A time as a text states it, and the arithmetic of years, midnights and leap seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

CENTURY_TURN = 69  # two digits below are of this century, as POSIX and RFC 2822 readers have it


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day. 24:00 is the end of the day."""

    hour: int = 0
    minute: int = 0
    second: int = 0
    microsecond: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """`local` is naive; `zone` is None when the text states none that we know."""

    local: datetime
    zone: tzinfo | None = None


MIDNIGHT = Clock()


def full_year(digits: str) -> int | None:
    """The year of two or four digits; None for other numbers of digits."""
    if len(digits) == 4:
        return int(digits)
    if len(digits) != 2:
        return None
    return int(digits) + (2000 if int(digits) < CENTURY_TURN else 1900)


def moment_of(year: int | None, month: int, day: int, clock: Clock = MIDNIGHT, zone: tzinfo | None = None) -> Moment | None:
    """The moment; None when the calendar or the clock has no such time."""
    if year is None:
        return None
    second = 59 if clock.second == 60 else clock.second  # a leap second
    next_day = (clock.hour, clock.minute, second) == (24, 0, 0)
    try:
        local = datetime(year, month, day, 0 if next_day else clock.hour, clock.minute, second, clock.microsecond)  # noqa: DTZ001
        return Moment(local + timedelta(days=1) if next_day else local, zone)
    except (ValueError, OverflowError):
        return None


def clock_of(hour: str, minute: str | None, second: str | None = None, fraction: str | None = None) -> Clock:
    """The clock of digits; a fraction beyond microseconds is cut."""
    return Clock(int(hour), int(minute or 0), int(second or 0), int((fraction or "0")[:6].ljust(6, "0")))
