"""What counts as a delivery that is due and that nobody attempts, in a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from support.alerts import alert
from support.delivering import empty_database, fill
from support.receivers import receiver_settings

from newsmon.liveness.stall import Waiting
from newsmon.records.delivery_reasons import DeliveryReason
from sinks.database.engine import reading, writing
from sinks.deliver.progress import due_of_receiver
from sinks.outbox.claim import claim
from sinks.outbox.state.receiver_state import ReceiverState, write_state
from sinks.policy.circuit import Circuit

DESK = receiver_settings("desk", "http://127.0.0.1:9/")
LATER = datetime.now(UTC) + timedelta(days=1)  # later than the end of the whole test run


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with empty_database(tmp_path) as engine:
        fill(engine, [alert(number) for number in range(3)], [DESK])
        yield engine


def due(engine: Engine, receiver: str = "desk", *, now: datetime = LATER) -> Waiting | None:
    with reading(engine) as connection:
        return due_of_receiver(connection, receiver, now=now)


def test_a_delivery_that_nobody_claims_waits_with_the_same_mark(engine: Engine) -> None:
    first = due(engine)
    assert first is not None
    assert due(engine, now=LATER + timedelta(minutes=1)) == first
    assert due(engine, "somebody else") is None


def test_what_has_just_become_due_does_not_wait_yet(engine: Engine) -> None:
    assert due(engine, now=datetime.now(UTC)) is None


def test_every_claim_changes_the_mark_and_what_is_claimed_does_not_wait(engine: Engine) -> None:
    before = due(engine)
    with writing(engine) as connection:
        claim(connection, "desk", limit=1, worker="w", now=LATER, lease_s=600)
    assert due(engine) not in (None, before)
    with writing(engine) as connection:
        claim(connection, "desk", limit=5, worker="w", now=LATER, lease_s=600)
    assert due(engine) is None


@pytest.mark.parametrize(
    ("state", "waits"),
    [
        (ReceiverState(), True),
        (ReceiverState(disabled_reason=DeliveryReason.GONE), False),
        (ReceiverState(circuit=Circuit(5, LATER + timedelta(minutes=1))), False),
        (ReceiverState(circuit=Circuit(5, LATER - timedelta(minutes=1))), True),
    ],
    ids=["open to it", "disabled", "resting", "rested"],
)
def test_a_receiver_that_must_not_be_sent_to_now_keeps_nobody_waiting(engine: Engine, state: ReceiverState, waits: bool) -> None:
    with writing(engine) as connection:
        write_state(connection, "desk", state, now=LATER)
    assert (due(engine) is not None) is waits
