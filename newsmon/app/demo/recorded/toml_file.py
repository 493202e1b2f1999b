"""Reads the demo's TOML files into validated models."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from newsmon.errors import Problem, SettingsError

M = TypeVar("M", bound=BaseModel)


def load_toml(file: Path, model: type[M], **extra: Any) -> M:
    """The file's content, with the `extra` fields, as `model`; SettingsError lists every problem as `file:key`."""
    try:
        return model.model_validate({**tomllib.loads(file.read_text("utf-8")), **extra})
    except FileNotFoundError as error:
        raise SettingsError([Problem(str(file), "no such file")]) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([Problem(str(file), f"not valid TOML: {error}")]) from error
    except ValidationError as error:
        found = [Problem(f"{file}:{'.'.join(str(part) for part in item['loc'])}", item["msg"]) for item in error.errors()]
        raise SettingsError(found) from error
