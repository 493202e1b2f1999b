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
from newsmon.words import Words, read_files, use, use_directory

WORDS_KEY = "newsmon.words"  # in the context's meta: the folder given by --words

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


def words_option(function: F) -> F:
    """Adds `--words DIR`, whose files are used from here on."""
    return click.option(
        "--words",
        type=click.Path(path_type=Path, file_okay=False),
        callback=_use_words,
        expose_value=False,
        help="Folder with your own word files, on top of the shipped ones.",
    )(function)


def _use_words(context: click.Context, _option: click.Parameter, directory: Path | None) -> None:
    if directory is not None:
        context.meta[WORDS_KEY] = directory
        use(Words.checked(read_files(directory)))


def find_config(config_file: Path | None) -> Path | None:
    """The settings file to use: the given one, else the first that exists, else None (built-in defaults)."""
    if config_file is not None:
        return config_file
    candidates = (Path.cwd() / "newsmon.toml", Path(platformdirs.user_config_dir("newsmon", appauthor=False)) / "newsmon.toml")
    return next((path for path in candidates if path.is_file()), None)


def settings_from(config_file: Path | None) -> Settings:
    """The checked settings of a command, and their word files put to use; SettingsError lists every problem."""
    settings = load_settings(find_config(config_file), os.environ)
    context = click.get_current_context(silent=True)
    if context is None or WORDS_KEY not in context.meta:  # --words wins
        use_directory(settings.words.directory)
    return settings
