"""`newsmon receivers list | test | enable | new-key | public-keys`: who gets the alerts, and whether they arrive."""

from __future__ import annotations

import asyncio
import os
import sys
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.database import open_database
from newsmon.app.cli.options import config_option, settings_from
from newsmon.errors import DependencyError, Problem, SettingsError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from newsmon.settings import ReceiverSettings, Settings
    from sinks.message.signature import Signer
    from sinks.policy.attempt import Outcome


@click.group()
def command() -> None:
    """List and test receivers, enable a disabled one, manage signing keys."""


@command.command("list", short_help="List receivers and their state.")
@config_option
def list_command(config_file: Path | None) -> None:
    """List the configured receivers and, once there is a database, the state of each: pending, last accepted, disabled."""
    from sinks.database.engine import reading
    from sinks.outbox.claim import pending
    from sinks.outbox.state.receiver_state import read_state

    settings = settings_from(config_file)
    engine = _engine_if_any(settings)
    for receiver in settings.receivers:
        kind = receiver.kind if receiver.format == "standard" else f"{receiver.kind} ({receiver.format})"
        line = f"{receiver.id:<20}  {kind:<22}  from {receiver.min_severity:<6}  {', '.join(receiver.themes) or 'all themes'}"
        if engine is not None:
            with reading(engine) as connection:
                state, (count, oldest) = read_state(connection, receiver.id), pending(connection, receiver.id)
            line += f"  {'enabled' if state.disabled_reason is None else f'disabled: {state.disabled_reason}'}, {count} pending"
            line += f" since {_moment(oldest)}" if oldest is not None else ""
            line += f", last accepted {_moment(state.last_success_at)}" if state.last_success_at is not None else ""
            line += f", failing since {_moment(state.failing_since)}" if state.failing_since is not None else ""
        click.echo(line)
    if not settings.receivers:
        click.echo("no receivers in the settings", err=True)


@command.command("test", short_help="Send a test message.")
@config_option
@click.argument("names", nargs=-1, metavar="[RECEIVER]...")
def test_command(config_file: Path | None, names: tuple[str, ...]) -> None:
    """Send a test message to each RECEIVER, or to all. Exit code 1 unless every receiver accepts it.

    The message is signed, formatted and checked by the network guard like an alert, and sent once.
    """
    from sinks.channels.secrets import load_addresses, load_secrets
    from sinks.channels.webhook import check_addresses

    settings = settings_from(config_file)
    chosen = [_configured(settings, name) for name in names] or list(settings.receivers)
    secrets, addresses = load_secrets(chosen, os.environ), load_addresses(chosen, os.environ)
    check_addresses(chosen)
    outcomes = asyncio.run(_test_all(chosen, secrets, addresses))
    for receiver, outcome in zip(chosen, outcomes, strict=True):
        status = f" (status {outcome.status})" if outcome.status is not None else ""
        detail = f": {outcome.detail}" if outcome.detail else ""
        click.echo(f"{receiver.id}: {outcome.reason}{status}{detail}, {outcome.duration_s:.2f} s")
    if not chosen:
        click.echo("no receivers in the settings", err=True)
    if not chosen or not all(outcome.accepted for outcome in outcomes):
        sys.exit(EXIT_NO)


@command.command("new-key", short_help="Create an Ed25519 signing key.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def new_key_command(file: Path) -> None:
    """Create an Ed25519 signing key in FILE, which must not exist, and print the public key for the receiver.

    Then add FILE to the receiver's secret_files.
    """
    from sinks.message.asymmetric_keys import SEED_BYTES, SigningKey

    key = SigningKey(os.urandom(SEED_BYTES))
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
            opened.write(f"{key.text()}\n")
    except OSError as error:
        raise SettingsError([Problem("receivers:new-key", f"{file}: {error.strerror}")]) from error
    click.echo(key.public_text())


@command.command("public-keys", short_help="Print the public keys for v1a signatures.")
@config_option
@click.argument("names", nargs=-1, metavar="[RECEIVER]...")
def public_keys_command(config_file: Path | None, names: tuple[str, ...]) -> None:
    """Print the public keys (`whpk_...`) of each RECEIVER, or of all, newest first. Exit code 1 if there are none."""
    from sinks.channels.secrets import load_secrets
    from sinks.message.asymmetric_keys import SigningKey

    settings = settings_from(config_file)
    chosen = [_configured(settings, name) for name in names] or list(settings.receivers)
    found = [(name, key) for name, keys in load_secrets(chosen, os.environ).items() for key in keys if isinstance(key, SigningKey)]
    for name, key in found:
        click.echo(f"{name}  {key.public_text()}")
    if not found:
        click.echo("no receiver has a whsk_ key", err=True)
        sys.exit(EXIT_NO)


@command.command("enable", short_help="Enable a disabled receiver.")
@config_option
@click.argument("receiver")
def enable_command(config_file: Path | None, receiver: str) -> None:
    """Enable a disabled receiver, so that it gets alerts again. Exit code 1 if it was not disabled."""
    from sinks.database.engine import writing
    from sinks.outbox.state.receiver_state import enable

    settings = settings_from(config_file)
    _configured(settings, receiver)
    with writing(open_database(settings)) as connection:
        was_disabled = enable(connection, receiver, now=datetime.now(UTC))
    if not was_disabled:
        click.echo(f"{receiver} is not disabled", err=True)
        sys.exit(EXIT_NO)
    click.echo(f"{receiver} is enabled; to send what it missed: newsmon deliveries replay --receiver {receiver}")


async def _test_all(
    receivers: Sequence[ReceiverSettings], secrets: dict[str, tuple[Signer, ...]], addresses: dict[str, tuple[str, ...]]
) -> list[Outcome]:  # fmt: skip
    from sinks.channels.channel import open_channel
    from sinks.message.webhook_formats import probe_payload

    async def one(receiver: ReceiverSettings) -> Outcome:
        body = probe_payload(now=datetime.now(UTC), receiver=receiver.id)
        async with open_channel(receiver, secrets[receiver.id], addresses.get(receiver.id, ())) as channel:
            return await channel.post(webhook_id=f"test_{uuid.uuid4().hex}", body=body)

    return list(await asyncio.gather(*(one(receiver) for receiver in receivers)))


def _configured(settings: Settings, name: str) -> ReceiverSettings:
    found = next((one for one in settings.receivers if one.id == name), None)
    if found is None:
        raise SettingsError([Problem("receivers:RECEIVER", f"no receiver is called {name!r}")])
    return found


def _engine_if_any(settings: Settings) -> Engine | None:
    try:
        return open_database(settings)
    except DependencyError as error:
        click.echo(f"their state is unknown: {error}", err=True)
        return None


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z"
