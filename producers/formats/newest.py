"""Which entries of a feed with too many to keep: the newest, in whatever order the feed has them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise

from producers.dates.day_order import DayOrder, learned_order
from producers.dates.publication import publication_date
from producers.formats.entry import Entry

MOST_UNUSUAL_DATES = 500  # read with the reader of all languages, which is dear; the others lie near one of these
LEAST_DATED_SHARE = 0.1  # with fewer dates than this, their order says nothing about the rest
SURE_SHARE = 0.8  # of neighbours that are in one order
_NUMBER = re.compile(r"\d{1,18}(?!.*\d)", re.ASCII | re.DOTALL)
_FAR = datetime(9000, 1, 1, tzinfo=UTC)  # so that no date counts as in the future


def newest(entries: Sequence[Entry], count: int, languages: Sequence[str] = ()) -> list[int]:
    """The places of the `count` newest entries, in the feed's order. Empty ones go first.

    `languages` are those its dates may be in, the likeliest first.
    """
    full = [place for place, entry in enumerate(entries) if not _is_empty(entry)]
    if len(full) <= count:
        empty = sorted(set(range(len(entries))) - set(full))
        return sorted((*full, *empty[: count - len(full)]))
    return [full[place] for place in _newest_of([entries[place] for place in full], count, languages)]


def _is_empty(entry: Entry) -> bool:
    return not (entry.title or entry.summary or entry.content or entry.link or entry.guid)


def _newest_of(entries: Sequence[Entry], count: int, languages: Sequence[str]) -> list[int]:
    times = _times(entries, languages)
    dated = [time for time in times if time is not None]
    if len(dated) >= max(2, LEAST_DATED_SHARE * len(entries)):
        rises = _is_rising(dated)
        near = _filled(times)
        order = sorted(range(len(entries)), key=lambda place: (near[place], place if rises else -place), reverse=True)
        return sorted(order[:count])
    first = len(entries) - count if any(_is_rising(numbers) for numbers in _numbers(entries)) else 0
    return list(range(first, first + count))


def _times(entries: Sequence[Entry], languages: Sequence[str]) -> list[float | None]:
    """Seconds since 1970 for each entry whose date can be read, with a bounded number of dear readings."""
    times: list[float | None] = [_usual_time(entry.published_raw) for entry in entries]
    unusual = [place for place, entry in enumerate(entries) if times[place] is None and entry.published_raw]
    step = -(-len(unusual) // MOST_UNUSUAL_DATES) or 1
    order: DayOrder | None = learned_order(entries[place].published_raw or "" for place in unusual)
    for place in unusual[::step]:
        entry = entries[place]
        named = tuple(filter(None, (entry.language, *languages)))
        at = publication_date(entry.published_raw, default_zone=None, first_seen_at=_FAR, languages=named, day_order=order).at
        times[place] = at.timestamp() if at is not None else None
    return times


def _usual_time(raw: str | None) -> float | None:
    """The time in one of the two forms that feeds should use."""
    if not raw or len(raw) > 60:
        return None
    text = raw.strip()
    try:
        at = datetime.fromisoformat(text) if text[:4].isdigit() and text[4:5] == "-" else parsedate_to_datetime(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _filled(times: Sequence[float | None]) -> list[float]:
    """Each entry's time; without one, that of the dated entry before it, or else of the first dated one."""
    last = next(time for time in times if time is not None)
    filled = []
    for time in times:
        last = last if time is None else time
        filled.append(last)
    return filled


def _numbers(entries: Sequence[Entry]) -> list[list[int]]:
    """The last numbers of the undated entries' dates, guids and links, where nearly all have one."""
    columns = ([entry.published_raw for entry in entries], [entry.guid for entry in entries], [entry.link for entry in entries])
    found = [[int(hit[0]) for text in column if text and (hit := _NUMBER.search(text[-200:]))] for column in columns]
    return [numbers for numbers in found if len(numbers) >= SURE_SHARE * len(entries)]


def _is_rising(values: Sequence[float]) -> bool:
    """True if nearly every value that differs from the one before is higher."""
    steps = [after > before for before, after in pairwise(values) if after != before]
    return bool(steps) and sum(steps) > SURE_SHARE * len(steps)
