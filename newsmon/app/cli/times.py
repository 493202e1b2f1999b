"""Times as people type them: RFC 3339, or a period back from now."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Since(click.ParamType):
    """A time (RFC 3339; UTC where it names no zone) or a period back from now, such as 90m, 24h or 7d."""

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
    """The period that 90m, 24h or 7d names; None when the text is none."""
    period = re.fullmatch(r"(\d{1,6})([smhd])", text)
    return timedelta(**{UNITS[period[2]]: int(period[1])}) if period else None
