"""Feed templates: recorded feeds whose dates are written relative to the start of the demo.

`{{now-2h10m|rfc822:AEST}}` becomes "Tue, 24 Nov 2026 11:05:00 AEST", `{{now+4d|iso:Z}}` becomes
"2026-11-28T03:15:00Z". Zones are names as publishers write them, or offsets; the wall clock is the zone's.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

from newsmon.errors import Problem, SettingsError

# Fixed offsets on purpose: a feed that says "BST" in November means UTC+1, whatever the season.
ZONE_HOURS = {"GMT": 0, "UTC": 0, "Z": 0, "BST": 1, "CET": 1, "EET": 2, "MSK": 3, "AEST": 10, "EST": -5}

_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}")
_EXPRESSION = re.compile(r"now(?:(?P<sign>[+-])(?P<span>(?:\d+[dhms])+))?\|(?P<style>rfc822|iso)(?::(?P<zone>[A-Z]{1,4}|[+-]\d\d:?\d\d))?")
_STEP = re.compile(r"(\d+)([dhms])")
_UNIT = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def render(template: str, *, now: datetime, name: str = "template") -> str:
    """`template` with every placeholder replaced; SettingsError names file and line of each invalid one."""
    problems: list[Problem] = []

    def replaced(found: re.Match[str]) -> str:
        try:
            return _rendered(found[1], now)
        except ValueError as error:
            line = template.count("\n", 0, found.start()) + 1
            problems.append(Problem(f"{name}:{line}", str(error)))
            return found[0]

    text = _PLACEHOLDER.sub(replaced, template)
    if problems:
        raise SettingsError(problems)
    return text


def _rendered(expression: str, now: datetime) -> str:
    found = _EXPRESSION.fullmatch(expression)
    if found is None:
        raise ValueError(f"{{{{{expression}}}}} is not a date of the form now-2h10m|rfc822:ZONE or now-2h10m|iso:ZONE")
    at = now + _span(found["sign"], found["span"])
    zone = found["zone"] or "Z"
    local = at.astimezone(_zone(zone)).replace(microsecond=0)
    if found["style"] == "iso":
        return local.isoformat().replace("+00:00", "Z")
    text = format_datetime(local)
    return text if zone[0] in "+-" else f"{text.rpartition(' ')[0]} {'GMT' if zone == 'Z' else zone}"


def _span(sign: str | None, span: str | None) -> timedelta:
    total = timedelta()
    for count, unit in _STEP.findall(span or ""):
        total += timedelta(**{_UNIT[unit]: int(count)})
    return -total if sign == "-" else total


def _zone(name: str) -> timezone:
    if name[0] in "+-":
        hours, minutes = int(name[1:3]), int(name[-2:])
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(-offset if name[0] == "-" else offset)
    if name not in ZONE_HOURS:
        raise ValueError(f"unknown zone {name!r}; known: {', '.join(ZONE_HOURS)}")
    return timezone(timedelta(hours=ZONE_HOURS[name])) if ZONE_HOURS[name] else UTC
