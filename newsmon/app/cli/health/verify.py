"""`newsmon verify`: rebuild the ledger from the database and Kafka, print it, and check that it balances."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.options import config_option, settings_from
from newsmon.app.cli.times import Since
from newsmon.logs import configure_logs

if TYPE_CHECKING:
    from sinks.ledger.balance import Ledger


@click.command()
@config_option
@click.option("--since", type=Since(), help="Only what happened since this time or period: 24h, 7d, or 2026-11-24T06:00Z.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the table.")
@click.option("--no-log", is_flag=True, help="Check the database alone: needs no broker, but counts records still in transit as missing.")
@click.option(
    "--fill-digests",
    is_flag=True,
    help="Add digests to rows stored before newsmon kept them, where the rows agree with Kafka. Needs Kafka.",
)
def command(config_file: Path | None, since: datetime | None, as_json: bool, no_log: bool, fill_digests: bool) -> None:
    """Check that every article is accounted for, from feed to receiver, and that no row was changed; name what is missing or changed.

    Rebuilds the ledger from the database and Kafka. Exit code 1 if it does not balance.
    """
    from newsmon.app.ledger_table import as_table
    from sinks.ledger.verify import verify

    settings = settings_from(config_file)
    configure_logs(settings.log, stage="verify")
    if fill_digests and no_log:
        raise click.UsageError("--fill-digests needs Kafka to prove the rows: leave out --no-log")
    ledger = verify(settings, since=since, with_log=not no_log, fill_digests=fill_digests)
    if as_json:
        click.echo(json.dumps(as_object(ledger), ensure_ascii=False, indent=1))
    else:
        for line in as_table(ledger):
            click.echo(line)
    sys.exit(0 if ledger.balanced else EXIT_NO)


def as_object(ledger: Ledger) -> dict[str, Any]:
    """The ledger for `--json`."""
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
