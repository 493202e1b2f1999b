"""Where the SQLite database lies, for those who only keep its file private or watch its disk: they need no SQLAlchemy (18 MiB).

In: Settings. Out: a path, or None for PostgreSQL. I/O: the file that holds the URL, if the settings name one.
"""

from __future__ import annotations

from pathlib import Path

from newsmon.settings import Settings

SQLITE_FILE = "newsmon.db"


def default_sqlite_file(settings: Settings) -> Path:
    """The file that is used when the settings name no database."""
    return settings.state_dir / SQLITE_FILE


def sqlite_file(settings: Settings) -> Path | None:
    """The file of a SQLite database, whether or not it exists; None for PostgreSQL. SettingsError as `engine.database_url`."""
    if settings.database.url is None and settings.database.url_file is None:
        return default_sqlite_file(settings)
    from sinks.database.dialects import is_sqlite
    from sinks.database.engine import database_url

    url = database_url(settings)
    return Path(str(url.database)) if is_sqlite(url) else None
