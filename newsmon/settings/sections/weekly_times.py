"""Times of day and week in a time zone: quiet hours, and when a digest is due.

A span is `22:00-07:00`, or with the days on which it starts `sat,sun 00:00-24:00` and `mon-fri 18:00-08:00`. A span whose end is
not after its start ends on the next day. Daylight saving time follows the zone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_OF_DAY = 24 * 60
LONGEST_QUIET = timedelta(days=7)  # spans without any gap end here, and start again

_SPAN = re.compile(r"^(?:(?P<days>[a-z,-]+)\s+)?(?P<start>\d{1,2}:\d{2})-(?P<end>\d{1,2}:\d{2})$")


@dataclass(frozen=True, slots=True)
class QuietSpan:
    """One span: the weekdays it starts on (0 is Monday) and minutes of the day. `end_minute` may be on the next day."""

    days: frozenset[int]
    start_minute: int
    end_minute: int


def parse_span(text: str) -> QuietSpan:
    """The span that the text describes; ValueError says what is wrong with it."""
    found = _SPAN.match(text.strip().casefold())
    if found is None:
        raise ValueError(f"{text!r} is not a span like 22:00-07:00 or sat,sun 00:00-24:00")
    start, end = parse_minute(found["start"]), parse_minute(found["end"])
    if start in (end, MINUTES_OF_DAY):
        raise ValueError(f"{text!r} is an empty span of time")
    return QuietSpan(_days(found["days"]), start, end if end > start else end + MINUTES_OF_DAY)


def parse_minute(text: str) -> int:
    """Minutes since midnight of `HH:MM`, at most 24:00."""
    hours, _, minutes = text.partition(":")
    minute = int(hours) * 60 + int(minutes) if hours.isdigit() and minutes.isdigit() and int(minutes) < 60 else -1
    if not 0 <= minute <= MINUTES_OF_DAY:
        raise ValueError(f"{text!r} is not a time of day")
    return minute


def quiet_until(spans: Sequence[QuietSpan], zone: ZoneInfo, now: datetime) -> datetime | None:
    """The end (UTC) of the quiet hours at `now`, or None outside quiet hours. Adjacent spans count as one."""
    until = now
    while until - now < LONGEST_QUIET:
        ends = [end for span in spans for start, end in _around(span, zone, until) if start <= until < end]
        if not ends:
            break
        until = max(ends)
    return None if until == now else until


def next_time(minute: int, zone: ZoneInfo, now: datetime, *, weekday: int | None = None) -> datetime:
    """The first time after `now` (UTC) when clocks in the zone show that minute, on that weekday if given."""
    day = now.astimezone(zone).date()
    for ahead in range(9):
        that_day = day + timedelta(days=ahead)
        at = _moment(that_day, minute, zone)
        if at > now and (weekday is None or that_day.weekday() == weekday):
            return at
    raise AssertionError("every week has each weekday")


def last_time(minute: int, zone: ZoneInfo, now: datetime) -> datetime:
    """The last time, up to `now` (UTC), when clocks in the zone showed that minute."""
    day = now.astimezone(zone).date()
    return max(at for back in (0, 1, 2) if (at := _moment(day - timedelta(days=back), minute, zone)) <= now)


def _around(span: QuietSpan, zone: ZoneInfo, now: datetime) -> list[tuple[datetime, datetime]]:
    today = now.astimezone(zone).date()
    starts = [day for day in (today - timedelta(days=1), today) if day.weekday() in span.days]
    return [(_moment(day, span.start_minute, zone), _moment(day, span.end_minute, zone)) for day in starts]


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    days, minute = divmod(minute, MINUTES_OF_DAY)
    return datetime.combine(day + timedelta(days=days), time(minute // 60, minute % 60), zone).astimezone(UTC)


def _days(text: str | None) -> frozenset[int]:
    if text is None:
        return frozenset(range(7))
    days: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last and last not in DAYS):
            raise ValueError(f"{part!r} is not a weekday; use mon, tue, wed, thu, fri, sat, sun")
        start, end = DAYS.index(first), DAYS.index(last or first)
        days |= {day % 7 for day in range(start, end + 1 if end >= start else end + 8)}
    return frozenset(days)
