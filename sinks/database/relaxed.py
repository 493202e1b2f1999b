"""Transactions whose loss in a power failure would cost nothing: committed like any other, but without waiting for the disk.

For leases (they end by themselves) and for marks of what was published (it would be published again, the same). A crash of the
process loses nothing either way; a delivery per second costs two waits for the disk instead of four.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text


@contextmanager
def writing_relaxed(engine: Engine) -> Iterator[Connection]:
    """As `sinks.database.engine.writing`, but the commit does not wait for the disk."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            with connection.begin():
                connection.execute(text("SET LOCAL synchronous_commit TO OFF"))
                yield connection
            return
        # The level can only be changed outside a transaction, and SQLAlchemy would begin one for the statement.
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA synchronous = NORMAL")
        try:
            with connection.begin():
                yield connection
        finally:
            driver.execute("PRAGMA synchronous = FULL")
