"""Paths on this machine: starter files in the package, data in the user's state and cache directories."""

from __future__ import annotations

from pathlib import Path

import platformdirs


def seeds() -> Path:
    """The shipped `seeds/`: inside the wheel, or that of the checkout in an editable install."""
    packaged = Path(__file__).parent / "seeds"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "seeds"


def default_state_dir() -> Path:
    """The directory for Kafka's data, the database and the owner's lock. Follows XDG_STATE_HOME."""
    return Path(platformdirs.user_state_dir("newsmon", appauthor=False))


def cache_dir() -> Path:
    """The directory for what can be downloaded again (the broker's jars), shared by all runs of one user."""
    return Path(platformdirs.user_cache_dir("newsmon", appauthor=False))
