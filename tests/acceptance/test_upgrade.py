"""A state directory that an earlier version filled, taken over by this one: nothing is lost, told twice or unreadable."""

from __future__ import annotations

import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from support.filled_state import DELIVERED, ITEMS, LATER, PENDING
from support.monitor import FeedHost, accepted_titles, eventually, is_alert, new_secret, receiving, write_settings
from support.places import ROOT

from sinks.database.outbox_tables import metadata

STATES = sorted((ROOT / "tests" / "data" / "state").glob("*.tar.xz"))
NEW = ("Ruritania raises its defence budget to 4 per cent of GDP", "Defence spending in Ruritania will reach 4 per cent of GDP by 2030.")


def selected(database: Path, query: str) -> set[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=60)) as connection:
        return set(connection.execute(query))


def keys(database: Path) -> dict[str, set[tuple[object, ...]]]:
    """Return the primary keys of every row in every table of ours that the database has."""
    present = {name for (name,) in selected(database, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    columns = {table.name: ", ".join(f'"{column.name}"' for column in table.primary_key) for table in metadata.sorted_tables}
    return {table: selected(database, f"SELECT {columns[table]} FROM {table}") for table in columns if table in present}


@pytest.mark.parametrize("archive", STATES, ids=lambda path: path.name.removesuffix(".tar.xz"))
def test_a_state_directory_of_an_earlier_version_is_taken_over_whole(archive: Path, tmp_path: Path) -> None:
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    database = tmp_path / "state" / "newsmon.db"
    before = keys(database)
    assert [table for table in ("articles", "matches", "alerts", "outbox", "fetches") if not before[table]] == []
    [(owed,)] = selected(database, "SELECT delivery_id FROM outbox WHERE state = 'pending'")
    secret = new_secret()
    items = {path: list(entries) for path, entries in ITEMS.items()}
    items["/one"].append(LATER)
    with FeedHost(items) as host, receiving(secret) as receiver:
        monitor = write_settings(tmp_path, feeds={"one": host.url("/one"), "two": host.url("/two")}, receiver=receiver, secret=secret)
        monitor.start()
        try:
            eventually("the pending alert", lambda: PENDING in accepted_titles(receiver), log=lambda: monitor.log)
            items["/one"].append(NEW)
            eventually("a new alert", lambda: NEW[0] in accepted_titles(receiver), log=lambda: monitor.log)
            verified = monitor.newsmon("verify")
        finally:
            code = monitor.stop()
    assert code == 0, monitor.log[-4000:]
    assert verified.returncode == 0, verified.stdout
    told = {one.webhook_id for one in receiver.deliveries if one.accepted and is_alert(one)}
    assert owed in told, "what the earlier version owed was sent under another id"
    assert DELIVERED not in accepted_titles(receiver), "an alert of before was sent again, because its feed still shows the article"
    after = keys(database)
    assert {table: found - after[table] for table, found in before.items() if not found <= after[table]} == {}
    assert after["quarantined"] == set(), "a record of the earlier version could not be read"
