"""The publication time an entry states, in any language and form, and how far it can be trusted.

feedparser reads dates too, but takes AEST, EET, BST and other zones for UTC, and knows few languages. A missing or unreadable date is
None, never "now". The same text means the same time on every day and every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from newsmon.records import DateQuality
from producers.dates.day_order import DayOrder
from producers.dates.human_forms import Hints, read_human_form
from producers.dates.machine_forms import read_machine_form
from producers.dates.moment import Moment
from producers.dates.plain_spelling import spellings

FUTURE_TOLERANCE = timedelta(minutes=15)
# A wrong zone moves a time by 26 hours at most (from UTC-12 to UTC+14). What is further ahead was written so, and is not yet news.
WRONG_ZONE = timedelta(hours=26)
# Nobody announces articles years ahead: 2037, 2099 and 9999 are placeholders of some program, like 1970.
PLACEHOLDER_AFTER = timedelta(days=2 * 366)
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
MAX_OTHER_DATES = 8
MAX_RAW_CHARS = 120


@dataclass(frozen=True, slots=True)
class PublicationDate:
    """`at` is aware UTC or None; `raw` is the original text."""

    at: datetime | None
    raw: str | None
    quality: DateQuality


def publication_date(
    raw: str | None, *, default_zone: str | None, first_seen_at: datetime,
    languages: Sequence[str] = (), country: str | None = None, day_order: DayOrder | None = None, other_dates: Sequence[str] = (),
) -> PublicationDate:  # fmt: skip
    """Read a feed's date text, or the first of the `other_dates` that can be read when `raw` cannot.

    `languages` are those the text may be in, the likeliest first; `day_order` is what the feed's other dates show. A time slightly after we
    first saw the entry is replaced by that time and marked; a time further ahead is marked and leaves the entry undated.
    """
    hints = Hints(tuple(languages), country, day_order)
    best: PublicationDate | None = None
    for text in (raw or "", *other_dates[:MAX_OTHER_DATES]):
        if not text.strip():
            continue
        found = _judged(text.strip(), hints, default_zone, first_seen_at)
        if found.at is not None:
            return found
        best = best or found
    return best or PublicationDate(None, None, DateQuality.MISSING)


def _judged(raw: str, hints: Hints, default_zone: str | None, first_seen_at: datetime) -> PublicationDate:
    shown = raw[:MAX_RAW_CHARS]
    moment = _read(raw, hints)
    if moment is None:
        return PublicationDate(None, shown, DateQuality.UNREADABLE)
    quality = DateQuality.STATED if moment.zone is not None else DateQuality.ASSUMED_ZONE
    zone = moment.zone or (ZoneInfo(default_zone) if default_zone else UTC)
    try:
        at = moment.local.replace(tzinfo=zone).astimezone(UTC)
    except (OverflowError, ValueError):
        return PublicationDate(None, shown, DateQuality.UNREADABLE)
    if at < EARLIEST or at > first_seen_at + PLACEHOLDER_AFTER:  # 1970 and year 1 are defaults of some program
        return PublicationDate(None, shown, DateQuality.UNREADABLE)
    if at > first_seen_at + WRONG_ZONE:
        return PublicationDate(None, shown, DateQuality.FUTURE)
    if at > first_seen_at + FUTURE_TOLERANCE:
        return PublicationDate(first_seen_at, shown, DateQuality.FUTURE)
    return PublicationDate(min(at, first_seen_at), shown, quality)


def _read(raw: str, hints: Hints) -> Moment | None:
    for text in spellings(raw):
        if not any(one.isdigit() for one in text):
            continue
        moment = read_machine_form(text) or read_human_form(text, hints)
        if moment is not None:
            return moment
    return None
