"""A real broker with a migrated database of each kind, for every test that names `settings` or `engine`; a desk for those of `newsmon run`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.databases import engine, settings
from support.monitor import new_secret, receiving

from newsmon.app.listener import VerifyingReceiver

__all__ = ["desk", "engine", "settings"]


@pytest.fixture
def desk() -> Iterator[tuple[VerifyingReceiver, str]]:
    """A receiver that verifies every signature, and its secret."""
    secret = new_secret()
    with receiving(secret) as receiver:
        yield receiver, secret
