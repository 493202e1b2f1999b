"""The fields that one record passes on to another under the same name: said once, so that a new one need not be repeated."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any


def shared_fields(source: Any, kind: type) -> dict[str, Any]:
    """The values of `source` for each field that `kind` also has; both are dataclasses or records."""
    given: type = type(source)
    return {name: getattr(source, name) for name in _shared(given, kind)}


@cache
def _shared(source: type, kind: type) -> tuple[str, ...]:
    wanted = frozenset(_names(kind))
    return tuple(name for name in _names(source) if name in wanted)


def _names(kind: type) -> Iterable[str]:
    """Field names of a record, or of a dataclass."""
    names: Iterable[str] = getattr(kind, "__struct_fields__", None) or kind.__dataclass_fields__  # type: ignore[attr-defined]
    return names
