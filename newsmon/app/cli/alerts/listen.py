"""`newsmon listen`: a small receiver that verifies webhooks and prints each alert once, as text or JSON lines."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from newsmon.errors import Problem, SettingsError
from sinks.message.alert_payload import Payload
from sinks.message.chat_text import chat_message

if TYPE_CHECKING:
    from newsmon.app.listener import Received

SECRET_BYTES = 32
DEFAULT_SECRET_FILE = Path("newsmon-listen.secret")
KINDS = {"v1": "HMAC-SHA256", "v1a": "Ed25519"}
SAID = {
    "verified": "verified", "mismatched": "made with another key", "absent": "missing, although you gave its key",
    "unchecked": "not checked: no key given",
}  # fmt: skip
SHOWN_EVIDENCE = 5
SHOWN_ARTICLES = 5


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="Port to listen on. 0: any free port.")
@click.option(
    "--secret-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"File with the receiver's whsec_ secret or whsk_ key, created if missing. Default: ./{DEFAULT_SECRET_FILE}",
)
@click.option(
    "--public-key",
    "public_keys",
    multiple=True,
    metavar="whpk_...",
    help="Public key that verifies Ed25519 signatures (v1a). May be repeated. No secret is needed then, and none is created.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per delivery, including refused and repeated ones.")
@click.option(
    "--fail", "fail_count", default=0, type=click.IntRange(min=0), metavar="N", help="Answer the first N deliveries with --status."
)
@click.option("--status", default=500, show_default=True, type=click.IntRange(200, 599), help="HTTP status for --fail.")
def command(
    host: str, port: int, secret_file: Path | None, public_keys: tuple[str, ...], as_json: bool, fail_count: int, status: int
) -> None:  # fmt: skip
    """Receive webhooks: verify the signature, drop repeats, print each alert. Stop with Ctrl-C."""
    keys = [_public_key(text) for text in public_keys]
    file = secret_file or (None if keys else DEFAULT_SECRET_FILE)
    made = False
    if file is not None:
        secret, made = _secret_in(file)
        keys.insert(0, secret)
    asyncio.run(_listen(host, port, keys, file=file, made=made, as_json=as_json, fail_count=fail_count, status=status))


async def _listen(
    host: str, port: int, keys: list[str], *, file: Path | None, made: bool, as_json: bool, fail_count: int, status: int
) -> None:  # fmt: skip
    from newsmon.app.listener import Answer, VerifyingReceiver

    show = _print_json if as_json else _print_for_people
    receiver = VerifyingReceiver(keys, host, port, answers=[Answer(status=status)] * fail_count, on_delivery=show)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        async with receiver:
            click.echo(_introduction(receiver.url, file.resolve() if file is not None else None, host, made=made), err=True)
            await stopped.wait()
    except OSError as error:
        raise SettingsError([Problem("listen:--port", f"cannot listen on {host}:{port}: {error.strerror}")]) from error


def _public_key(text: str) -> str:
    from sinks.message.asymmetric_keys import PublicKey
    from sinks.message.signature import SecretError

    try:
        PublicKey.parse(text)
    except SecretError as error:
        raise SettingsError([Problem("listen:--public-key", f"the key {error.fault}")]) from error
    return text


def _secret_in(file: Path) -> tuple[str, bool]:
    """The secret or private key in the file, and whether it was created just now (readable by its owner only)."""
    from sinks.message.asymmetric_keys import signer_of
    from sinks.message.signature import Secret, SecretError

    try:
        text = file.read_text("utf-8").strip()
        signer_of(text)
        return text, False
    except FileNotFoundError:
        text = Secret(os.urandom(SECRET_BYTES)).text()
    except SecretError as error:
        raise SettingsError([Problem(f"listen:--secret-file {file}", f"the secret {error.fault}")]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([Problem(f"listen:--secret-file {file}", f"cannot be read: {error}")]) from error
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
            opened.write(text + "\n")
    except OSError as error:
        raise SettingsError([Problem(f"listen:--secret-file {file}", f"cannot be written: {error.strerror}")]) from error
    return text, True


def _introduction(url: str, file: Path | None, host: str, *, made: bool) -> str:
    private = '\nallow_private = ["127.0.0.0/8"]' if host.startswith("127.") else '\nallow_private = ["::1/128"]' if host == "::1" else ""
    known = f"{'new secret in' if made else 'key from'} {file}" if file is not None else "verifying with public keys only"
    paste = json.dumps(str(file)) if file is not None else '"THE-FILE-OF-THE-PRIVATE-KEY"'
    return (
        f"Listening on {url}  ({known}). Stop with Ctrl-C.\n\n"
        f'Add this to newsmon.toml:\n\n[[receivers]]\nid = "listen"\nurl = "{url}"\nsecret_files = [{paste}]{private}\n'
    )


def _print_json(received: Received) -> None:
    line = {
        "received_at": received.received_at.isoformat(),
        "webhook_id": received.webhook_id,
        "verdict": received.verdict.value,
        "signatures": {scheme: check.value for scheme, check in received.schemes.items()},
        "repeat": received.repeat,
        "status": received.status,
        "payload": received.payload if received.verified else None,
    }
    click.echo(json.dumps(line, ensure_ascii=False))


def _print_for_people(received: Received) -> None:
    at = received.received_at.strftime("%H:%M:%S")
    if not received.verified:
        signed = f"; {_signed(received)}" if received.schemes else ""
        click.echo(f"{at}  refused: {received.verdict.value} ({len(received.body)} bytes, answered {received.status}{signed})\n")
    elif not received.accepted:
        click.echo(f"{at}  {received.webhook_id}: answered {received.status} on request; the sender will retry\n")
    elif received.repeat:
        click.echo(f"{at}  {received.webhook_id}: a repeat, dropped\n")
    else:
        click.echo(f"{at}  {_alert_text(received.body)}\n  signed   {_signed(received)}\n")


def _signed(received: Received) -> str:
    """The result of each signature, by scheme."""
    return ", ".join(f"{scheme} ({KINDS[scheme]}) {SAID[check]}" for scheme, check in received.schemes.items())


def _alert_text(body: bytes) -> str:
    """The alert in a few lines. The body is signed, but its text comes from feeds: control characters are removed."""
    try:
        payload = msgspec.json.decode(body, type=Payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _other_text(body, error)
    alert = payload.data
    again = f"  (not acknowledged at {alert.escalation.receiver})" if alert.escalation is not None else ""
    lines = [
        f"{alert.severity.upper()}  {alert.theme.label}  [{alert.state}: {alert.reason}, revision {alert.revision}]{again}",
        alert.title,
        f"  why      {alert.score.arithmetic}",
        *(
            f"           {one.field}: “{one.text}”  ({one.clause}, {one.contribution:+.3g})"
            for one in [one for one in alert.evidence if abs(one.contribution) >= 5e-4][:SHOWN_EVIDENCE]
        ),
    ]
    lines += [f"  with     {one.severity.upper()}  {one.theme.label}  [{one.score.arithmetic}]" for one in alert.also_alerts]
    lines += [f"  and      {one.severity.upper()}  {one.title}  [{one.score.arithmetic}]" for one in alert.also_updates]
    if alert.also_matched:
        lines.append(f"  also     {', '.join(one.theme_id for one in alert.also_matched)}")
    outlets = ", ".join(dict.fromkeys(one.source for one in alert.articles))
    lines.append(f"  outlets  {alert.story.source_count} independent, {alert.story.outlet_count} in all: {outlets}")
    lines += [f"           {one.url}" for one in alert.articles[:SHOWN_ARTICLES] if one.url]
    if (left_out := alert.articles_omitted + max(0, len(alert.articles) - SHOWN_ARTICLES)) > 0:
        lines.append(f"           and {left_out} more")
    return "\n".join(_plain(line) for line in lines)


def _other_text(body: bytes, error: Exception) -> str:
    """A newsmon message other than an alert, such as a test, or something else signed with the secret."""
    try:
        is_ours = str(msgspec.json.decode(body, type=dict[str, Any]).get("type")).startswith("newsmon.")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        is_ours = False
    if not is_ours:
        return _plain(f"signed, but not a newsmon message ({error}): {body[:300].decode('utf-8', 'replace')}")
    return "\n".join(_plain(line) for line in chat_message(body).whole.split("\n"))


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
