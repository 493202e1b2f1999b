"""The database behind the settings, for commands that read or change what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from newsmon.settings import Settings


def open_database(settings: Settings) -> Engine:
    """An engine on an existing database whose schema this version knows; DependencyError or SettingsError otherwise."""
    from sinks.database.engine import create_engine_for
    from sinks.database.schema import check_schema

    engine = create_engine_for(settings, must_exist=True)
    check_schema(engine)
    return engine
