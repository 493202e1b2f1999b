"""What attempts prove, and which deliveries without proof wait for a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from support.samples import NOON, every_record

from newsmon.records import Delivery, DeliveryOutcome, NoticeKind
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.records.delivery_states import OutboxState
from newsmon.topics import ALERTS, DAY_MS, DELIVERIES, NOTICES
from sinks.policy.proof import Doubt, doubtful, held_condition, proof_of

SAMPLE: Delivery = next(one for one in every_record() if isinstance(one, Delivery))
HOUR = timedelta(hours=1)
HOLD_S = 4 * 3_600.0


def attempt(number: int, outcome: DeliveryOutcome, reason: str = "server_error", **changes: Any) -> Delivery:
    values: dict[str, Any] = {
        "attempt": number,
        "outcome": outcome,
        "reason": reason,
        "attempted_at": NOON + number * HOUR,
        "duration_s": 2.0,
    }
    return msgspec.structs.replace(SAMPLE, **values | {"next_attempt_at": None} | changes)


RETRY, DEAD, DELIVERED, SUPPRESSED = (
    DeliveryOutcome.WILL_RETRY, DeliveryOutcome.DEAD, DeliveryOutcome.DELIVERED, DeliveryOutcome.SUPPRESSED
)  # fmt: skip


def test_acceptance_is_final_whatever_comes_after_it() -> None:
    proof = proof_of([attempt(3, DEAD), attempt(2, DELIVERED, "accepted"), attempt(1, RETRY)])
    assert (proof.state, proof.reason, proof.attempt_count) == (OutboxState.DELIVERED, None, 3)
    assert proof.delivered_at == NOON + 2 * HOUR + timedelta(seconds=2)
    assert proof.first_at == NOON + HOUR


def test_retries_go_on_where_they_were() -> None:
    proof = proof_of([attempt(1, RETRY), attempt(2, RETRY, "timed_out", next_attempt_at=NOON + 5 * HOUR)])
    assert (proof.state, proof.reason, proof.attempt_count, proof.schedule_start) == (OutboxState.PENDING, "timed_out", 2, 0)
    assert proof.next_attempt_at == NOON + 5 * HOUR
    assert proof_of([attempt(1, RETRY)]).next_attempt_at == NOON + HOUR  # without a time it is due


def test_a_replay_began_its_schedule_after_the_death() -> None:
    proof = proof_of([attempt(11, DEAD), attempt(12, RETRY)])
    assert (proof.attempt_count, proof.schedule_start) == (12, 11)


@pytest.mark.parametrize(
    ("said", "reason"), [("server_error", "exhausted"), ("gone", "gone"), ("aborted", "aborted"), ("receiver_removed", "receiver_removed")]
)
def test_a_dead_delivery_is_dead_for_the_reason_that_can_be_told(said: str, reason: str) -> None:
    proof = proof_of([attempt(4, DEAD, said)])
    assert (proof.state, proof.reason, proof.attempt_count) == (OutboxState.DEAD, reason, 4)


def test_what_was_suppressed_stays_so_unless_it_was_sent_later() -> None:
    assert proof_of([attempt(0, SUPPRESSED, "silenced")]).reason == "silenced"
    assert proof_of([attempt(0, SUPPRESSED, "receiver_disabled"), attempt(1, DELIVERED)]).state is OutboxState.DELIVERED


def test_what_was_silenced_after_attempts_that_failed_stays_so_and_what_was_tried_after_that_goes_on() -> None:
    silenced = attempt(0, SUPPRESSED, "silenced", attempted_at=NOON + 9 * HOUR)
    proof = proof_of([attempt(1, RETRY), attempt(2, RETRY), silenced])
    assert (proof.state, proof.reason, proof.next_attempt_at) == (OutboxState.SUPPRESSED, "silenced", None)
    assert proof_of([silenced, attempt(1, DEAD), attempt(12, RETRY)]).state is OutboxState.PENDING  # replayed later


@pytest.mark.parametrize(
    ("case", "held"),
    [
        ({}, True),
        ({"doubt": None}, False),  # this database has read everything itself
        ({"offset": 10}, False),  # came after this database began
        ({"made_at": NOON + HOUR}, False),  # made after the last sign of life of the earlier one
        ({"waited_until": NOON + HOUR}, False),  # was waiting for its digest when the earlier one was lost
        ({"waited_until": NOON - HOUR}, True),
        ({"now": NOON - HOUR + timedelta(seconds=HOLD_S)}, False),  # not older than the setting
        ({"hold_older_than_s": 30 * 86_400.0}, False),
    ],
)
def test_only_what_is_old_and_may_have_been_sent_waits_for_a_person(case: dict[str, Any], held: bool) -> None:
    usual: dict[str, Any] = {
        "doubt": Doubt(10, NOON), "offset": 9, "made_at": NOON - HOUR, "waited_until": None, "now": NOON + 10 * HOUR,
        "hold_older_than_s": HOLD_S,
    }  # fmt: skip
    assert doubtful(**usual | case) is (DeliveryReason.UNPROVEN if held else None)


def test_the_notice_names_receivers_counts_and_what_to_do() -> None:
    assert held_condition({}, NOON, hold_older_than_s=HOLD_S) is None
    condition = held_condition({"desk": 2, "chat": 1}, NOON, hold_older_than_s=HOLD_S)
    assert condition is not None
    assert condition.kind is NoticeKind.DELIVERIES_HELD
    for said in ("3 deliveries are held (chat 1, desk 2)", "4 h", "newsmon deliveries release", "newsmon deliveries discard"):
        assert said in condition.text
    single = held_condition({"desk": 1}, NOON, hold_older_than_s=HOLD_S)
    assert single is not None
    assert single.text.startswith("1 delivery is held")


def test_a_proof_outlives_what_it_proves() -> None:
    """Kafka deletes whole segments, which it closes after a week at the latest: a record may stay that much longer than its retention."""
    assert DELIVERIES.retention_ms is not None
    for proven in (ALERTS, NOTICES):
        assert proven.retention_ms is not None
        assert DELIVERIES.retention_ms >= proven.retention_ms + 7 * DAY_MS
