"""Loads secrets from files or environment variables, and never logs them: signing keys, Apprise addresses, the acknowledgement key.

In: the receivers' settings, the environment. Out: secrets, newest first, and addresses by receiver id. I/O: the secret files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from newsmon.errors import Problem, SettingsError
from newsmon.settings import AckSettings, ReceiverSettings
from sinks.message.asymmetric_keys import signer_of
from sinks.message.signature import Secret, SecretError, Signer

Key = TypeVar("Key")

SCHEMA = re.compile(r"[a-z][a-z0-9]{0,31}://\S+\Z", re.IGNORECASE)
MAX_FILE_BYTES = 4_096  # a secret has at most 100; a device or log file given by mistake is not read whole


def load_secrets(receivers: Sequence[ReceiverSettings], environ: Mapping[str, str]) -> dict[str, tuple[Signer, ...]]:
    """At least one key per webhook receiver, those from files first; SettingsError lists every problem by receiver and key."""
    loaded: dict[str, tuple[Signer, ...]] = {}
    problems: list[Problem] = []
    for receiver in receivers:
        if receiver.kind != "webhook":
            loaded[receiver.id] = ()
            continue
        loaded[receiver.id] = _loaded(f"settings:receivers.{receiver.id}", receiver, environ, problems, signer_of)
    if problems:
        raise SettingsError(problems)
    return loaded


def load_ack_secrets(settings: AckSettings, environ: Mapping[str, str]) -> tuple[Secret, ...]:
    """The secrets of acknowledgement links, newest first; none when links are not set up. SettingsError lists every problem."""
    problems: list[Problem] = []
    loaded = _loaded("settings:ack", settings, environ, problems, Secret.parse)
    if problems:
        raise SettingsError(problems)
    return loaded


def load_addresses(receivers: Sequence[ReceiverSettings], environ: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """At least one Apprise address per receiver of that kind; SettingsError lists every problem but never shows an address."""
    loaded: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    for receiver in (one for one in receivers if one.kind == "apprise"):
        where = f"settings:receivers.{receiver.id}"
        found: list[str] = []
        for file in receiver.url_files:
            try:
                found += _text_of(file).split()
            except (OSError, UnicodeDecodeError) as error:
                problems.append(Problem(f"{where}.url_files", f"{file}: {getattr(error, 'strerror', None) or 'not text'}"))
        if receiver.url_env is not None:
            found += environ.get(receiver.url_env, "").split()
        loaded[receiver.id] = tuple(dict.fromkeys(found))
        if not found:
            problems.append(Problem(where, "no Apprise address in its url_files or url_env"))
        if any(not SCHEMA.match(address) for address in found):
            problems.append(Problem(where, "an address does not look like an Apprise address (slack://, mailto://, ...)"))
    if problems:
        raise SettingsError(problems)
    return loaded


def _loaded(
    where: str, settings: ReceiverSettings | AckSettings, environ: Mapping[str, str], problems: list[Problem], parse: Callable[[str], Key]
) -> tuple[Key, ...]:
    keys = _from_files(f"{where}.secret_files", settings.secret_files, problems, parse)
    keys += _from_environment(f"{where}.secret_env", settings.secret_env, environ, problems, parse)
    return tuple(dict.fromkeys(keys))


def _from_files(where: str, files: Sequence[Path], problems: list[Problem], parse: Callable[[str], Key]) -> list[Key]:
    found = []
    for file in files:
        try:
            found.append(parse(_text_of(file)))
        except SecretError as error:
            problems.append(Problem(where, f"{file}: the secret {error.fault}"))
        except UnicodeDecodeError:
            problems.append(Problem(where, f"{file}: not text; expected one whsec_ or whsk_ secret"))
        except OSError as error:
            problems.append(Problem(where, f"{file}: {error.strerror}"))
    return found


def _text_of(file: Path) -> str:
    with file.open("rb") as opened:
        return opened.read(MAX_FILE_BYTES).decode("utf-8").strip()


def _from_environment(
    where: str, variable: str | None, environ: Mapping[str, str], problems: list[Problem], parse: Callable[[str], Key]
) -> list[Key]:  # fmt: skip
    if variable is None:
        return []
    texts = environ.get(variable, "").split()
    if not texts:
        problems.append(Problem(where, f"missing secret: the environment variable {variable} is not set"))
    found = []
    for text in texts:
        try:
            found.append(parse(text))
        except SecretError as error:
            problems.append(Problem(where, f"{variable}: a secret {error.fault}"))
    return found
