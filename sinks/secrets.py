"""The signing secrets of every receiver, from files or environment variables; they are never logged and never in the settings file.

In: the receivers' settings, the environment. Out: secrets by receiver id, newest first. I/O: the secret files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from newsmon.errors import Problem, SettingsError
from newsmon.settings import ReceiverSettings
from sinks.signature import Secret, SecretError

MAX_FILE_BYTES = 4_096  # a secret has at most 100; a device or a log given by mistake is not read whole


def load_secrets(receivers: Sequence[ReceiverSettings], environ: Mapping[str, str]) -> dict[str, tuple[Secret, ...]]:
    """At least one secret per receiver, those of files first; SettingsError lists every problem by receiver and key."""
    loaded: dict[str, tuple[Secret, ...]] = {}
    problems: list[Problem] = []
    for receiver in receivers:
        secrets = [*_from_files(receiver, problems), *_from_environment(receiver, environ, problems)]
        loaded[receiver.id] = tuple(dict.fromkeys(secrets))
    if problems:
        raise SettingsError(problems)
    return loaded


def _from_files(receiver: ReceiverSettings, problems: list[Problem]) -> list[Secret]:
    where = f"settings:receivers.{receiver.id}.secret_files"
    found = []
    for file in receiver.secret_files:
        try:
            found.append(Secret.parse(_text_of(file)))
        except SecretError as error:
            problems.append(Problem(where, f"{file}: the secret {error.fault}"))
        except UnicodeDecodeError:
            problems.append(Problem(where, f"{file}: not text; one whsec_ secret is wanted"))
        except OSError as error:
            problems.append(Problem(where, f"{file}: {error.strerror}"))
    return found


def _text_of(file: Path) -> str:
    with file.open("rb") as opened:
        return opened.read(MAX_FILE_BYTES).decode("utf-8").strip()


def _from_environment(receiver: ReceiverSettings, environ: Mapping[str, str], problems: list[Problem]) -> list[Secret]:
    if receiver.secret_env is None:
        return []
    where = f"settings:receivers.{receiver.id}.secret_env"
    texts = environ.get(receiver.secret_env, "").split()
    if not texts:
        problems.append(Problem(where, f"missing secret: the environment variable {receiver.secret_env} is not set"))
    found = []
    for text in texts:
        try:
            found.append(Secret.parse(text))
        except SecretError as error:
            problems.append(Problem(where, f"{receiver.secret_env}: a secret {error.fault}"))
    return found
