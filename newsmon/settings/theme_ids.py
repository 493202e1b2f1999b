"""The ids of the configured themes, for metric labels in the sinks, which need no rules."""

from __future__ import annotations

import tomllib
from pathlib import Path


def theme_ids(directory: Path) -> tuple[str, ...]:
    """The `id` of every theme file, sorted. Skips unreadable files: the processor reports them."""
    found = set()
    for path in directory.glob("*.toml"):
        try:
            theme_id = tomllib.loads(path.read_text("utf-8")).get("id")
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
            continue
        if isinstance(theme_id, str):
            found.add(theme_id)
    return tuple(sorted(found))
