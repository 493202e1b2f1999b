"""Where things lie on this machine: starter files in the package, data in the user's state directory."""

from __future__ import annotations

from pathlib import Path

import platformdirs


def seeds() -> Path:
    """The shipped `seeds/`: inside the wheel, or the checkout's when installed editable (force-include is invisible there)."""
    packaged = Path(__file__).parent / "seeds"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "seeds"


def default_state_dir() -> Path:
    """Kafka's log, the database and the owner's lock; kept between runs. XDG_STATE_HOME is obeyed."""
    return Path(platformdirs.user_state_dir("newsmon", appauthor=False))


def cache_dir() -> Path:
    """What can be fetched again (the broker's jars); shared by all runs of one user."""
    return Path(platformdirs.user_cache_dir("newsmon", appauthor=False))
