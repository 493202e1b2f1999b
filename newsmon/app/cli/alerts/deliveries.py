"""`newsmon deliveries list | replay | release | discard | enable`: what each receiver was sent, and what to do about the rest."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.alerts.receivers import enable_command
from newsmon.app.cli.database import open_database
from newsmon.app.cli.options import config_option, settings_from
from newsmon.app.cli.printing import json_value
from newsmon.app.cli.times import Since
from newsmon.errors import Problem, SettingsError

if TYPE_CHECKING:
    from sqlalchemy import Row

STATES = ("pending", "held", "delivered", "suppressed", "dead")
NONE_UNPROVEN = "no deliveries are held as unproven"


@click.group()
def command() -> None:
    """List deliveries, send them again, decide about those held as unproven, enable a disabled receiver."""


@command.command("list")
@config_option
@click.option("--state", type=click.Choice(STATES), help="Only deliveries in this state.")
@click.option("--receiver", help="Only deliveries to this receiver.")
@click.option("--since", type=Since(), help="Only deliveries since this time or period: 24h, 7d, or 2026-11-24T06:00Z.")
@click.option("--until", type=Since(), help="Only deliveries before this time or period.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(min=1), help="How many deliveries to list.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per delivery.")
def list_command(
    config_file: Path | None, state: str | None, receiver: str | None, since: datetime | None, until: datetime | None, limit: int,
    as_json: bool,
) -> None:  # fmt: skip
    """List deliveries, newest first."""
    from sinks.database.engine import reading
    from sinks.database.outbox_tables import OutboxState
    from sinks.outbox.replay import Selection, deliveries

    engine = open_database(settings_from(config_file))
    selection = Selection(receiver=receiver, state=OutboxState(state) if state else None, since=since, until=until)
    with reading(engine) as connection:
        rows = deliveries(connection, selection, limit=limit)
    for row in rows:
        click.echo(json.dumps(row._asdict(), default=json_value) if as_json else _line(row))
    if not rows and not as_json:
        click.echo("no deliveries", err=True)


@command.command("replay", short_help="Send dead deliveries again.")
@config_option
@click.option("--receiver", help="Only deliveries to this receiver.")
@click.option("--since", type=Since(), help="Only deliveries since this time or period: 24h, 7d, or 2026-11-24T06:00Z.")
@click.option("--until", type=Since(), help="Only deliveries before this time or period.")
@click.option("--id", "delivery_ids", multiple=True, metavar="WEBHOOK-ID", help="Only this delivery. May be repeated.")
@click.option("--all", "also_delivered", is_flag=True, help="Also send what was delivered, for a receiver that lost its data.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent, send nothing.")
def replay_command(
    config_file: Path | None, receiver: str | None, since: datetime | None, until: datetime | None, delivery_ids: tuple[str, ...],
    also_delivered: bool, dry_run: bool,
) -> None:  # fmt: skip
    """Send dead deliveries again: same webhook-id, same bytes, new retry schedule. Exit code 1 if there is nothing to send."""
    from sinks.database.engine import reading, writing
    from sinks.outbox.replay import Selection, replay

    settings = settings_from(config_file)
    engine = open_database(settings)
    configured = {one.id for one in settings.receivers}
    if receiver is not None and receiver not in configured:
        raise SettingsError([Problem("deliveries:--receiver", f"no receiver is called {receiver!r}")])
    selection = Selection(receiver=receiver, since=since, until=until, delivery_ids=delivery_ids)
    with reading(engine) if dry_run else writing(engine) as connection:
        done = replay(
            connection, selection, configured=configured, also_delivered=also_delivered, now=datetime.now(UTC), dry_run=dry_run
        )  # fmt: skip
    for name, count in done.chosen.items():
        click.echo(f"{name}: {count} {'would be' if dry_run else 'will be'} sent again")
    for name, count in done.skipped.items():
        _say_skipped(name, count, is_configured=name in configured)
    if not done.chosen:
        click.echo("nothing to send again", err=True)
        sys.exit(EXIT_NO)


def _selecting(command: Callable[..., None]) -> Callable[..., None]:
    """The options that narrow down deliveries held as unproven."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Show what would be done, but do nothing."),
        click.option("--id", "delivery_ids", multiple=True, metavar="WEBHOOK-ID", help="Only this delivery. May be repeated."),
        click.option("--until", type=Since(), help="Only alerts raised before this time or period."),
        click.option("--since", type=Since(), help="Only alerts raised since this time or period: 24h, 7d, or 2026-11-24T06:00Z."),
        click.option("--receiver", help="Only deliveries to this receiver."),
        config_option,
    ):
        command = option(command)
    return command


@command.command("release", short_help="Send deliveries held as unproven.")
@_selecting
def release_command(config_file: Path | None, dry_run: bool, **chosen: Any) -> None:
    """Send deliveries held as unproven: the database was lost, and nothing says whether they were sent. They go out within seconds, under
    their original webhook-id. Exit code 1 if there are none."""
    from sinks.database.engine import reading, writing
    from sinks.outbox.replay import Selection
    from sinks.outbox.state.receiver_state import disabled_receivers
    from sinks.outbox.unproven import release_unproven, unproven

    settings = settings_from(config_file)
    engine, selection = open_database(settings), Selection(**chosen)
    configured = {one.id for one in settings.receivers}
    with reading(engine) if dry_run else writing(engine) as connection:
        able = configured - disabled_receivers(connection).keys()
        counts = unproven(connection, selection)
        if not dry_run:
            release_unproven(connection, selection, now=datetime.now(UTC), receivers=able)
    for name, count in counts.items():
        if name in able:
            click.echo(f"{name}: {count} {'would be' if dry_run else 'will be'} sent")
        else:
            _say_skipped(name, count, is_configured=name in configured)
    if not counts.keys() & able:
        click.echo("nothing to send" if counts else NONE_UNPROVEN, err=True)
        sys.exit(EXIT_NO)


@command.command("discard", short_help="Drop deliveries held as unproven.")
@_selecting
def discard_command(config_file: Path | None, dry_run: bool, **chosen: Any) -> None:
    """Never send these deliveries held as unproven; they count as suppressed, reason `discarded`. Exit code 1 if there are none."""
    from sinks.database.engine import reading, writing
    from sinks.outbox.replay import Selection
    from sinks.outbox.unproven import discard_unproven, unproven

    engine, selection = open_database(settings_from(config_file)), Selection(**chosen)
    with reading(engine) if dry_run else writing(engine) as connection:
        counts = unproven(connection, selection)
        if not dry_run:
            discard_unproven(connection, selection, now=datetime.now(UTC))
    for name, count in counts.items():
        click.echo(f"{name}: {count} {'would be' if dry_run else 'are'} dropped")
    if not counts:
        click.echo(NONE_UNPROVEN, err=True)
        sys.exit(EXIT_NO)


def _say_skipped(receiver: str, count: int, *, is_configured: bool) -> None:
    hint = f"enable it first: newsmon receivers enable {receiver}" if is_configured else "it is no longer in the settings"
    click.echo(f"{receiver}: {count} skipped, {'the receiver is disabled; ' if is_configured else ''}{hint}", err=True)


command.add_command(enable_command)


def _line(row: Row[Any]) -> str:
    how = row.last_reason or ""
    if row.last_status is not None:
        how += f" {row.last_status}"
    if row.reason is not None and row.reason != row.last_reason:
        how = f"{row.reason} ({how})"
    if row.state == "held":
        how = row.reason
    when = f", again at {row.next_attempt_at:%H:%M:%S}" if row.state == "pending" and row.attempt_count else ""
    attempts = f"{row.attempt_count} attempt{'' if row.attempt_count == 1 else 's'}"
    return (
        f"{row.created_at:%Y-%m-%d %H:%M:%S}Z  {row.state:<10}  {row.receiver}  {row.theme_id}  {row.delivery_id}  "
        f"revision {row.revision}  {attempts}  {how}{when}"
    )
