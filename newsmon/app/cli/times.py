"""Times as people type and read them: RFC 3339, periods such as 24h, and spans in a few characters."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Since(click.ParamType):
    """A time (RFC 3339, UTC unless it names a zone) or a period back from now, such as 90m, 24h or 7d."""

    name = "TIME|PERIOD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        period = period_of(value)
        if period is not None:
            return datetime.now(UTC) - period
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is neither a time like 2026-11-24T06:00Z nor a period like 24h", param, ctx)
        return at if at.tzinfo else at.replace(tzinfo=UTC)


def period_of(text: str) -> timedelta | None:
    """The period that 90m, 24h or 7d names; None for any other text."""
    period = re.fullmatch(r"(\d{1,6})([smhd])", text)
    return timedelta(**{UNITS[period[2]]: int(period[1])}) if period else None


def short_span(span: timedelta) -> str:
    """A span in its largest unit: 45s, 12m, 5h, 3d, with a minus if it is negative."""
    seconds = int(span.total_seconds())
    sign, size = ("-" if seconds < 0 else ""), abs(seconds)
    for unit_s, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if size >= 2 * unit_s:
            return f"{sign}{size // unit_s}{unit}"
    return f"{sign}{size}s"
