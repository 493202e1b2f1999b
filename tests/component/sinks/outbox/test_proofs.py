"""What a new database makes of the attempts on news.deliveries, also when a clock that was ahead dated them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine
from support.alerts import alert
from support.delivering import empty_database, outbox_rows, received, states
from support.receivers import receiver_settings
from support.samples import every_record

from newsmon import ids
from newsmon.records import Delivery, DeliveryOutcome
from sinks.database.engine import reading, writing
from sinks.outbox.enqueue import enqueue
from sinks.outbox.proofs import doubt, learn, read_doubts
from sinks.policy.proof import Doubt

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
AHEAD = NOW + timedelta(days=10)
SAMPLE: Delivery = next(one for one in every_record() if isinstance(one, Delivery))
DESK = receiver_settings("desk", "http://127.0.0.1:1/")
ALERT = alert(1, raised_at=NOW - timedelta(hours=1))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with empty_database(tmp_path) as engine:
        yield engine


def attempt(number: int, outcome: DeliveryOutcome, reason: str, at: datetime, next_at: datetime | None = None) -> Delivery:
    return msgspec.structs.replace(
        SAMPLE, delivery_id=ids.delivery_id(ALERT.alert_id, 1, "desk"), alert_id=ALERT.alert_id, revision=1, receiver="desk", attempt=number,
        outcome=outcome, reason=reason, attempted_at=at, next_attempt_at=next_at,
    )  # fmt: skip


def relearned(engine: Engine, *shown: Delivery) -> None:
    with writing(engine) as connection:
        learn(connection, shown, now=NOW)
        enqueue(connection, [received(ALERT)], [DESK], now=NOW)


def test_a_retry_scheduled_by_a_clock_that_was_ahead_waits_its_delay_and_no_longer(engine: Engine) -> None:
    relearned(engine, attempt(1, DeliveryOutcome.WILL_RETRY, "server_error", AHEAD, AHEAD + timedelta(minutes=5)))
    [row] = outbox_rows(engine)
    assert (row.state, row.next_attempt_at, row.created_at) == ("pending", NOW + timedelta(minutes=5), NOW)


def test_what_a_silence_stopped_between_two_attempts_stays_stopped(engine: Engine) -> None:
    early, late = NOW - timedelta(minutes=30), NOW - timedelta(minutes=20)
    retried = attempt(1, DeliveryOutcome.WILL_RETRY, "server_error", early, NOW)
    relearned(engine, retried, attempt(0, DeliveryOutcome.SUPPRESSED, "silenced", late))
    assert states(engine) == [("desk", "suppressed", "silenced")]


def test_doubts_grow_in_time_also_where_the_log_has_become_shorter(engine: Engine) -> None:
    with writing(engine) as connection:
        doubt(connection, {("news.alerts", 0): 5_000}, made_until=NOW - timedelta(days=9), now=NOW)
        doubt(connection, {("news.alerts", 0): 90}, made_until=NOW, now=NOW)
    with reading(engine) as connection:
        assert read_doubts(connection, hold_older_than_s=0).by_place == {("news.alerts", 0): Doubt(5_000, NOW)}
