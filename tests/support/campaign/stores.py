"""The databases of a campaign: how each is locked, cut and taken away, and what it holds of each item.

In: the monitor's database. Out: Stored by item number. I/O: the database, past newsmon's own code.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg

from support.campaign.items import number_of
from support.campaign.oracle import Stored
from support.postgres import SERVER_USER, PostgresServer

LOCK_WITHIN_S = 60.0


class Store(Protocol):
    """One database."""

    def rows(self, statement: str) -> list[tuple[Any, ...]]: ...

    def locked(self) -> Any:
        """A block in which nobody else can write."""


class SqliteStore:
    """The SQLite file of the state directory."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=30)
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.close()

    @contextmanager
    def locked(self) -> Iterator[None]:
        connection = sqlite3.connect(self.file, timeout=LOCK_WITHIN_S, isolation_level=None)
        try:
            connection.execute("BEGIN EXCLUSIVE")
            yield
            connection.execute("ROLLBACK")
        finally:
            connection.close()


class PostgresStore:
    """One database of a PostgreSQL server of our own."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self.url = server.create_database()
        self._name = self.url.partition("@/")[2].partition("?")[0]

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self.server.directory), user=SERVER_USER, dbname=self._name, autocommit=True)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self._connect() as connection:
            return connection.execute(statement).fetchall()

    @contextmanager
    def locked(self) -> Iterator[None]:
        with self._connect() as connection, connection.transaction():
            connection.execute("LOCK TABLE consumed_offsets, outbox, attempts IN ACCESS EXCLUSIVE MODE")
            yield

    def cut(self) -> int:
        """End every connection to the database; how many there were."""
        statement = (
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(self.rows(statement)[0][0])

    @contextmanager
    def down(self) -> Iterator[None]:
        self.server.stop()
        try:
            yield
        finally:
            self.server.start()


def stored_items(store: Store) -> dict[int, Stored]:
    """What the database holds of each item, by number. An article without an item's address counts under number -1."""
    articles: dict[str, int] = {}
    numbers: set[int] = set()
    for article_id, url in store.rows("SELECT article_id, url FROM sightings"):
        number = number_of(url)
        articles[article_id] = -1 if number is None else number
        numbers.add(articles[article_id])
    themes: dict[int, set[str]] = {}
    for article_id, found in store.rows("SELECT article_id, matched_theme_ids FROM classifications"):
        themes.setdefault(articles.get(article_id, -1), set()).update(json.loads(found) if isinstance(found, str) else found)
    matched, decisions = defaultdict[int, set[str]](set), defaultdict[int, list[str]](list)
    for article_id, theme in store.rows("SELECT article_id, theme_id FROM matches"):
        matched[articles.get(article_id, -1)].add(theme)
    for article_id, decision in store.rows("SELECT article_id, alert_decision FROM members"):
        decisions[articles.get(article_id, -1)].append(decision)
    return {
        number: Stored(frozenset(themes[number]) if number in themes else None, frozenset(matched[number]), tuple(decisions[number]))
        for number in numbers | themes.keys()
    }


def stored_when_it_answers(store: Store, *, within_s: float = 60.0) -> dict[int, Stored]:
    """`stored_items`, waiting for a database that is away or locked for a moment."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            return stored_items(store)
        except (sqlite3.Error, psycopg.Error):
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
