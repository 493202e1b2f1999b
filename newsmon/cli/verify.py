"""`newsmon verify`: rebuild the ledger from the database and the log, show it, exit 1 when it does not balance."""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsmon.cli.options import config_option, settings_from
from newsmon.logs import configure_logs

if TYPE_CHECKING:
    from sinks.balance import Ledger, Line

EXIT_IMBALANCE = 1
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


@click.command()
@config_option
@click.option("--since", type=Since(), help="Only what happened since then: 24h, 7d, or 2026-11-24T06:00Z.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the table.")
@click.option("--no-log", is_flag=True, help="Only the database: needs no broker, and what is still under way counts as missing.")
def command(config_file: Path | None, since: datetime | None, as_json: bool, no_log: bool) -> None:
    """Rebuild the ledger of what came in and what became of it; exit 1 when it does not balance, naming what is missing."""
    from sinks.ledger import verify

    settings = settings_from(config_file)
    configure_logs(settings.log, stage="verify")
    ledger = verify(settings, since=since, with_log=not no_log)
    if as_json:
        click.echo(json.dumps(as_object(ledger), ensure_ascii=False, indent=1))
    else:
        for line in as_table(ledger):
            click.echo(line)
    sys.exit(0 if ledger.balanced else EXIT_IMBALANCE)


def as_object(ledger: Ledger) -> dict[str, Any]:
    """The ledger for programs."""
    return {
        "balanced": ledger.balanced,
        "database": ledger.database,
        "since": ledger.since,
        "log_skipped": ledger.log_skipped,
        "store_behind_count": ledger.behind_count,
        "lines": [
            {
                "name": line.name, "balanced": line.balanced, "what": line.what, "total": line.total, "parts": dict(line.parts),
                "missing_count": line.missing.count, "missing": list(line.missing.named), "note": line.note,
            }
            for line in ledger.lines
        ],
    }  # fmt: skip


def as_table(ledger: Ledger) -> list[str]:
    """The ledger for people, one equation a line; below each that does not balance what it misses, by name."""
    widths = (max(len(line.name) for line in ledger.lines), max(len(f"{line.total:,}") for line in ledger.lines))
    table = [f"Ledger of {ledger.database}" + (f" since {ledger.since}" if ledger.since else "")]
    for line in ledger.lines:
        table.append(_equation(line, *widths))
        table += [f"          missing: {name}" for name in line.missing.named]
        if line.missing.count > len(line.missing.named):
            table.append(f"          ... and {line.missing.count - len(line.missing.named):,} more")
    if ledger.log_skipped:
        table.append(f"The log was not read: {ledger.log_skipped}.")
    if ledger.behind_count:
        table.append(f"The store is {ledger.behind_count:,} records behind the log: what it has not read is under way, not missing.")
    wrong = len(ledger.imbalances)
    good = "The rows balance among themselves; nothing is said of the log." if ledger.log_skipped else "The ledger balances."
    table.append(good if not wrong else f"The ledger does NOT balance: {wrong} of {len(ledger.lines)} lines.")
    return table


def _equation(line: Line, name_width: int, total_width: int) -> str:
    verdict = "ok" if line.balanced else "NO"
    parts = " + ".join(f"{name} {count:,}" for name, count in line.parts.items())
    note = f"  ({line.note})" if line.note else ""
    missing = f"  missing {line.missing.count:,}" if line.missing.count else ""
    return f"  {verdict}  {line.name:<{name_width}}  {line.total:>{total_width},} {line.what} = {parts}{note}{missing}"
