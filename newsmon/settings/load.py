"""Reads the TOML file and the `NEWSMON_*` environment variables, and reports all problems at once."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from newsmon.errors import Problem, SettingsError
from newsmon.settings.problems import ENV_PREFIX, problems_of
from newsmon.settings.root import Settings

# For the command line, a stage's HTTP server and its log lines; not settings.
PROCESS_VARIABLES = frozenset({"NEWSMON_CONFIG", "NEWSMON_LISTEN_FD", "NEWSMON_STDERR"})


def load_settings(file: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """The validated settings; SettingsError lists every problem as `file:key`.

    Relative paths in the file are relative to the file, not to the working directory.
    """
    environ = os.environ if environ is None else environ
    data, where = _read_file(file)
    from_env = _from_environment(environ)
    _merge(data, from_env)
    try:
        settings = Settings.model_validate(_anchored(data, file))
    except ValidationError as error:
        raise SettingsError(problems_of(error, Settings, where, from_env)) from error
    _check_whole(settings, where)
    return settings


def _read_file(file: Path | None) -> tuple[dict[str, Any], str]:
    if file is None:
        return {}, "settings"
    try:
        return tomllib.loads(file.read_text("utf-8")), str(file)
    except FileNotFoundError as error:
        raise SettingsError([Problem(str(file), "no such file")]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([Problem(str(file), f"cannot be read: {error}")]) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([Problem(str(file), f"not valid TOML: {error}")]) from error


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name in sorted(environ):
        if not name.startswith(ENV_PREFIX) or name in PROCESS_VARIABLES:
            continue
        keys = name.removeprefix(ENV_PREFIX).lower().split("__")
        node = tree
        for key in keys[:-1]:
            child = node.setdefault(key, {})
            if not isinstance(child, dict):
                raise SettingsError([Problem(f"environment:{name}", "conflicts with another NEWSMON_ variable")])
            node = child
        node[keys[-1]] = _toml_value(environ[name])
    return tree


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = value


_PATH_KEYS = frozenset(
    {
        "state_dir",
        "feeds_file",
        "directory",
        "sasl_password_file",
        "ssl_ca_file",
        "ssl_cert_file",
        "ssl_key_file",
        "url_file",
        "secret_file",
    }
)


def _anchored(data: dict[str, Any], file: Path | None) -> dict[str, Any]:
    base = file.resolve().parent if file else Path.cwd()

    def anchor(node: Any, key: str = "") -> Any:
        if isinstance(node, dict):
            return {name: anchor(child, name) for name, child in node.items()}
        if isinstance(node, list):
            return [anchor(child, key) for child in node]
        if isinstance(node, str) and (key in _PATH_KEYS or key in ("secret_files", "url_files")):
            return str(base / Path(node).expanduser())
        return node

    anchored: dict[str, Any] = anchor(data)
    return anchored


def _check_whole(settings: Settings, where: str) -> None:
    problems = []
    seen: set[str] = set()
    for index, receiver in enumerate(settings.receivers):
        if receiver.id in seen:
            problems.append(Problem(f"{where}:receivers.{index}.id", f"two receivers are called {receiver.id!r}"))
        seen.add(receiver.id)
    for index, receiver in enumerate(settings.receivers):
        if receiver.escalate_to is not None and (receiver.escalate_to == receiver.id or receiver.escalate_to not in seen):
            problems.append(Problem(f"{where}:receivers.{index}.escalate_to", f"no other receiver is called {receiver.escalate_to!r}"))
    producer = settings.producer
    if not producer.min_interval_s <= producer.interval_s <= producer.max_interval_s:
        problems.append(Problem(f"{where}:producer.interval_s", "must be between min_interval_s and max_interval_s"))
    if problems:
        raise SettingsError(problems)
