"""A member name for a sink process in its consumer group."""

from __future__ import annotations

import socket


def static_member(name: str, port: int | None) -> str | None:
    """A group member name that survives a restart, so that a killed process gets its partitions back at once; None without a port."""
    return f"{name}-{socket.gethostname()}-{port}" if port else None
