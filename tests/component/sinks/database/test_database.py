"""Opening the database: what is refused, what is out of reach, and what two writers may do to each other."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from support.places import ROOT
from support.waiting import joined

from newsmon.errors import DependencyError, SettingsError
from newsmon.settings import DatabaseSettings, Settings
from sinks.database.engine import create_engine_for, database_url, reading, writing
from sinks.database.schema import check_schema, migrate


def settings_of(tmp_path: Path, **database: object) -> Settings:
    return Settings(state_dir=tmp_path / "state", database=DatabaseSettings(**database))  # type: ignore[arg-type]


def test_without_a_url_the_database_is_a_file_in_the_state_directory(tmp_path: Path) -> None:
    engine = create_engine_for(settings_of(tmp_path))
    assert engine.url.database == str(tmp_path / "state" / "newsmon.db")
    with reading(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()


@pytest.mark.parametrize("url", ["mysql://u@h/d", "not a url", "sqlite://", "sqlite:///:memory:"])
def test_a_url_newsmon_cannot_use_is_refused_by_key(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match=r"settings:database\.url"):
        create_engine_for(settings_of(tmp_path, url=url))


@pytest.mark.parametrize("url", ["postgresql://u:secret@127.0.0.1:1/d", "postgresql+psycopg2://u:secret@127.0.0.1:1/d"])
def test_a_server_out_of_reach_is_told_without_the_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(DependencyError, match=r"u:\*\*\*@127.0.0.1:1/d") as raised:
        create_engine_for(settings_of(tmp_path, url=url))
    assert "secret" not in str(raised.value)


def test_a_bad_url_is_not_repeated_with_its_password(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        create_engine_for(settings_of(tmp_path, url="postgresql//u:secret@h/d"))
    assert "secret" not in str(raised.value)


def test_the_url_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgres://u:secret@db/newsmon\n")
    url = database_url(settings_of(tmp_path, url_file=tmp_path / "url"))
    assert (url.drivername, url.password) == ("postgresql+psycopg", "secret")
    with pytest.raises(SettingsError, match="url_file"):
        database_url(settings_of(tmp_path, url_file=tmp_path / "missing"))
    with pytest.raises(SettingsError, match="not both"):
        database_url(settings_of(tmp_path, url="sqlite:///x", url_file=tmp_path / "url"))


def test_looking_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(DependencyError, match="nothing has been stored yet"):
        create_engine_for(settings_of(tmp_path), must_exist=True)
    assert not (tmp_path / "state").exists()


def test_a_file_that_is_no_database_is_out_of_reach(tmp_path: Path) -> None:
    (tmp_path / "db").write_bytes(b"this is a text, not a database" * 100)
    with pytest.raises(DependencyError, match="not a database"):
        create_engine_for(settings_of(tmp_path, url=f"sqlite:///{tmp_path / 'db'}"))


def test_a_reader_sees_one_moment_while_a_writer_goes_on(tmp_path: Path) -> None:
    engine = create_engine_for(settings_of(tmp_path))
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))
    with reading(engine) as before:
        assert before.scalar(text("SELECT count(*) FROM t")) == 0
        with writing(engine) as connection:
            connection.execute(text("INSERT INTO t VALUES (1)"))
        assert before.scalar(text("SELECT count(*) FROM t")) == 0
    with reading(engine) as after:
        assert after.scalar(text("SELECT count(*) FROM t")) == 1
    engine.dispose()


def test_two_writers_take_turns(tmp_path: Path) -> None:
    """With BEGIN IMMEDIATE the second waits; a deferred transaction would fail at its first write."""
    engine = create_engine_for(settings_of(tmp_path))
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))
        connection.execute(text("INSERT INTO t VALUES (0)"))

    def add(times: int) -> None:
        for _ in range(times):
            with writing(engine) as connection:
                count = connection.scalar(text("SELECT n FROM t"))
                connection.execute(text("UPDATE t SET n = :n"), {"n": count + 1})

    threads = [threading.Thread(target=add, args=(25,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        joined(thread)
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT n FROM t")) == 100
    engine.dispose()


def test_tables_that_are_missing_or_newer_are_told_apart(tmp_path: Path) -> None:
    engine = create_engine_for(settings_of(tmp_path))
    with pytest.raises(DependencyError, match="missing or older"):
        check_schema(engine)
    migrate(engine)
    check_schema(engine)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for look in (check_schema, migrate):
        with pytest.raises(DependencyError, match="revision 9999, unknown to this version"):
            look(engine)
    engine.dispose()


def test_one_module_knows_the_dialects_and_one_the_conflicts_of_an_insert() -> None:
    def spelling(pattern: str) -> set[str]:
        modules = [module for module in (ROOT / "sinks").rglob("*.py") if "migrations" not in module.parts]
        return {module.relative_to(ROOT / "sinks").as_posix() for module in modules if re.search(pattern, module.read_text("utf-8"))}

    assert spelling(r"dialect\.name|get_backend_name|sqlalchemy\.dialects") == {"database/dialects.py"}
    assert spelling("on_conflict_do") == {"database/upsert.py"}
