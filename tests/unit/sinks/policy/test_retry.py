"""The retry schedule, Retry-After and the circuit, as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from newsmon.records.delivery_reasons import DeliveryReason
from sinks.policy.circuit import CLOSED, Circuit, CircuitPolicy, Permit, after_attempt, failing_too_long, permit
from sinks.policy.retry import RETRY_AFTER_CAP_S, Disable, Failure, GiveUp, RetryAfter, Schedule, after_failure, retry_after_s

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
FIVE_HUNDRED = Failure(DeliveryReason.SERVER_ERROR)


def test_the_standard_schedule_makes_eleven_attempts_over_almost_nineteen_hours() -> None:
    decisions = [after_failure(FIVE_HUNDRED, attempt=attempt, fraction=0.0) for attempt in range(1, 12)]
    assert decisions[-1] == GiveUp(DeliveryReason.EXHAUSTED)
    waits = [decision.seconds for decision in decisions[:-1] if isinstance(decision, RetryAfter)]
    assert waits == [5, 30, 120, 300, 900, 1800, 3600, 7200, 18000, 36000]
    assert sum(waits) == 67_955


@pytest.mark.parametrize("reason", [r for r in DeliveryReason if r not in (DeliveryReason.GONE, DeliveryReason.ABORTED)])
def test_every_failure_is_retried_unless_the_receiver_asks_for_the_contrary(reason: DeliveryReason) -> None:
    assert after_failure(Failure(reason), attempt=1, fraction=0.0) == RetryAfter(5.0, reason)


@pytest.mark.parametrize("attempt", [1, 5, 11, 400])
def test_gone_disables_the_receiver_at_any_attempt(attempt: int) -> None:
    assert after_failure(Failure(DeliveryReason.GONE), attempt=attempt, fraction=0.5) == Disable(DeliveryReason.GONE)


@hypothesis_settings(max_examples=80)
@given(attempt=st.integers(1, 10), fraction=st.floats(0, 1), asked=st.none() | st.floats(0, 1e7))
def test_a_retry_is_never_earlier_than_the_schedule_nor_than_asked_nor_later_than_the_jitter_allows(
    attempt: int, fraction: float, asked: float | None
) -> None:
    decision = after_failure(Failure(DeliveryReason.THROTTLED, asked), attempt=attempt, fraction=fraction)
    assert isinstance(decision, RetryAfter)
    floor_s = max(Schedule().delays_s[attempt - 1], min(asked or 0.0, RETRY_AFTER_CAP_S))
    assert floor_s <= decision.seconds <= floor_s * 1.2 + 1e-6


def test_a_receiver_cannot_push_a_retry_beyond_six_hours_on_its_own() -> None:
    assert after_failure(Failure(DeliveryReason.THROTTLED, 1e9), attempt=1, fraction=0.0) == RetryAfter(21_600.0, DeliveryReason.THROTTLED)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("\u0663", None),
        ("9" * 5000, 21_600.0),
        ("Tue, 24 Nov 2026 12:01:30 GMT", 90.0),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 0.0),
        ("Tue, 24 Nov 2026 12:01:30", 90.0),
        ("Mon, 99 Nov 99999 12:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 21_600.0),
    ],
)
def test_retry_after_is_read_in_both_its_forms_and_nonsense_is_ignored(header: str | None, seconds: float | None) -> None:
    assert retry_after_s(header, now=NOW) == seconds


POLICY = CircuitPolicy(threshold=3, rests_s=(10.0, 60.0))


def failed(circuit: Circuit, at_s: float, asked_s: float = 0.0) -> Circuit:
    return after_attempt(circuit, succeeded=False, now=NOW + timedelta(seconds=at_s), asked_rest_s=asked_s, policy=POLICY)


def test_the_circuit_opens_after_failures_in_a_row_and_rests_longer_after_each_failed_probe() -> None:
    circuit = failed(failed(CLOSED, 0), 1)
    assert permit(circuit, now=NOW) is Permit.ALL
    circuit = failed(circuit, 2)
    assert circuit.open_until == NOW + timedelta(seconds=12)
    assert permit(circuit, now=NOW + timedelta(seconds=11)) is Permit.NONE
    assert permit(circuit, now=NOW + timedelta(seconds=12)) is Permit.PROBE
    circuit = failed(circuit, 12)
    assert circuit.open_until == NOW + timedelta(seconds=72)
    circuit = failed(circuit, 72)
    assert circuit.open_until == NOW + timedelta(seconds=132)


def test_attempts_under_way_when_it_opened_do_not_lengthen_the_rest() -> None:
    opened = failed(failed(failed(CLOSED, 0), 0), 0)
    assert failed(opened, 5) == opened


def test_one_success_closes_it() -> None:
    opened = failed(failed(failed(CLOSED, 0), 0), 0)
    assert after_attempt(opened, succeeded=True, now=NOW, policy=POLICY) == CLOSED
    almost = failed(failed(CLOSED, 0), 0)
    assert after_attempt(almost, succeeded=True, now=NOW, policy=POLICY) == CLOSED


def test_retry_after_rests_all_alerts_of_the_receiver_at_the_first_failure() -> None:
    circuit = failed(CLOSED, 0, asked_s=30)
    assert permit(circuit, now=NOW + timedelta(seconds=29)) is Permit.NONE
    assert failed(circuit, 1, asked_s=60).open_until == NOW + timedelta(seconds=61)
    assert failed(circuit, 1, asked_s=5).open_until == NOW + timedelta(seconds=30)


def test_a_receiver_is_given_up_after_days_of_many_failures_only() -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    days = timedelta(days=5)

    def given_up(since: datetime | None, failure_count: int) -> bool:
        return failing_too_long(since, Circuit(failure_count), now=now, limit=days)

    assert given_up(now - days, 12)
    assert not given_up(now - days, 11)
    assert not given_up(now - days + timedelta(seconds=1), 1_000)
    assert not given_up(None, 1_000)
