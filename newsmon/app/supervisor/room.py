"""Whether there is room on the disk to begin with, and what to say when there is none."""

from __future__ import annotations

import shutil
from pathlib import Path

from newsmon.errors import DependencyError

LEAST_START_BYTES = 64 * 1024**2  # a broker that starts with less stops again before the first article


def check_room(directory: Path) -> None:
    """DependencyError when the state directory's disk is all but full."""
    said = short_of_room(directory)
    if said is not None:
        raise DependencyError("state directory", f"{said}; Kafka and the database need room. Make some, or name another in state_dir")


def short_of_room(directory: Path) -> str | None:
    """`DIR: only N MiB free` when there is too little; None when there is enough or nobody can tell."""
    try:
        free_bytes = shutil.disk_usage(directory).free
    except OSError:
        return None
    return f"{directory}: only {free_bytes // 1024**2} MiB free" if free_bytes < LEAST_START_BYTES else None
