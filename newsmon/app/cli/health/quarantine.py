"""`newsmon quarantine list | show | replay`: records that could not be handled, and sending them back once they can."""

from __future__ import annotations

import base64
import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.database import open_database
from newsmon.app.cli.options import config_option, settings_from
from newsmon.app.cli.printing import escape_controls
from newsmon.logs import configure_logs
from newsmon.quarantine import QuarantineReason, Stage
from newsmon.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from sinks.queries.quarantine import QuarantinedRecord

SHOWN_BYTES = 4_000

stage_option = click.option("--stage", type=click.Choice([stage.value for stage in Stage]), help="Only records quarantined by this stage.")
REASONS = [reason.value for reason in QuarantineReason]
reason_option = click.option("--reason", type=click.Choice(REASONS), metavar="REASON", help=f"Only this reason: {', '.join(REASONS)}.")


@click.group()
def command() -> None:
    """List, show and send back records that could not be read or handled."""


@command.command(name="list")
@config_option
@stage_option
@reason_option
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many records to list.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines instead of the table.")
def list_(config_file: Path | None, stage: str | None, reason: str | None, limit: int, as_json: bool) -> None:
    """List quarantined records, newest first."""
    from sinks.queries.quarantine import Wanted, newest

    with _database(config_file) as (_settings, engine):
        records = newest(engine, Wanted(stage=stage, reason=reason), limit=limit)
    for record in records:
        click.echo(json.dumps(_as_object(record), ensure_ascii=False) if as_json else _as_line(record))
    if not records and not as_json:
        click.echo("The quarantine is empty.")


@command.command(short_help="Show one record in full.")
@config_option
@click.argument("record_id", metavar="ID")
@click.option("--raw", is_flag=True, help="Print only the bytes, exactly as they were read.")
def show(config_file: Path | None, record_id: str, raw: bool) -> None:
    """Show one record and everything known about it. Exit code 1 if there is none with this id."""
    from sinks.queries.quarantine import QuarantineId, Wanted, newest

    wanted = Wanted(id=QuarantineId.parse(record_id))
    with _database(config_file) as (_settings, engine):
        records = newest(engine, wanted, limit=1)
    if not records:
        click.echo(f"newsmon: no record in the quarantine has the id {record_id}", err=True)
        sys.exit(EXIT_NO)
    if raw:
        sys.stdout.buffer.write(records[0].value or b"")
        return
    for line in _as_page(records[0]):
        click.echo(line)


@command.command(short_help="Send records back to their topic.")
@config_option
@click.option("--id", "record_id", metavar="ID", help="Only this record, even if it was sent back before.")
@stage_option
@reason_option
@click.option("--all", "everything", is_flag=True, help="All records that were not sent back before.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent, send nothing.")
def replay(config_file: Path | None, record_id: str | None, stage: str | None, reason: str | None, everything: bool, dry_run: bool) -> None:
    """Send the original bytes back to the topic they came from. Exit code 1 if the record named by --id cannot be sent."""
    from sinks.queries import quarantine

    if not (record_id or stage or reason or everything):
        raise click.UsageError("choose records with --id, --stage, --reason or --all")
    chosen = quarantine.QuarantineId.parse(record_id) if record_id else None
    wanted = quarantine.Wanted(id=chosen, stage=stage, reason=reason, replayed=None if chosen else False)
    ends: Counter[str] = Counter()
    with _database(config_file) as (settings, engine):
        for one in quarantine.replay(settings, engine, wanted, dry_run=dry_run):
            word = f"refused: {one.refusal.value}" if one.refusal else ("would be sent" if dry_run else "sent")
            ends["refused" if one.refusal else "sent"] += 1
            click.echo(f"{word:<28} {one.id}")
    click.echo(f"{ends['sent']} {'to send' if dry_run else 'sent back'}, {ends['refused']} refused.")
    if chosen is not None and not ends["sent"]:
        sys.exit(EXIT_NO)


@contextmanager
def _database(config_file: Path | None) -> Iterator[tuple[Settings, Engine]]:
    settings = settings_from(config_file)
    configure_logs(settings.log, stage="quarantine")
    engine = open_database(settings)
    try:
        yield settings, engine
    finally:
        engine.dispose()


def _as_line(record: QuarantinedRecord) -> str:
    sent = "sent" if record.replayed_at else ""
    at = record.quarantined_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    error = escape_controls(" ".join(record.error[:100].split()))
    return f"{at}  {record.reason:<15} {len(record.value or b''):>9,} B {sent:<4}  {record.id}\n    {error}"


def _as_page(record: QuarantinedRecord) -> list[str]:
    value = record.value or b""
    return [
        f"id:          {record.id}",
        f"reason:      {record.reason}",
        f"error:       {escape_controls(record.error)}",
        f"quarantined: {record.quarantined_at.isoformat()} by {escape_controls(record.worker) or 'unknown'}",
        f"sent back:   {record.replayed_at.isoformat() if record.replayed_at else 'never'}",
        f"key:         {escape_controls((record.key or b'').decode('utf-8', 'backslashreplace')) if record.key is not None else 'none'}",
        f"value:       {'none' if record.value is None else f'{len(value):,} bytes'}",
        escape_controls(value[:SHOWN_BYTES].decode("utf-8", "backslashreplace")),
        *([f"... {len(value) - SHOWN_BYTES:,} more bytes; --raw prints all"] if len(value) > SHOWN_BYTES else []),
    ]


def _as_object(record: QuarantinedRecord) -> dict[str, Any]:
    return {
        "id": str(record.id),
        "stage": record.id.stage, "topic": record.id.topic, "partition": record.id.partition, "offset": record.id.offset,
        "reason": record.reason, "error": record.error, "quarantined_at": record.quarantined_at.isoformat(), "worker": record.worker,
        "replayed_at": record.replayed_at.isoformat() if record.replayed_at else None,
        "key_base64": None if record.key is None else base64.b64encode(record.key).decode(),
        "value_base64": None if record.value is None else base64.b64encode(record.value).decode(),
    }  # fmt: skip
