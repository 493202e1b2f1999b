"""Runs each upgrade for alembic, always on the connection `sinks.database.schema` opened, inside its transaction."""

from __future__ import annotations

from alembic import context

import sinks.database.outbox_tables  # noqa: F401 - completes the metadata
from sinks.database.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",  # SQLite cannot alter a column in place
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
