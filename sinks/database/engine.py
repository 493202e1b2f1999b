"""The database named in the settings: SQLite in the state directory, or PostgreSQL by URL.

In: Settings. Out: an Engine, and the three kinds of transaction on it: `reading`, `writing`, `writing_without_fsync`.
I/O: the database, the secret file that holds its URL.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from newsmon.errors import DependencyError, Problem, RefusedError, SettingsError
from newsmon.settings import Settings
from sinks.database.dialects import begin_without_fsync, engine_options, is_sqlite, prepare_connections, reading_options, with_driver
from sinks.database.faults import is_refusal
from sinks.database.sqlite_file import default_sqlite_file


def database_url(settings: Settings) -> URL:
    """The URL in the settings or in `database.url_file`; SettingsError when it cannot be used."""
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
        return URL.create("sqlite+pysqlite", database=str(default_sqlite_file(settings)))
    try:
        url = make_url(text)
    except ArgumentError:  # its message would repeat the text, and with it the password
        raise SettingsError(
            [Problem(where, "not a database URL; expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")]
        ) from None
    usable = with_driver(url)
    if usable is None:
        raise SettingsError([Problem(where, f"{url.drivername} is not supported; use sqlite or postgresql")])
    return usable


def create_engine_for(settings: Settings, *, must_exist: bool = False) -> Engine:
    """An engine whose database has answered; DependencyError when it does not, SettingsError for an unusable URL.

    With `must_exist` a missing SQLite file is an error; commands that only read must not create an empty one.
    """
    url = database_url(settings)
    if is_sqlite(url):
        _prepare_file(url, must_exist=must_exist)
    try:
        engine = create_engine(url, **engine_options(url))
    except (ArgumentError, NoSuchModuleError, TypeError) as error:
        raise SettingsError([Problem("settings:database.url", str(error))]) from error
    prepare_connections(engine)
    with reaching_database(engine.url), reading(engine) as connection:
        connection.exec_driver_sql("SELECT 1")
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write, committed when the block ends. On SQLite it holds the write lock from the start."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def writing_without_fsync(engine: Engine) -> Iterator[Connection]:
    """As `writing`, but the commit does not wait for the disk: for writes that a power failure may undo at no cost.

    These are leases, which expire anyway, and marks of what was published, which would be published again unchanged. A crash of
    the process loses nothing either way. One delivery per second then costs two waits for the disk instead of four.
    """
    with engine.connect() as connection, begin_without_fsync(connection):
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent snapshot that blocks no writer and is blocked by none; rolled back at the end."""
    with engine.connect().execution_options(**reading_options(engine)) as connection:
        yield connection


@contextmanager
def reaching_database(url: URL) -> Iterator[None]:
    """Turn a database that cannot be reached into DependencyError, and one that refuses us into RefusedError, without its password."""
    try:
        yield
    except (DBAPIError, PoolTimeoutError) as error:
        cause = str(error.orig) if isinstance(error, DBAPIError) else str(error)
        shown = url.render_as_string(hide_password=True)
        if is_refusal(error):
            raise RefusedError("database", f"{shown}: {cause.strip()}. Check the user and the password in database.url.") from error
        raise DependencyError("database", f"{shown}: {cause.strip()}. Check database.url and that the server runs.") from error


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
