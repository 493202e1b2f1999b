"""The check of the log asks for rows by their keys: right, and never by reading through a table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, Table, select
from sqlalchemy.dialects import sqlite
from support.filled import fill
from support.world import small_world

from newsmon.settings import Settings
from sinks.database.engine import reading
from sinks.database.outbox_tables import attempts
from sinks.ledger.log_check import CHUNK, _present, rows_with
from sinks.store.service import KEPT

TABLES = sorted({attempts, *(table for table, _kept in KEPT.values())}, key=lambda table: table.name)


def key_of(table: Table, number: int) -> tuple[object, ...]:
    return tuple(number if column.type.python_type is int else f"key {number}" for column in table.primary_key.columns)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_each_tables_keys_are_looked_up_by_its_index(engine: Engine, table: Table) -> None:
    query = rows_with(table, [key_of(table, number) for number in range(CHUNK)])
    compiled = query.compile(dialect=sqlite.dialect(paramstyle="qmark"))
    with reading(engine) as connection:
        parameters = tuple(compiled.params[name] for name in compiled.positiontup or ())
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", parameters)
        steps = [str(row[3]) for row in plan]
    [search] = [step for step in steps if re.search(rf"\b{table.name}\b", step)]
    assert search.startswith(f"SEARCH {table.name} USING "), steps
    assert all(f"{column.name}=?" in search for column in table.primary_key.columns), search


def test_what_is_there_is_found_and_nothing_else(engine: Engine, tmp_path: Path) -> None:
    fill(Settings(state_dir=tmp_path), engine, small_world())
    strangers = [(table, key_of(table, number)) for table in TABLES for number in range(3)]
    with reading(engine) as connection:
        keys = {table: select(*table.primary_key.columns) for table in TABLES}
        stored = [(table, tuple(row)) for table, query in keys.items() for row in connection.execute(query)]
        assert len(stored) > 20
        assert set(_present(connection, [*stored, *strangers])) == {(table.name, key) for table, key in stored}
        assert _present(connection, strangers) == {}
        assert _present(connection, []) == {}
