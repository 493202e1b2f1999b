"""Upgrades a database to the schema this code knows, or explains why it cannot.

Several processes may start at once: the first takes a lock, the others wait and then find nothing left to do.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine

from newsmon.errors import DependencyError, RefusedError
from newsmon.settings import Settings
from sinks.database.dialects import lock_for_migration
from sinks.database.engine import create_engine_for, reaching_database, reading, writing

if TYPE_CHECKING:  # alembic is slow to import, and commands that only read do not need it
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def migrated_engine(settings: Settings) -> Engine:
    """An engine whose database has answered and has this version's tables; DependencyError when it does not answer."""
    engine = create_engine_for(settings)
    migrate(engine)
    return engine


def migrate(engine: Engine) -> str:
    """Create or upgrade the tables; returns the schema's revision. RefusedError when the database is newer than the code."""
    from alembic import command

    config = _config()
    with reaching_database(engine.url), writing(engine) as connection:
        lock_for_migration(connection)
        _refuse_newer(connection, config)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return _head(config)


class SchemaState(StrEnum):
    """How the tables relate to those this code knows."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"


def schema_state(engine: Engine) -> SchemaState:
    """The state of the tables; changes nothing. DependencyError when the database is newer than the code."""
    config = _config()
    with reaching_database(engine.url), reading(engine) as connection:
        _refuse_newer(connection, config)
        current = _current(connection)
    if current is None:
        return SchemaState.EMPTY
    return SchemaState.CURRENT if current == _head(config) else SchemaState.OLDER


def check_schema(engine: Engine) -> None:
    """DependencyError unless the database has exactly the schema this code knows; changes nothing."""
    if schema_state(engine) is not SchemaState.CURRENT:
        raise DependencyError("database", "tables are missing or older than this newsmon; start `newsmon store`, which upgrades them.")


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _head(config: Config) -> str:
    from alembic.script import ScriptDirectory

    head = ScriptDirectory.from_config(config).get_current_head()
    assert head is not None  # the wheel ships at least the first step
    return head


def _current(connection: Connection) -> str | None:
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(connection: Connection, config: Config) -> None:
    from alembic.script import ScriptDirectory

    current = _current(connection)
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise RefusedError(
            "database",
            f"its schema is at revision {current}, unknown to this version of newsmon. Install the newer version that created it.",
        )
