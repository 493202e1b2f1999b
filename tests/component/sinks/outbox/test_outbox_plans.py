"""On SQLite no query of the delivery's hot path reads through a whole table: a million old deliveries cost nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event
from support.alerts import alert
from support.delivering import fill
from support.receivers import receiver_settings

from newsmon.records import DeliveryOutcome
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.settings import DatabaseSettings, Settings
from sinks.database.engine import create_engine_for, reading, writing
from sinks.database.tables import metadata
from sinks.outbox.claim import claim, next_due_at, pending
from sinks.outbox.settle import Settled, settle

SCANS = re.compile(r"SCAN (outbox|fanouts|attempts)\b")
COUNTS_THE_WAITING = "ix_outbox_receiver_created_at"  # a partial index: it holds nothing but what waits


def test_no_query_of_the_hot_path_reads_through_a_whole_table(tmp_path: Path) -> None:
    """A pair looked up in a list of pairs did; on a million rows that were seconds for every settled attempt."""
    engine = create_engine_for(Settings(state_dir=tmp_path, database=DatabaseSettings(url=f"sqlite:///{tmp_path / 'outbox.db'}")))
    metadata.create_all(engine)
    plans: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE", "INSERT")):
            raw = connection.connection.driver_connection
            rows = raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters[0] if many else parameters).fetchall()
            plans.extend(f"{row[3]}  <-  {statement}" for row in rows)

    now = datetime.now(UTC) + timedelta(seconds=5)
    fill(engine, [alert(number) for number in range(3)], [receiver_settings("desk", "http://127.0.0.1:9/")])
    with reading(engine) as connection:
        next_due_at(connection, "desk", now=now)
        pending(connection, "desk")
    with writing(engine) as connection:
        claimed = claim(connection, "desk", limit=2, worker="w", now=now, lease_s=60)
        settle(
            connection,
            "w",
            [Settled(one, DeliveryOutcome.DELIVERED, DeliveryReason.ACCEPTED, None, 204, None, now, 0.1, None) for one in claimed],
        )
    engine.dispose()
    assert len(claimed) == 2
    assert any("SEARCH outbox" in plan for plan in plans)
    assert any("SEARCH fanouts" in plan for plan in plans)
    assert [plan for plan in plans if SCANS.match(plan) and COUNTS_THE_WAITING not in plan] == []
