"""Options that several commands share, and the settings they lead to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import platformdirs

from newsmon.app.cli import CONFIG_KEY
from newsmon.settings import Settings, load_settings

F = TypeVar("F", bound=Callable[..., Any])


def _remember(context: click.Context, _option: click.Parameter, config_file: Path | None) -> Path | None:
    context.meta[CONFIG_KEY] = find_config(config_file)
    return config_file


def config_option(function: F) -> F:
    """Adds `--config FILE` (or NEWSMON_CONFIG)."""
    return click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="NEWSMON_CONFIG",
        callback=_remember,
        help="Settings file. Default: ./newsmon.toml, else newsmon.toml in your config directory, else built-in defaults.",
    )(function)


def themes_option(function: F) -> F:
    """Adds `--themes DIRECTORY`."""
    return click.option(
        "--themes", "directory", type=click.Path(path_type=Path), help="Directory of theme files. Default: the themes shipped with newsmon."
    )(function)


def find_config(config_file: Path | None) -> Path | None:
    """The settings file to use: the given one, else the first that exists, else None (built-in defaults)."""
    if config_file is not None:
        return config_file
    candidates = (Path.cwd() / "newsmon.toml", Path(platformdirs.user_config_dir("newsmon", appauthor=False)) / "newsmon.toml")
    return next((path for path in candidates if path.is_file()), None)


def settings_from(config_file: Path | None) -> Settings:
    """The checked settings of a command; SettingsError lists every problem."""
    return load_settings(find_config(config_file), os.environ)
