"""A port on which nobody listens, and nobody can begin to while a test counts on it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def nobodys_port() -> Iterator[int]:
    """A port of 127.0.0.1 that refuses every connection: bound, so that no other process gets it, and not listening."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield int(bound.getsockname()[1])
