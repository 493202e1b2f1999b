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
from processors.themes.model import ListsFile, Strict, ThemeFile

Model = TypeVar("Model", bound=Strict)


def load_themes(directory: Path) -> ThemeSet:
    """Return the compiled themes of `directory`. Raises SettingsError listing every problem as `file:key`."""
    problems: list[Problem] = []
    if not directory.is_dir():
        raise SettingsError([Problem(str(directory), "is not a directory of theme files")])
    theme_paths = sorted(path for path in directory.glob("*.toml") if not path.name.startswith("."))
    list_paths = sorted(directory.glob("lists/*.toml"))
    if not theme_paths:
        problems.append(Problem(str(directory), "holds no theme file (*.toml)"))
    raw = {path: _content(path, problems) for path in (*list_paths, *theme_paths)}
    lists = [(path, _model(path, raw[path], ListsFile, problems)) for path in list_paths]
    themes = [(path, _model(path, raw[path], ThemeFile, problems)) for path in theme_paths]
    readable = [(path.name, theme) for path, theme in themes if theme is not None]
    shared = [(f"lists/{path.name}", one.lists) for path, one in lists if one is not None]
    try:
        compiled = compile_themes(readable, shared, [raw[path] for path in (*list_paths, *theme_paths)])
    except SettingsError as error:
        if not any(one is None for _, one in lists):  # else every use of its names would be reported again
            problems += error.problems
        raise SettingsError(problems) from None
    if problems:
        raise SettingsError(problems)
    return compiled


def _content(path: Path, problems: list[Problem]) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        problems.append(Problem(path.name, f"cannot be read: {error.strerror}"))
        return b""


def _model(path: Path, raw: bytes, model: type[Model], problems: list[Problem]) -> Model | None:
    name = f"lists/{path.name}" if model is ListsFile else path.name
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
