"""`newsmon losses list | acknowledge`: what Kafka lost before it was read, and logs that were replaced."""

from __future__ import annotations

import getpass
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.database import open_database
from newsmon.app.cli.options import config_option, settings_from
from newsmon.app.cli.printing import json_value

if TYPE_CHECKING:
    from sqlalchemy import Row

FIELDS = (
    "loss_id", "consumer", "topic", "partition", "reason", "from_offset", "to_offset", "lost_count", "log_before", "log_id", "noticed_at",
    "acknowledged_at", "acknowledged_by",
)  # fmt: skip
MEANING = {
    "expired": "left Kafka before they were read",
    "log_replaced": "the topic was replaced by another of the same name; read again from its beginning",
    "log_truncated": "the end of the log is gone; read again from its beginning",
    "offset_changed": "the stored position was changed from outside; read again from the beginning",
}


@click.group()
def command() -> None:
    """List and acknowledge what Kafka lost before newsmon had read it, and topics that were replaced.

    A loss raises a notice, and `newsmon doctor` and `newsmon verify` fail until someone acknowledges it.
    """


@command.command("list")
@config_option
@click.option("--open", "only_open", is_flag=True, help="Only losses that nobody has acknowledged.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="How many to list.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per partition.")
def list_command(config_file: Path | None, only_open: bool, limit: int, as_json: bool) -> None:
    """List losses, one line per partition, newest first."""
    from sinks.database.engine import reading
    from sinks.database.losses import read_losses

    with reading(open_database(settings_from(config_file))) as connection:
        found = read_losses(connection, only_open=only_open, limit=limit)
    for row in found:
        shown = {name: getattr(row, name) for name in FIELDS}
        click.echo(json.dumps(shown, default=json_value) if as_json else _line(row))
    if not found and not as_json:
        click.echo("no losses", err=True)


@command.command("acknowledge")
@config_option
@click.argument("loss_ids", nargs=-1, metavar="[LOSS]...")
@click.option("--by", default=getpass.getuser, show_default="your user name", help="Who acknowledges them.")
def acknowledge_command(config_file: Path | None, loss_ids: tuple[str, ...], by: str) -> None:
    """Acknowledge these losses, or all. Their notice is resolved, and `doctor` and `verify` no longer fail because of them.

    Exit code 1 if nothing was open.
    """
    from sinks.database.engine import writing
    from sinks.database.losses import acknowledge_losses

    with writing(open_database(settings_from(config_file))) as connection:
        count = acknowledge_losses(connection, by=by, now=datetime.now(UTC), loss_ids=loss_ids or None)
    click.echo(f"{count} acknowledged" if count else "nothing to acknowledge: no such loss is open", err=not count)
    sys.exit(0 if count else EXIT_NO)


def _line(row: Row[Any]) -> str:
    count = "unknown number of records" if row.lost_count is None else f"{row.lost_count:,} records"
    seen = f"  acknowledged by {row.acknowledged_by}" if row.acknowledged_at else ""
    return (
        f"{row.noticed_at:%Y-%m-%d %H:%M:%S}Z  {row.loss_id}  {row.topic}/{row.partition}  {row.reason}: {count}, "
        f"{MEANING.get(row.reason, '')} ({row.consumer}: offset {row.from_offset} to {row.to_offset}){seen}"
    )
