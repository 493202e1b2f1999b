"""`newsmon quarantine list | show | replay`: what could not be read, and sending it back when it can be."""

from __future__ import annotations

import base64
import json
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsmon.app.cli.options import config_option, settings_from
from newsmon.logs import configure_logs
from newsmon.quarantine import QuarantineReason, Stage
from newsmon.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from sinks.queries.quarantine import QuarantinedRecord

EXIT_NO = 1
SHOWN_BYTES = 4_000

stage_option = click.option("--stage", type=click.Choice([stage.value for stage in Stage]), help="Only what this stage set aside.")
REASONS = [reason.value for reason in QuarantineReason]
reason_option = click.option("--reason", type=click.Choice(REASONS), metavar="REASON", help=f"Only for this reason: {', '.join(REASONS)}.")


@click.group()
def command() -> None:
    """List, look at and send back the records that could not be read or handled."""


@command.command(name="list")
@config_option
@stage_option
@reason_option
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of the table.")
def list_(config_file: Path | None, stage: str | None, reason: str | None, limit: int, as_json: bool) -> None:
    """The records last set aside, newest first."""
    from sinks.queries.quarantine import Wanted, newest

    with _database(config_file) as (_settings, engine):
        asides = newest(engine, Wanted(stage=stage, reason=reason), limit=limit)
    for aside in asides:
        click.echo(json.dumps(_as_object(aside), ensure_ascii=False) if as_json else _as_line(aside))
    if not asides and not as_json:
        click.echo("Nothing is in quarantine.")


@command.command(short_help="One record with everything known about it.")
@config_option
@click.argument("aside_id", metavar="ID")
@click.option("--raw", is_flag=True, help="Only the bytes, exactly as they were read.")
def show(config_file: Path | None, aside_id: str, raw: bool) -> None:
    """One record with everything known about it; exit 1 when there is none of that id."""
    from sinks.queries.quarantine import QuarantineId, Wanted, newest

    wanted = Wanted(id=QuarantineId.parse(aside_id))
    with _database(config_file) as (_settings, engine):
        asides = newest(engine, wanted, limit=1)
    if not asides:
        click.echo(f"newsmon: nothing in quarantine is called {aside_id}", err=True)
        sys.exit(EXIT_NO)
    if raw:
        sys.stdout.buffer.write(asides[0].value or b"")
        return
    for line in _as_page(asides[0]):
        click.echo(line)


@command.command(short_help="Send records back to where they came from.")
@config_option
@click.option("--id", "aside_id", metavar="ID", help="This one, even if it was sent back before.")
@stage_option
@reason_option
@click.option("--all", "everything", is_flag=True, help="All that were not sent back before.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, send nothing.")
def replay(config_file: Path | None, aside_id: str | None, stage: str | None, reason: str | None, everything: bool, dry_run: bool) -> None:
    """Send the original bytes back to the topic they came from; exit 1 when a named record is not there or may not be sent."""
    from sinks.queries.quarantine import QuarantineId, Wanted
    from sinks.queries.quarantine import replay as send_back

    if not (aside_id or stage or reason or everything):
        raise click.UsageError("say which: --id, --stage, --reason or --all")
    chosen = QuarantineId.parse(aside_id) if aside_id else None
    wanted = Wanted(id=chosen, stage=stage, reason=reason, replayed=None if chosen else False)
    ends: Counter[str] = Counter()
    with _database(config_file) as (settings, engine):
        for one in send_back(settings, engine, wanted, dry_run=dry_run):
            word = f"refused: {one.refusal.value}" if one.refusal else ("would be sent" if dry_run else "sent")
            ends["refused" if one.refusal else "sent"] += 1
            click.echo(f"{word:<28} {one.id}")
    click.echo(f"{ends['sent']} {'to send' if dry_run else 'sent back'}, {ends['refused']} refused.")
    if chosen is not None and not ends["sent"]:
        sys.exit(EXIT_NO)


@contextmanager
def _database(config_file: Path | None) -> Iterator[tuple[Settings, Engine]]:
    from sinks.database.engine import create_engine_for
    from sinks.database.schema import check_schema

    settings = settings_from(config_file)
    configure_logs(settings.log, stage="quarantine")
    engine = create_engine_for(settings, must_exist=True)
    try:
        check_schema(engine)
        yield settings, engine
    finally:
        engine.dispose()


def _as_line(aside: QuarantinedRecord) -> str:
    sent = "sent" if aside.replayed_at else ""
    at = aside.quarantined_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    error = harmless(" ".join(aside.error[:100].split()))
    return f"{at}  {aside.reason:<15} {len(aside.value or b''):>9,} B {sent:<4}  {aside.id}\n    {error}"


def _as_page(aside: QuarantinedRecord) -> list[str]:
    value = aside.value or b""
    return [
        f"id:          {aside.id}",
        f"reason:      {aside.reason}",
        f"error:       {harmless(aside.error)}",
        f"set aside:   {aside.quarantined_at.isoformat()} by {harmless(aside.worker) or 'unknown'}",
        f"sent back:   {aside.replayed_at.isoformat() if aside.replayed_at else 'never'}",
        f"key:         {harmless((aside.key or b'').decode('utf-8', 'backslashreplace')) if aside.key is not None else 'none'}",
        f"value:       {'none' if aside.value is None else f'{len(value):,} bytes'}",
        harmless(value[:SHOWN_BYTES].decode("utf-8", "backslashreplace")),
        *([f"... {len(value) - SHOWN_BYTES:,} bytes more; --raw gives all"] if len(value) > SHOWN_BYTES else []),
    ]


def _as_object(aside: QuarantinedRecord) -> dict[str, Any]:
    return {
        "id": str(aside.id), "stage": aside.id.stage, "topic": aside.id.topic, "partition": aside.id.partition, "offset": aside.id.offset,
        "reason": aside.reason, "error": aside.error, "quarantined_at": aside.quarantined_at.isoformat(), "worker": aside.worker,
        "replayed_at": aside.replayed_at.isoformat() if aside.replayed_at else None,
        "key_base64": None if aside.key is None else base64.b64encode(aside.key).decode(),
        "value_base64": None if aside.value is None else base64.b64encode(aside.value).decode(),
    }  # fmt: skip


def harmless(text: str) -> str:
    """The text with every control and format character spelt out: bytes from anywhere must not steer a terminal."""
    return "".join(
        character if character == "\n" or unicodedata.category(character)[0] != "C" else character.encode("unicode_escape").decode()
        for character in text
    )
