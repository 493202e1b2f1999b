"""Whether 5/11/2026 is the fifth day or the fifth month: what a feed's other dates, its country and its language say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache


class DayOrder(StrEnum):
    """The order of day and month in numeric dates."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


# With dots the day comes first everywhere, so only these separators are in doubt.
_IN_DOUBT = re.compile(r"(?<![\d./-])(\d{1,2})\s?([/-])\s?(\d{1,2})\s?\2\s?(?:\d{4}|\d{2})(?![\d/-])", re.ASCII)


def learned_order(raws: Iterable[str]) -> DayOrder | None:
    """The order that the dates of one feed show; None when none of them tells, or when they contradict one another."""
    day_first = month_first = False
    for raw in raws:
        found = _IN_DOUBT.search(raw[:200])
        if found is None:
            continue
        first, second = int(found[1]), int(found[3])
        day_first |= 12 < first <= 31 and 1 <= second <= 12
        month_first |= 12 < second <= 31 and 1 <= first <= 12
    if day_first == month_first:
        return None
    return DayOrder.DAY_FIRST if day_first else DayOrder.MONTH_FIRST


@lru_cache(maxsize=512)
def order_of_region(language: str | None, country: str | None) -> DayOrder | None:
    """The order usual where the language is written, in the country if that is known. English alone says nothing."""
    tag_region = next((part.upper() for part in re.split(r"[-_]", language or "")[1:] if len(part) == 2), None)
    if tag_region and country and tag_region != country.upper():  # many programs state en-US wherever they run
        code = re.split(r"[-_]", language or "")[0]
        orders = {order_of_region(f"{code}-{tag_region}", None), order_of_region(code, country)}
        return orders.pop() if len(orders) == 1 else None
    pattern = short_pattern(language, country)
    if pattern is None or pattern.startswith("y"):
        return None  # where the year comes first, nothing tells how foreign forms are meant
    day, month = pattern.find("d"), pattern.find("M")
    return None if min(day, month) < 0 else DayOrder.DAY_FIRST if day < month else DayOrder.MONTH_FIRST


@lru_cache(maxsize=512)
def is_year_first(language: str | None) -> bool:
    """True if short dates of the language begin with the year."""
    return (short_pattern(language, None) or "").startswith("y")


def short_pattern(language: str | None, country: str | None) -> str | None:
    """CLDR's short date pattern of the language in the country; None when both are unknown or do not decide."""
    parts = re.split(r"[-_]", language.strip()) if language else []
    code = parts[0].lower() if parts else ""
    region = next((part.upper() for part in parts[1:] if len(part) == 2), (country or "").upper())
    names = [f"{code}_{region}"] if code and region else []
    names += [f"und_{region}"] if region and code in ("", "en") else []
    names += [code] if code and code != "en" else []
    if not names:
        return None
    from babel import Locale, UnknownLocaleError  # slow to import

    for name in names:
        try:
            return str(Locale.parse(name).date_formats["short"].pattern).lstrip("\u200e\u200f")
        except (UnknownLocaleError, ValueError):
            continue
    return None
