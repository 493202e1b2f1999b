"""The arithmetic of the ledger, and what a database's error means."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from newsmon.app.cli.health.verify import as_object
from newsmon.app.ledger_table import as_table
from sinks.database.faults import SinkFault, fault_of
from sinks.ledger.balance import Ledger, Line, Missing, line_of


def test_a_line_balances_when_its_parts_sum_to_its_total() -> None:
    assert Line("polls", "polls", 5, {"a": 2, "b": 3}).balanced
    assert not Line("polls", "polls", 6, {"a": 2, "b": 3}).balanced
    assert Line("polls", "polls", 6, {"a": 2, "b": 3}).difference == 1


def test_two_faults_that_cancel_each_other_do_not_balance() -> None:
    """One row too many here and one too few there sum to nothing: the missing one still counts."""
    assert not Line("polls", "polls", 5, {"a": 5}, Missing(1, ("x",))).balanced


@settings(max_examples=60)
@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 9), max_size=4), st.integers(0, 5))
def test_a_line_is_off_by_exactly_what_is_missing(parts: dict[str, int], missing: int) -> None:
    line = line_of("name", "things", parts, Missing(missing))
    assert line.difference == missing
    assert line.balanced == (missing == 0)


def test_a_ledger_balances_when_every_line_does() -> None:
    good, bad = Line("a", "x", 1, {"p": 1}), Line("b", "x", 1, {"p": 0}, Missing(1, ("m_1",)))
    assert Ledger("db", None, (good,)).balanced
    ledger = Ledger("db", None, (good, bad))
    assert not ledger.balanced
    assert ledger.imbalances == (bad,)


def test_the_table_names_what_is_missing_and_how_much_more_there_is() -> None:
    line = Line("classifications", "article records", 1_205, {"classified": 1_200}, Missing(5, ("r_1 has no answer", "r_2 has no answer")))
    shown = "\n".join(as_table(Ledger("sqlite:///x", None, (line,), log_skipped="--no-log", behind_count=3)))
    assert "NO  classifications  1,205 article records = classified 1,200  missing 5" in shown
    assert "missing: r_1 has no answer" in shown
    assert "... and 3 more" in shown
    assert "Kafka was not read: --no-log." in shown
    assert "3 records behind" in shown
    assert shown.endswith("The ledger does NOT balance: 1 of 1 lines.")


def test_the_object_says_the_same() -> None:
    line = Line("polls", "polls", 2, {"stored": 1}, Missing(1, ("feed poll 2",)))
    told = as_object(Ledger("db", "2026-11-24T00:00:00+00:00", (line,)))
    assert (told["balanced"], told["lines"][0]["missing"], told["lines"][0]["parts"]) == (False, ["feed poll 2"], {"stored": 1})


class _Postgres(Exception):
    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate
        super().__init__(sqlstate)


def _said(text: str) -> sqlite3.OperationalError:
    return sqlite3.OperationalError(text)


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (IntegrityError("", {}, sqlite3.IntegrityError("NOT NULL constraint failed")), SinkFault.DATA),
        (DataError("", {}, _Postgres("22003")), SinkFault.DATA),
        (OperationalError("", {}, _Postgres("54000")), SinkFault.DATA),
        (OverflowError("Python int too large"), SinkFault.DATA),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"), SinkFault.DATA),
        (OperationalError("", {}, _said("database is locked")), SinkFault.LOCKED),
        (OperationalError("", {}, _Postgres("40001")), SinkFault.LOCKED),
        (OperationalError("", {}, _Postgres("40P01")), SinkFault.LOCKED),
        (OperationalError("", {}, _said("database or disk is full")), SinkFault.FULL),
        (OperationalError("", {}, _Postgres("53100")), SinkFault.FULL),
        (OperationalError("", {}, _Postgres("57P01")), SinkFault.CONNECTION),
        (OperationalError("", {}, _said("disk I/O error")), SinkFault.CONNECTION),
        (OperationalError("", {}, _said("unable to open database file")), SinkFault.CONNECTION),
        (PoolTimeoutError("no connection in 10 s"), SinkFault.CONNECTION),
        (OperationalError("", {}, _said("no such table: sightings")), SinkFault.SCHEMA),
        (ProgrammingError("", {}, _Postgres("42P01")), SinkFault.SCHEMA),
    ],
    ids=lambda value: value.value if isinstance(value, SinkFault) else str(getattr(value, "orig", value)),
)
def test_an_error_means_skip_the_record_only_when_it_is_the_records_fault(error: BaseException, fault: SinkFault) -> None:
    assert fault_of(error) is fault
