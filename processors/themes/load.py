"""Read a directory of theme files and report every problem in any of them at once.

In: a directory with one TOML file per theme, and `lists/*.toml` with the shared lists. Out: `ThemeSet`. I/O: reads files.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from newsmon.errors import Problem, SettingsError
from processors.themes.compile import compile_themes
from processors.themes.compiled import ThemeSet
from processors.themes.files import ThemeFiles, read_files
from processors.themes.lines import line_of
from processors.themes.model import ListsFile, Strict, ThemeFile
from processors.themes.partial import further_problems

Model = TypeVar("Model", bound=Strict)
_AT_LINE = re.compile(r"\(at line (\d+)")


def load_themes(directory: Path) -> ThemeSet:
    """Return the compiled themes of `directory`. Raises SettingsError listing every problem as `file:line:key`."""
    return compile_files(read_files(directory))


def compile_files(files: ThemeFiles) -> ThemeSet:
    """Return the compiled themes. Raises SettingsError listing every problem of every file as `file:line:key`."""
    problems: list[Problem] = []
    lists = [_read(name, raw, ListsFile, problems) for name, raw in files.lists]
    themes = [_read(name, raw, ThemeFile, problems) for name, raw in files.themes]
    shared = {key for one in lists if one.model is not None for key in one.model.lists} if all(one.model for one in lists) else None
    for one in themes:
        if one.model is None or shared is None:
            problems += further_problems(one.name, one.data, shared)
    try:
        compiled = compile_themes(
            [(one.name, one.model) for one in themes if one.model is not None],
            [(one.name, one.model.lists) for one in lists if one.model is not None],
            [raw for _name, raw in (*files.lists, *files.themes)],
        )
    except SettingsError as error:
        if shared is not None:  # otherwise every use of a name from the unreadable file would be reported
            problems += error.problems
        raise SettingsError(_with_lines(problems, files)) from None
    if problems:
        raise SettingsError(_with_lines(problems, files))
    return compiled


@dataclass(frozen=True, slots=True)
class _File(Generic[Model]):
    """One file, as far as it could be read."""

    name: str
    data: dict[str, Any]
    model: Model | None


def _read(name: str, raw: bytes, model: type[Model], problems: list[Problem]) -> _File[Model]:
    data: dict[str, Any] = {}
    try:
        data = tomllib.loads(raw.decode("utf-8"))
        return _File(name, data, model.model_validate(data))
    except UnicodeDecodeError as error:
        problems.append(Problem(name, f"is not UTF-8 (byte {error.start})"))
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        problems.append(Problem(f"{name}:{found[1]}" if found else name, f"is not TOML: {error}"))
    except ValidationError as error:
        problems += [Problem(f"{name}:{key}", message) for key, message in _by_key(error).items()]
    return _File(name, data, None)


def _with_lines(problems: Iterable[Problem], files: ThemeFiles) -> list[Problem]:
    """The problems, each once, with `file:key` as `file:line:key`, ordered by file and line."""
    texts = {name: content.decode("utf-8", "replace") for name, content in files.everything().items()}
    placed = []
    for problem in dict.fromkeys(problems):
        name, _, key = problem.where.partition(":")
        line = line_of(texts[name], key) if key and name in texts and not key.isdecimal() else None
        placed.append((name, line or 0, Problem(f"{name}:{line}:{key}" if line else problem.where, problem.message)))
    return [problem for _name, _line, problem in sorted(placed, key=lambda one: one[:2])]


def _by_key(error: ValidationError) -> dict[str, str]:
    """The problem of each key; of the branches of a union only the one that got furthest is reported."""
    found: dict[str, list[str]] = {}
    for one in error.errors():
        messages = found.setdefault(_key(one["loc"]), [])
        if (message := _message(one["type"], one["msg"])) not in messages:
            messages.append(message)
    return {
        key: ", or: ".join(messages)
        for key, messages in found.items()
        if not any(other.startswith((f"{key}.", f"{key}[")) for other in found if other != key)
    }


def _key(location: tuple[int | str, ...]) -> str:
    """A key such as `rule[3].weight`, without the names that pydantic gives the branches of a union."""
    key = ""
    for part in location:
        if isinstance(part, int):
            key += f"[{part}]"
        elif not part.startswith("constrained-") and part.replace("_", "").replace("-", "").isalnum():
            key += f".{part}" if key else part
    return key


def _message(kind: str, message: str) -> str:
    return {"extra_forbidden": "unknown key", "missing": "is missing", "too_short": "must not be empty"}.get(kind, message)
