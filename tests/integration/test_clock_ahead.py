"""Deliveries that a clock ten days ahead left behind, corrected on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update
from support.alerts import alert
from support.delivering import outbox_rows, received
from support.receivers import receiver_settings

from newsmon.records import Severity
from newsmon.settings import DatabaseSettings, Settings
from sinks.database.engine import create_engine_for, reading, writing
from sinks.database.outbox_tables import outbox
from sinks.database.schema import migrate
from sinks.database.tables import consumed_offsets
from sinks.outbox.enqueue import enqueue
from sinks.outbox.release import next_release_at
from sinks.outbox.state.clock_rows import newest_stored_at, time_again
from sinks.outbox.state.receiver_state import ReceiverState, read_state, write_state
from sinks.policy.circuit import Circuit

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
AHEAD = NOW + timedelta(days=10)
URL = "http://127.0.0.1:1/"


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine_for(Settings(state_dir=tmp_path, database=DatabaseSettings(url=database_url)))
    migrate(engine)
    yield engine
    engine.dispose()


def test_once_the_clock_is_right_nothing_waits_for_more_than_its_rule(engine: Engine) -> None:
    desk = receiver_settings("desk", URL, escalate_to="night", escalate_after_s=600)
    night = receiver_settings("night", URL, quiet_hours=("22:00-13:00",))
    both = {"desk": desk, "night": night}
    with writing(engine) as connection:
        enqueue(connection, [received(alert(1, severity=Severity.URGENT))], tuple(both.values()), now=AHEAD)
        connection.execute(update(outbox).where(outbox.c.receiver == "desk").values(leased_by="a/1/1.00", leased_until=AHEAD))
        write_state(connection, "desk", ReceiverState(circuit=Circuit(7, AHEAD + timedelta(minutes=5)), failing_since=AHEAD), now=AHEAD)
        connection.execute(consumed_offsets.insert().values(consumer="store", topic="t", partition=0, next_offset=5, updated_at=AHEAD))
        assert newest_stored_at(connection) == AHEAD
        assert time_again(connection, both, now=NOW) == 2
        assert time_again(connection, both, now=NOW) == 0
    due = {row.receiver: (row.state, row.next_attempt_at, row.escalate_at, row.leased_until) for row in outbox_rows(engine)}
    assert due == {
        "desk": ("pending", NOW, NOW + timedelta(seconds=600), None),
        "night": ("held", NOW.replace(hour=13), None, None),
    }
    with reading(engine) as connection:
        assert next_release_at(connection) == NOW + timedelta(seconds=600)
        assert read_state(connection, "desk").circuit.open_until == NOW + timedelta(minutes=5)
        assert connection.scalar(select(consumed_offsets.c.updated_at)) == NOW
