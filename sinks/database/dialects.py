"""Everything that differs between SQLite and PostgreSQL; no other module asks which of the two it talks to.

In: URLs, engines, connections. Out: options, statements and listeners for the dialect at hand. I/O: the caller's connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import JSON, Connection, Engine, Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.types import TypeEngine

BUSY_TIMEOUT_MS = 5_000  # how long a SQLite writer waits for the other writer before the error counts as transient
CONNECT_TIMEOUT_S = 10
# A server that vanished without a word is given up after so long; the kernel would wait a quarter of an hour, or two hours when idle.
GIVE_UP = {"tcp_user_timeout": 30_000, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
READ_ONLY = "newsmon_read_only"
MIGRATION_LOCK = 0x6E6577736D6F6E  # "newsmon": any constant not used elsewhere on the server

Json: TypeEngine[Any] = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def with_driver(url: URL) -> URL | None:
    """The URL with the driver newsmon ships; None when it names another kind of database."""
    if is_sqlite(url):
        return url.set(drivername="sqlite+pysqlite")
    return url.set(drivername="postgresql+psycopg") if url.get_backend_name() in ("postgresql", "postgres") else None


def engine_options(url: URL) -> dict[str, Any]:
    """Keyword arguments for `create_engine`."""
    if is_sqlite(url):
        return {"connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}}
    connect = {"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "newsmon"} | GIVE_UP
    return {"connect_args": connect, "pool_pre_ping": True, "pool_size": 5, "max_overflow": 5, "pool_timeout": CONNECT_TIMEOUT_S}


def prepare_connections(engine: Engine) -> None:
    """Set up each new connection of the engine; only SQLite needs it."""
    if is_sqlite(engine.url):
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)


def reading_options(engine: Engine) -> dict[str, Any]:
    """Execution options of a connection that only reads, from one snapshot."""
    if is_sqlite(engine.url):
        return {READ_ONLY: True}
    return {READ_ONLY: True, "isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


@contextmanager
def begin_without_fsync(connection: Connection) -> Iterator[None]:
    """A transaction whose commit does not wait for the disk."""
    if connection.dialect.name == "postgresql":
        with connection.begin():
            connection.execute(text("SET LOCAL synchronous_commit TO OFF"))
            yield
        return
    # SQLite changes the level only outside a transaction, and SQLAlchemy would begin one for the statement.
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA synchronous = NORMAL")
    try:
        with connection.begin():
            yield
    finally:
        driver.execute("PRAGMA synchronous = FULL")


def bound_lock_wait(connection: Connection) -> None:
    """Let this transaction wait for another's locks as long as SQLite would, and then fail."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = {BUSY_TIMEOUT_MS}"))


def lock_for_migration(connection: Connection) -> None:
    """Let one process at a time migrate. On SQLite a writing transaction holds the only write lock anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})


def insert_into(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say ON CONFLICT."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def keeps_time_zone(dialect: Dialect) -> bool:
    """True when the database has a type for an instant; SQLite stores text."""
    return dialect.name != "sqlite"


def _on_sqlite_connect(connection: Any, _record: Any) -> None:
    # The driver's own transaction control begins too late, and not before DDL: we send BEGIN ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",  # readers and the one writer do not wait for each other
        # With WAL, NORMAL may lose the last transactions in a power failure. Records would come back from Kafka, but the outbox
        # would forget that a webhook was accepted and send it again: one fsync per batch costs less.
        "synchronous = FULL",
        "foreign_keys = ON",
        "journal_size_limit = 67108864",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    # A deferred transaction that reads and then writes fails at once if another wrote in between, whatever busy_timeout says.
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
