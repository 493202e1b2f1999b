"""Writes that may be repeated and reordered: the same set of rows always leaves the same table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Engine, Integer, MetaData, Table, Text, create_engine, delete, insert, select

from sinks.database.columns import UtcTime
from sinks.database.upsert import Kept, one_per_key, upsert

METADATA = MetaData()
THINGS = Table(
    "things", METADATA, Column("id", Text, primary_key=True), Column("part", Integer, primary_key=True),
    Column("rank", Integer), Column("tie", Integer), Column("said", Text),
)  # fmt: skip
NAMES = Table("names", METADATA, Column("name", Text, primary_key=True))
TIMES = Table("times", METADATA, Column("id", Integer, primary_key=True), Column("at", UtcTime))

ROWS = st.lists(
    st.builds(
        lambda ident, part, rank, tie: {"id": ident, "part": part, "rank": rank, "tie": tie, "said": f"{rank}.{tie}"},
        st.sampled_from("abc"), st.integers(0, 1), st.integers(-3, 3), st.integers(0, 2),
    ),
    max_size=12,
)  # fmt: skip
RULES = st.sampled_from([Kept(("rank", "tie")), Kept(("rank", "tie"), least=True)])


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    yield engine
    engine.dispose()


def table_after(engine: Engine, batches: list[list[dict]], kept: Kept) -> list[tuple]:
    with engine.begin() as connection:
        connection.execute(delete(THINGS))
        for batch in batches:
            upsert(connection, THINGS, batch, kept)
        return [tuple(row) for row in connection.execute(select(THINGS).order_by(THINGS.c.id, THINGS.c.part))]


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, kept=RULES, data=st.data())
def test_any_order_any_batches_and_any_repeats_leave_the_same_table(
    engine: Engine, rows: list[dict], kept: Kept, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows + data.draw(st.lists(st.sampled_from(rows), max_size=5) if rows else st.just([]))))
    cut = data.draw(st.integers(0, len(shuffled)))
    assert table_after(engine, [shuffled[:cut], shuffled[cut:]], kept) == table_after(engine, [rows], kept)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, kept=RULES)
def test_memory_and_statement_apply_the_same_rule(engine: Engine, rows: list[dict], kept: Kept) -> None:
    one_by_one = table_after(engine, [[row] for row in rows], kept)
    assert one_by_one == table_after(engine, [rows], kept)


def test_of_equals_the_later_stays() -> None:
    first, second = ({"id": "a", "part": 0, "rank": 1, "tie": 1, "said": said} for said in ("first", "second"))
    for kept in (Kept(), Kept(("rank",)), Kept(("rank",), least=True)):
        assert one_per_key([first, second], ["id", "part"], kept) == [second]


def test_a_batch_is_sorted_by_key() -> None:
    rows = [{"id": ident, "part": part, "rank": 0, "tie": 0, "said": ""} for ident, part in (("b", 0), ("a", 1), ("a", 0))]
    assert [(row["id"], row["part"]) for row in one_per_key(rows, ["id", "part"], Kept())] == [("a", 0), ("a", 1), ("b", 0)]


def test_a_row_that_is_all_key_may_come_twice(engine: Engine) -> None:
    with engine.begin() as connection:
        assert upsert(connection, NAMES, [{"name": "a"}]) == 1
        assert upsert(connection, NAMES, [{"name": "a"}, {"name": "b"}]) == 2
        assert list(connection.execute(select(NAMES.c.name).order_by(NAMES.c.name)).scalars()) == ["a", "b"]


def test_nothing_is_written_for_no_rows(engine: Engine) -> None:
    with engine.begin() as connection:
        assert upsert(connection, THINGS, []) == 0


def test_a_time_comes_back_in_utc_to_the_microsecond_and_sorts_as_time(engine: Engine) -> None:
    east = datetime(2026, 11, 24, 1, 0, 0, 7, tzinfo=timezone(timedelta(hours=2)))
    west = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    with engine.begin() as connection:
        connection.execute(insert(TIMES), [{"id": 1, "at": west}, {"id": 2, "at": east}, {"id": 3, "at": None}])
        found = connection.execute(select(TIMES.c.at).where(TIMES.c.at.is_not(None)).order_by(TIMES.c.at)).scalars().all()
    assert found == [datetime(2026, 11, 23, 23, 0, 0, 7, tzinfo=UTC), west]
    assert all(at.tzinfo is UTC for at in found)


def test_a_time_without_a_zone_is_refused(engine: Engine) -> None:
    from sqlalchemy.exc import StatementError

    with engine.connect() as connection, pytest.raises(StatementError, match="without a zone"):
        connection.execute(insert(TIMES).values(id=1, at=datetime(2026, 1, 1)))
