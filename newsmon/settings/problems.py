"""Turns pydantic's findings into problems by `file:key`, worded for people."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from newsmon.errors import Problem
from newsmon.settings.removed import removal_of
from newsmon.settings.sections.base import SLUG

ENV_PREFIX = "NEWSMON_"
# Error types whose own messages are about parsing; the others are clear enough.
WORDS = {
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be text in quotes",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be one of {expected}",
    "string_pattern_mismatch": "must match {pattern}",
    "missing": "is missing",
    "too_short": "must have at least {min_length}",
    "tuple_type": "must be a list",
    "model_type": "must be a table",
    "dict_type": "must be a table",
}


def problems_of(error: ValidationError, model: type[BaseModel], where: str, from_env: Mapping[str, Any]) -> list[Problem]:
    """One problem per finding, located in the environment if the key was set there, else in the file `where`."""
    found = []
    for item in error.errors():
        key = ".".join(str(part) for part in item["loc"]) or "(whole file)"
        if _has_key(from_env, item["loc"]):
            key, source = ENV_PREFIX + key.upper().replace(".", "__"), "environment"
        else:
            source = where
        removal = removal_of(item["loc"]) if item["type"] == "extra_forbidden" else None
        found.append(Problem(f"{source}:{key}", removal or words_of(item, model)))
    return found


def words_of(item: ErrorDetails, model: type[BaseModel], noun: str = "setting") -> str:
    """The problem with one key; for an unknown key, with a suggestion."""
    if item["type"] == "extra_forbidden":
        return f"unknown {noun}{did_you_mean(str(item['loc'][-1]), _keys_beside(model, item['loc']))}"
    if item.get("ctx", {}).get("pattern") == SLUG:
        return "must be 1 to 64 characters of a-z, 0-9, - and _"
    words = WORDS.get(item["type"])
    return words.format(**item.get("ctx", {})) if words is not None else item["msg"].removeprefix("Value error, ")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean X?` with the known word nearest to this one, in spelling or because one is part of the other; else nothing."""
    spelt = {one.lower(): one for one in known}
    near = difflib.get_close_matches(word.lower(), spelt, n=1) or sorted(
        (one for one in spelt if len(word) > 2 and (word.lower() in one or one in word.lower())), key=len
    )
    return f"; did you mean {spelt[near[0]]}?" if near else ""


def _keys_beside(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The valid keys next to this one."""
    for part in loc[:-1]:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(str(part))
        inner = [field.annotation, *getattr(field.annotation, "__args__", ())] if field is not None else []
        models = [one for one in inner if isinstance(one, type) and issubclass(one, BaseModel)]
        if not models:
            return []
        model = models[0]
    return list(model.model_fields)


def _has_key(tree: Any, loc: tuple[Any, ...]) -> bool:
    for part in loc:
        if not isinstance(tree, Mapping) or part not in tree:
            return False
        tree = tree[part]
    return bool(loc)
