"""Reads a user's TOML file against a model; every problem names file, line and key.

In: name, bytes, model. Out: the parsed table, the checked model, problems. I/O: none.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from newsmon.errors import Problem
from newsmon.toml_lines import line_of

Model = TypeVar("Model", bound=BaseModel)
_AT_LINE = re.compile(r"\(at line (\d+)")


@dataclass(frozen=True, slots=True)
class TomlFile(Generic[Model]):
    """One file as far as it could be read: `model` is None when it has problems."""

    name: str
    data: dict[str, Any]
    model: Model | None


def read_toml(name: str, raw: bytes, model: type[Model], problems: list[Problem]) -> TomlFile[Model]:
    """Return the file; what is wrong with it is added to `problems` as `file:key`, or `file:line` where it is not TOML."""
    data: dict[str, Any] = {}
    try:
        data = tomllib.loads(raw.decode("utf-8"))
        return TomlFile(name, data, model.model_validate(data))
    except UnicodeDecodeError as error:
        problems.append(Problem(name, f"is not UTF-8 (byte {error.start})"))
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        problems.append(Problem(f"{name}:{found[1]}" if found else name, f"is not TOML: {error}"))
    except ValidationError as error:
        problems += [Problem(f"{name}:{key}", message) for key, message in _by_key(error).items()]
    return TomlFile(name, data, None)


def with_lines(problems: Iterable[Problem], contents: Mapping[str, bytes]) -> list[Problem]:
    """Return each problem once, `file:key` as `file:line:key`, sorted by file and line; `contents` are the files by name."""
    texts: dict[str, str] = {}
    placed = []
    for problem in dict.fromkeys(problems):
        name, _, key = problem.where.partition(":")
        line = None
        if key and name in contents and not key.isdecimal():
            if name not in texts:
                texts[name] = contents[name].decode("utf-8", "replace")
            line = line_of(texts[name], key)
        placed.append((name, line or 0, Problem(f"{name}:{line}:{key}" if line else problem.where, problem.message)))
    return [problem for _name, _line, problem in sorted(placed, key=lambda one: one[:2])]


def _by_key(error: ValidationError) -> dict[str, str]:
    """Return what is wrong with each key; of a union's branches only the one that got furthest counts."""
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
    """Return `rule[3].weight`, without the names pydantic gives the branches of a union."""
    key = ""
    for part in location:
        if isinstance(part, int):
            key += f"[{part}]"
        elif not part.startswith("constrained-") and part.replace("_", "").replace("-", "").isalnum():
            name = f'"{part}"' if part.isdecimal() else part  # else it would be read as a line
            key += f".{name}" if key else name
    return key


def _message(kind: str, message: str) -> str:
    words = {"extra_forbidden": "unknown key", "missing": "is missing", "too_short": "must not be empty"}
    return words.get(kind, message.removeprefix("Value error, "))
