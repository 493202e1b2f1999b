"""The database behind the settings: SQLite in the state directory, or PostgreSQL by URL.

In: Settings. Out: an Engine, and the two ways to use it: `writing` and `reading`. I/O: the database, the secret file of its URL.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from newsmon.errors import DependencyError, Problem, SettingsError
from newsmon.settings import Settings

BUSY_TIMEOUT_MS = 5_000  # how long a writer of SQLite waits for the other writer; longer is reported as transient
CONNECT_TIMEOUT_S = 10
READ_ONLY = "newsmon_read_only"
SQLITE_FILE = "newsmon.db"


def database_url(settings: Settings) -> URL:
    """The URL of the settings, read from `database.url_file` where given; SettingsError when it cannot be used."""
    database = settings.database
    where, text = "settings:database.url", database.url
    if database.url_file is not None:
        where = "settings:database.url_file"
        if database.url is not None:
            raise SettingsError([Problem(where, "give either url or url_file, not both")])
        try:
            text = database.url_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError([Problem(where, f"{database.url_file}: {error}")]) from error
    if text is None:
        return URL.create("sqlite+pysqlite", database=str(settings.state_dir / SQLITE_FILE))
    try:
        url = make_url(text)
    except ArgumentError:  # its message would repeat the text, and with it the password
        raise SettingsError([Problem(where, "not a database URL; wanted sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")]) from None
    if url.get_backend_name() == "sqlite":
        return url.set(drivername="sqlite+pysqlite")
    if url.get_backend_name() in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    raise SettingsError([Problem(where, f"{url.drivername}: newsmon stores in sqlite or postgresql")])


def create_engine_for(settings: Settings, *, must_exist: bool = False) -> Engine:
    """An engine whose database has answered; DependencyError when it does not, SettingsError for an unusable URL.

    `must_exist` keeps commands that only look from making an empty SQLite file.
    """
    url = database_url(settings)
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite:
        _prepare_file(url, must_exist=must_exist)
    try:
        engine = create_engine(url, **_options(is_sqlite=is_sqlite))
    except (ArgumentError, NoSuchModuleError, TypeError) as error:
        raise SettingsError([Problem("settings:database.url", str(error))]) from error
    if is_sqlite:
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
    with reaching_database(engine.url), reading(engine) as connection:
        connection.exec_driver_sql("SELECT 1")
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write, committed when the block ends. On SQLite it holds the write lock from its first moment."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent snapshot that waits for nobody and that nobody waits for; rolled back at the end."""
    options: dict[str, Any] = {READ_ONLY: True}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection:
        yield connection


@contextmanager
def reaching_database(url: URL) -> Iterator[None]:
    """Turn a database that cannot be reached or used into DependencyError, without its password."""
    try:
        yield
    except (DBAPIError, PoolTimeoutError) as error:
        cause = str(error.orig) if isinstance(error, DBAPIError) else str(error)
        shown = url.render_as_string(hide_password=True)
        raise DependencyError("database", f"{shown}: {cause.strip()}. Check database.url and that the server runs.") from error


def _options(*, is_sqlite: bool) -> dict[str, Any]:
    if is_sqlite:
        return {"connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}}
    connect = {"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "newsmon"}
    return {"connect_args": connect, "pool_pre_ping": True, "pool_size": 5, "max_overflow": 5, "pool_timeout": CONNECT_TIMEOUT_S}


def _prepare_file(url: URL, *, must_exist: bool) -> None:
    if url.database in (None, "", ":memory:") or str(url.database).startswith("file:"):
        raise SettingsError([Problem("settings:database.url", "newsmon needs a file: several processes share the database")])
    file = Path(str(url.database))
    if must_exist and not file.exists():
        raise DependencyError("database", f"{file} does not exist: nothing has been stored yet. Start `newsmon run` first.")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DependencyError("database", f"{file.parent}: {error.strerror}") from error


def _on_sqlite_connect(connection: Any, _record: Any) -> None:
    # The driver's own transaction control begins too late and not before DDL: we say BEGIN ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",  # readers and the one writer do not wait for each other
        # With WAL, NORMAL may forget the last transactions when the power fails. They would come back from Kafka, but the
        # outbox would forget that a webhook was answered and send it again: one fsync per batch is the smaller price.
        "synchronous = FULL",
        "foreign_keys = ON",
        "journal_size_limit = 67108864",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    # A deferred transaction that reads and then writes fails at once when another wrote in between, whatever busy_timeout says.
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
