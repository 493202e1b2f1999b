"""Reads a directory of theme files; everything wrong in any of them is reported in one go.

In: a directory with one TOML file a theme, and `lists/*.toml` with the shared lists. Out: `ThemeSet`. I/O: reads files.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from newsmon.errors import Problem, SettingsError
from processors.themes.compile import compile_themes
from processors.themes.compiled import ThemeSet
from processors.themes.files import ThemeFiles, read_files
from processors.themes.model import ListsFile, Strict, ThemeFile

Model = TypeVar("Model", bound=Strict)


def load_themes(directory: Path) -> ThemeSet:
    """Return the compiled themes of `directory`. Raises SettingsError listing every problem as `file:line:key`."""
    return compile_files(read_files(directory))


def compile_files(files: ThemeFiles) -> ThemeSet:
    """Return the compiled themes. Raises SettingsError listing every problem of every file as `file:line:key`."""
    problems: list[Problem] = []
    lists = [(name, _model(name, raw, ListsFile, problems)) for name, raw in files.lists]
    themes = [(name, _model(name, raw, ThemeFile, problems)) for name, raw in files.themes]
    try:
        compiled = compile_themes(
            [(name, theme) for name, theme in themes if theme is not None],
            [(name, one.lists) for name, one in lists if one is not None],
            [raw for _name, raw in (*files.lists, *files.themes)],
        )
    except SettingsError as error:
        if not any(one is None for _, one in lists):  # else every use of its names would be reported again
            problems += error.problems
        raise SettingsError(problems) from None
    if problems:
        raise SettingsError(problems)
    return compiled


def _model(name: str, raw: bytes, model: type[Model], problems: list[Problem]) -> Model | None:
    try:
        return model.model_validate(tomllib.loads(raw.decode("utf-8")))
    except UnicodeDecodeError as error:
        problems.append(Problem(name, f"is not UTF-8 (byte {error.start})"))
    except tomllib.TOMLDecodeError as error:
        problems.append(Problem(name, f"is not TOML: {error}"))
    except ValidationError as error:
        problems += [Problem(f"{name}:{_key(one['loc'])}", _message(one["type"], one["msg"])) for one in error.errors()]
    return None


def _key(location: tuple[int | str, ...]) -> str:
    """`rule[3].weight`, without the names pydantic gives the branches of a union."""
    key = ""
    for part in location:
        if isinstance(part, int):
            key += f"[{part}]"
        elif part.replace("_", "").replace("-", "").isalnum():
            key += f".{part}" if key else part
    return key


def _message(kind: str, message: str) -> str:
    return {"extra_forbidden": "unknown key", "missing": "is missing"}.get(kind, message)
