"""What a sink process starts with: its database, and a member name in its consumer group."""

from __future__ import annotations

import socket

from sqlalchemy import Engine

from newsmon.errors import DependencyError
from newsmon.metrics import DATABASE_UP
from newsmon.settings import Settings
from sinks.database.schema import migrated_engine


def first_engine(settings: Settings, *, name: str) -> Engine:
    """`migrated_engine`, for a sink that starts: a database that does not answer is down for its metric too."""
    try:
        return migrated_engine(settings)
    except DependencyError:
        DATABASE_UP.labels(name).set(0)
        raise


def static_member(name: str, port: int | None) -> str | None:
    """A group member name that survives a restart, so that a killed process gets its partitions back at once; None without a port."""
    return f"{name}-{socket.gethostname()}-{port}" if port else None
