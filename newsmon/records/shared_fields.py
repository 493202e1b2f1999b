"""Fields that one record hands on to another under the same name, listed once so that a new field needs no second edit."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any


def shared_fields(source: Any, kind: type) -> dict[str, Any]:
    """The values of `source` for each field that `kind` also has, in the order of `kind`; both are records or dataclasses."""
    given: type = type(source)
    return {name: getattr(source, name) for name in _shared(given, kind)}


@cache
def _shared(source: type, kind: type) -> tuple[str, ...]:
    given = frozenset(_names(source))
    return tuple(name for name in _names(kind) if name in given)


def _names(kind: type) -> Iterable[str]:
    """Field names of a record, or of a dataclass."""
    names: Iterable[str] = getattr(kind, "__struct_fields__", None) or kind.__dataclass_fields__  # type: ignore[attr-defined]
    return names
