"""The settings and the migrated database of a test's own `config` file."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.databases import engine

from newsmon.settings import Settings, load_settings

__all__ = ["engine", "settings"]


@pytest.fixture
def settings(config: Path) -> Settings:
    return load_settings(config, {})
