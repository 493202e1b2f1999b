"""`newsmon notices list`: newsmon's notices about itself, from the database."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsmon.app.cli.database import open_database
from newsmon.app.cli.options import config_option, settings_from
from newsmon.app.cli.printing import json_value
from newsmon.app.cli.times import Since
from newsmon.records import NoticeKind

if TYPE_CHECKING:
    from sqlalchemy import Row

FIELDS = ("notice_id", "revision", "kind", "state", "subject", "severity", "text", "opened_at", "said_at", "stage", "details")
KINDS = [kind.value for kind in NoticeKind]


@click.group()
def command() -> None:
    """List newsmon's notices about itself: silent feeds, refused themes, disabled receivers."""


@command.command("list")
@config_option
@click.option("--open", "only_open", is_flag=True, help="Only notices about problems that are still open.")
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    metavar="KIND",
    multiple=True,
    help=f"Only this kind (may be repeated): {', '.join(KINDS)}.",
)
@click.option("--since", type=Since(), help="Only notices since this time or period: 24h, 7d, or 2026-11-24T06:00Z.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many notices to list.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per notice.")
def list_command(
    config_file: Path | None, only_open: bool, kind: tuple[str, ...], since: datetime | None, limit: int, as_json: bool
) -> None:  # fmt: skip
    """List notices in their current state, newest first."""
    from sinks.database.engine import reading
    from sinks.store.notice_rows import newest_notices

    with reading(open_database(settings_from(config_file))) as connection:
        found = newest_notices(connection, kinds=[NoticeKind(one) for one in kind], only_open=only_open, since=since, limit=limit)
    for row in found:
        click.echo(
            json.dumps({name: getattr(row, name) for name in FIELDS}, default=json_value, ensure_ascii=False) if as_json else _line(row)
        )
    if not found and not as_json:
        click.echo("no notices", err=True)


def _line(row: Row[Any]) -> str:
    since = "" if row.opened_at == row.said_at else f" (since {row.opened_at:%Y-%m-%d %H:%M}Z)"
    return f"{row.said_at:%Y-%m-%d %H:%M:%S}Z  {row.severity:<6}  {row.state:<8}  {row.kind}  {row.subject}: {row.text}{since}"
