"""A real PostgreSQL for tests, private to the session, and a database of either kind fresh for every test.

The server is made from the machine's own binaries, listens on a Unix socket only and is gone afterwards. Where there are
no binaries the PostgreSQL variants are skipped by name. PostgreSQL refuses to run as root: then it runs as `postgres`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

START_WITHIN_S = 180.0
STOP_WITHIN_S = 120.0
SERVER_USER = "postgres"


@dataclass
class PostgresServer:
    """A running server; `create_database` gives the SQLAlchemy URL of a new empty database."""

    directory: Path
    binaries: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.directory / "data", "-k", self.directory, "-c", "listen_addresses="],
                stdout=subprocess.DEVNULL,
                stderr=log,
                user=_server_user(),
                start_new_session=True,
            )
        deadline = time.monotonic() + START_WITHIN_S
        while True:
            try:
                self._execute("SELECT 1")
            except psycopg.OperationalError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError((self.directory / "log").read_text()) from None
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        """As an operator's fast stop: connections are cut, nothing is lost."""
        if self.process is not None:
            self.process.send_signal(2)
            self.process.wait(STOP_WITHIN_S)
            self.process = None

    def create_database(self) -> str:
        name = f"t{uuid.uuid4().hex[:12]}"
        self._execute(f"CREATE DATABASE {name}")
        return f"postgresql://{SERVER_USER}@/{name}?host={self.directory}"

    def _execute(self, statement: str) -> None:
        with psycopg.connect(host=str(self.directory), user=SERVER_USER, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)


def _server_user() -> str | None:
    return SERVER_USER if os.geteuid() == 0 else None


def find_binaries() -> Path | None:
    """The newest PostgreSQL's server binaries: Debian keeps them out of the path."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]), reverse=True)
    if versions:
        return versions[0].parent
    found = shutil.which("postgres")
    return Path(found).parent if found and shutil.which("initdb") else None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL's server binaries are not installed (Debian: apt-get install postgresql)")
    with running_postgres(binaries) as server:
        yield server


@contextmanager
def running_postgres(binaries: Path) -> Iterator[PostgresServer]:
    """A new server, gone with its data after the block."""
    directory = Path(tempfile.mkdtemp(prefix="newsmon-pg-"))
    directory.chmod(0o755)
    user = _server_user()
    if user is not None:
        os.chown(directory, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    subprocess.run(
        [binaries / "initdb", "-D", directory / "data", "-U", SERVER_USER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"],
        check=True,
        capture_output=True,
        timeout=START_WITHIN_S,
        user=user,
        cwd=directory,
    )
    server = PostgresServer(directory, binaries)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'newsmon.db'}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.create_database()
