"""How often a feed itself wishes to be asked: <ttl> in minutes, or sy:updatePeriod with sy:updateFrequency. [pure]"""

from __future__ import annotations

from collections.abc import Mapping

_PERIODS_S = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}


def ttl_s(feed: Mapping[str, object]) -> int | None:
    """Seconds, at most a week by <ttl>; None when the feed says nothing, or nothing sensible. Keys as feedparser names them."""
    ttl = _word(feed, "ttl")
    if _is_number(ttl) and 0 < int(ttl) <= 10_080:
        return int(ttl) * 60
    period = _PERIODS_S.get(_word(feed, "sy_updateperiod").lower())
    if period is None:
        return None
    frequency = _word(feed, "sy_updatefrequency")
    return period // max(1, int(frequency)) if _is_number(frequency) else period


def _word(feed: Mapping[str, object], key: str) -> str:
    value = feed.get(key)
    return value.strip() if isinstance(value, str) else ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6
