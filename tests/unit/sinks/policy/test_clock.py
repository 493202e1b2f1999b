"""The decisions of delivery when the clock was ahead: no wait outlasts its rule, and people are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.alerts import alert
from support.receivers import receiver_settings
from support.samples import NOON

from newsmon.clock import ClockStep
from newsmon.records import AlertReason, AlertState, NoticeKind, NoticeState
from newsmon.records.delivery_reasons import DeliveryReason
from sinks.policy.circuit import CLOSED, Circuit, Permit, permit, shifted
from sinks.policy.clock import clock_condition
from sinks.policy.conditions import OpenNotice, notices_of
from sinks.policy.holding import BUDGET_PERIOD, Hold, RecentDeliveries, hold

AHEAD = NOON + timedelta(days=10)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("recent", [RecentDeliveries(single_count=9, oldest_single_at=AHEAD), RecentDeliveries(budget_until=AHEAD)])
def test_a_budget_used_up_in_the_future_holds_for_its_period_at_most(recent: RecentDeliveries) -> None:
    desk = receiver_settings("desk", "http://127.0.0.1:1/", budget_per_hour=2)
    assert hold(alert(), desk, recent, now=NOON) == Hold(DeliveryReason.BUDGET, NOON + BUDGET_PERIOD)


def test_an_update_sent_in_the_future_holds_the_next_for_the_interval_at_most() -> None:
    desk = receiver_settings("desk", "http://127.0.0.1:1/", group_interval_s=60)
    updated = alert(state=AlertState.UPDATED, reason=AlertReason.MORE_SOURCES)
    recent = RecentDeliveries(last_of_alert_at=AHEAD)
    assert hold(updated, desk, recent, now=NOON) == Hold(DeliveryReason.GROUP_INTERVAL, NOON + timedelta(seconds=60))


def test_a_circuit_rests_as_long_as_it_would_have() -> None:
    assert shifted(CLOSED, HOUR) == CLOSED
    resting = Circuit(6, NOON + HOUR)
    back = shifted(resting, timedelta(days=-10))
    assert permit(back, now=NOON - timedelta(days=10)) is Permit.NONE
    assert permit(back, now=NOON - timedelta(days=10) + HOUR) is Permit.PROBE


def test_a_notice_told_in_the_future_is_repeated_once_and_then_daily() -> None:
    condition = clock_condition(ClockStep(-864_000.0, NOON))
    told = OpenNotice(
        notice_id="n", revision=4, kind=condition.kind, subject=condition.subject, text=condition.text, severity=condition.severity,
        opened_at=AHEAD, said_at=AHEAD,
    )  # fmt: skip
    [again] = notices_of([condition], [told], now=NOON)
    assert (again.state, again.revision, again.at) == (NoticeState.REPEATED, 5, NOON)
    assert notices_of([condition], [replace(told, said_at=NOON, revision=5)], now=NOON + HOUR) == ()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(864_000.0, "forward by 10.0 d"), (-10_800.0, "back by 3.0 h"), (-600.0, "back by 10.0 min"), (45.0, "forward by 45 s")],
)
def test_the_notice_says_how_the_clock_was_set_and_what_to_check(seconds: float, said: str) -> None:
    condition = clock_condition(ClockStep(seconds, NOON))
    assert (condition.kind, condition.since) == (NoticeKind.CLOCK_STEPPED, NOON)
    assert said in condition.text
    assert "timedatectl" in condition.text
