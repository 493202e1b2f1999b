"""Time zones by the names that people write out: Eastern Standard Time, Mitteleuropäische Zeit. The names are CLDR's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from producers.dates.cldr_words import folded

_TWO_WORDS = re.compile(r"[^\W\d_]{3,}[ -]+[^\W\d_]{3,}")  # with fewer no zone is written out
_WINTER, _SUMMER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
_MOSCOW = re.compile(r"\bмоск(?:овск\w{2,3} врем\w{1,3}|ве)\b")  # CLDR has it in the nominative, and nobody writes that


def zone_in_words(text: str, languages: Sequence[str]) -> tzinfo | None:
    """The zone whose name stands in the text, in one of the languages or in English."""
    text = " ".join(folded(text).split())
    if _MOSCOW.search(text):
        return timezone(timedelta(hours=3))
    if _TWO_WORDS.search(text) is None:
        return None
    for language in dict.fromkeys((*languages[:3], "en")):
        names = _zones_of(language)
        found = max((name for name in names if name in text), key=len, default=None)
        if found is not None:
            return names[found]
    return None


@lru_cache(maxsize=16)
def _zones_of(language: str) -> Mapping[str, tzinfo]:
    from babel import Locale, UnknownLocaleError  # slow to import

    try:
        known = Locale.parse(language).meta_zones
    except (UnknownLocaleError, ValueError):
        return {}
    places = _places()
    named = ((name, kind, places[zone]) for zone, names in known.items() if zone in places for kind, name in names.get("long", {}).items())
    return {folded(name): _zone(kind, place) for name, kind, place in named}


def _places() -> dict[str, str]:
    """The largest place of each of CLDR's zones: those that Windows names come last and win."""
    return {zone: place for place, zone in _ordered_places()}


def _ordered_places() -> Iterator[tuple[str, str]]:
    from babel.core import get_global

    zones: Mapping[str, str] = get_global("meta_zones")
    large = set(get_global("windows_zone_mapping").values())
    yield from ((place, zone) for place, zone in zones.items() if place not in large)
    yield from ((place, zone) for place, zone in zones.items() if place in large)


def _zone(kind: str, place: str) -> tzinfo:
    """`Eastern Time` follows the clocks of New York; `Eastern Standard Time` never is in summer time."""
    zone = ZoneInfo(place)
    if kind == "generic":
        return zone
    offsets = sorted(at.astimezone(zone).utcoffset() or timedelta() for at in (_WINTER, _SUMMER))
    return timezone(offsets[0] if kind == "standard" else offsets[1])
