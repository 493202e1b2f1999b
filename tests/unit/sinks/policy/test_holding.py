"""When a receiver gets an alert: at once, or later and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.alerts import alert

from newsmon.records import AlertReason, AlertState, Severity, ThemeScore
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.settings import ReceiverSettings, RouteSettings
from sinks.policy.holding import Group, Hold, RecentDeliveries, escalate_at, group_of, hold, scheduled_hold
from sinks.policy.routing import Send, Suppress, routes

NIGHT = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # a Tuesday
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TWO_THEMES = (ThemeScore(theme_id="us-trade", score=1.0, threshold=0.5),)
HOUR = timedelta(hours=1)


def desk(**changes: Any) -> ReceiverSettings:
    return ReceiverSettings(id="desk", url="https://desk.example/hook", secret_files=(Path("s"),), **changes)


@pytest.mark.parametrize(
    ("now", "alert_changes", "wishes", "recent", "expected"),
    [
        (NOON, {}, {}, RecentDeliveries(), None),
        (NOON, {"also_matched": TWO_THEMES}, {}, RecentDeliveries(), Hold(DeliveryReason.OTHER_THEMES, NOON + timedelta(seconds=2))),
        (NOON, {"also_matched": TWO_THEMES, "severity": Severity.FLASH}, {"group_wait_s": 1.0}, RecentDeliveries(),
         Hold(DeliveryReason.OTHER_THEMES, NOON + timedelta(seconds=1))),
        (NOON, {"also_matched": TWO_THEMES}, {"group_wait_s": 0.0}, RecentDeliveries(), None),
        (NOON, {"also_matched": TWO_THEMES, "state": AlertState.CLOSED}, {"notify_closed": True}, RecentDeliveries(), None),
        (NIGHT, {}, {"quiet_hours": ("22:00-07:00",)}, RecentDeliveries(), Hold(DeliveryReason.QUIET_HOURS, datetime(2026, 11, 25, 7, tzinfo=UTC))),
        (NIGHT, {"severity": Severity.FLASH}, {"quiet_hours": ("22:00-07:00",)}, RecentDeliveries(), None),
        (NIGHT, {"severity": Severity.FLASH}, {"quiet_hours": ("22:00-07:00",), "flash_passes": False}, RecentDeliveries(),
         Hold(DeliveryReason.QUIET_HOURS, datetime(2026, 11, 25, 7, tzinfo=UTC))),
        (NOON, {}, {"quiet_hours": ("22:00-07:00",)}, RecentDeliveries(), None),
        (NOON, {}, {"digest": "daily", "timezone": "Europe/Berlin"}, RecentDeliveries(),
         Hold(DeliveryReason.DIGEST, datetime(2026, 11, 25, 6, tzinfo=UTC))),
        (NOON, {}, {"digest": "weekly", "digest_day": "fri", "digest_at": "09:30"}, RecentDeliveries(),
         Hold(DeliveryReason.DIGEST, datetime(2026, 11, 27, 9, 30, tzinfo=UTC))),
        (NOON, {}, {"budget_per_hour": 3}, RecentDeliveries(single_count=2), None),
        (NOON, {}, {"budget_per_hour": 3}, RecentDeliveries(single_count=3, oldest_single_at=NOON - HOUR / 2),
         Hold(DeliveryReason.BUDGET, NOON + HOUR / 2)),
        (NOON, {}, {"budget_per_hour": 3}, RecentDeliveries(single_count=0, budget_until=NOON + HOUR), Hold(DeliveryReason.BUDGET, NOON + HOUR)),
        (NOON, {"severity": Severity.FLASH}, {"budget_per_hour": 3}, RecentDeliveries(single_count=9), None),
        (NOON, {"state": AlertState.UPDATED, "reason": AlertReason.MORE_SOURCES}, {"group_interval_s": 300},
         RecentDeliveries(last_of_alert_at=NOON - timedelta(seconds=100)), Hold(DeliveryReason.GROUP_INTERVAL, NOON + timedelta(seconds=200))),
        (NOON, {"state": AlertState.UPDATED, "reason": AlertReason.SEVERITY_RAISED}, {"group_interval_s": 300},
         RecentDeliveries(last_of_alert_at=NOON - timedelta(seconds=100)), None),
        (NOON, {"state": AlertState.UPDATED, "reason": AlertReason.MORE_SOURCES}, {"group_interval_s": 300},
         RecentDeliveries(last_of_alert_at=NOON - HOUR), None),
    ],
)  # fmt: skip
def test_each_rule_of_holding(
    now: datetime, alert_changes: dict[str, Any], wishes: dict[str, Any], recent: RecentDeliveries, expected: Hold | None
) -> None:
    given = alert(**alert_changes)
    assert hold(given, desk(**wishes), recent, now=now, group=group_of(given)) == expected


def test_what_was_told_as_one_ends_as_one_and_what_came_alone_at_once() -> None:
    over = alert(state=AlertState.CLOSED)
    wanted = desk(notify_closed=True)
    assert hold(over, wanted, RecentDeliveries(), now=NOON, group=Group("closed:r", 2)) == Hold(
        DeliveryReason.OTHER_THEMES, NOON + HOUR / 6
    )
    for group in (None, Group("closed:r", 1)):
        assert hold(over, wanted, RecentDeliveries(), now=NOON, group=group) is None
    assert hold(over, desk(notify_closed=True, closed_wait_s=0), RecentDeliveries(), now=NOON, group=Group("closed:r", 2)) is None


def test_the_night_ends_when_the_clocks_of_the_zone_say_so_also_when_summer_time_ends() -> None:
    saturday_night = datetime(2026, 10, 24, 21, 0, tzinfo=UTC)  # 23:00 in Berlin; at 03:00 the clocks go back
    held = scheduled_hold(Severity.NOTICE, desk(quiet_hours=("22:00-07:00",), timezone="Europe/Berlin"), now=saturday_night)
    assert held == Hold(DeliveryReason.QUIET_HOURS, datetime(2026, 10, 25, 6, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("spans", "now", "until"),
    [
        (("22:00-24:00", "00:00-07:00"), NIGHT, datetime(2026, 11, 25, 7, tzinfo=UTC)),  # two spans that touch are one night
        (("sat,sun 00:00-24:00",), datetime(2026, 11, 28, 9, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC)),
        (("fri-mon 20:00-08:00",), datetime(2026, 12, 1, 3, tzinfo=UTC), datetime(2026, 12, 1, 8, tzinfo=UTC)),  # began on Monday
        (("mon-fri 22:00-07:00",), datetime(2026, 11, 29, 23, tzinfo=UTC), None),  # a Sunday
    ],
)
def test_quiet_spans_join_and_know_the_day_they_began_on(spans: tuple[str, ...], now: datetime, until: datetime | None) -> None:
    held = scheduled_hold(Severity.URGENT, desk(quiet_hours=spans), now=now)
    assert (held.until if held is not None else None) == until


@pytest.mark.parametrize("text", ["22-07", "22:00-22:00", "25:00-07:00", "24:00-07:00", "someday 10:00-11:00", "10:61-11:00"])
def test_a_span_that_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        desk(quiet_hours=(text,))


def test_quiet_hours_without_a_gap_do_not_hold_for_ever() -> None:
    held = scheduled_hold(Severity.NOTICE, desk(quiet_hours=("00:00-12:00", "12:00-24:00")), now=NOON)
    assert held is not None
    assert timedelta(days=7) <= held.until - NOON <= timedelta(days=8)


def test_an_alert_groups_with_the_others_its_text_causes() -> None:
    one, other = alert(1, also_matched=TWO_THEMES), alert(2, theme_id="us-trade", also_matched=TWO_THEMES)
    first, second = group_of(one), group_of(other)
    assert first is not None
    assert first.size == 2
    assert second is not None
    assert second.key == first.key
    assert group_of(alert(also_matched=())) is None


def test_only_what_is_worth_it_is_escalated_after_it_was_due() -> None:
    wishes = desk(escalate_to="pager", escalate_after_s=600)
    due_at = NOON + HOUR
    assert escalate_at(alert(severity=Severity.URGENT), wishes, due_at=due_at) == due_at + timedelta(minutes=10)
    assert escalate_at(alert(severity=Severity.NOTICE), wishes, due_at=due_at) is None
    assert escalate_at(alert(severity=Severity.FLASH), desk(), due_at=due_at) is None


@pytest.mark.parametrize(
    ("wishes", "alert_changes", "reason"),
    [
        ({"languages": ("de",)}, {}, DeliveryReason.LANGUAGE_NOT_WANTED),
        ({"languages": ("en", "de")}, {}, None),
        ({"max_tier": 1}, {}, DeliveryReason.TIER_NOT_WANTED),
        ({"routes": (RouteSettings(themes=("us-trade",)), RouteSettings(min_severity="flash"))}, {}, DeliveryReason.NO_ROUTE),
        ({"routes": (RouteSettings(themes=("us-trade",)), RouteSettings(min_severity="flash"))}, {"severity": Severity.FLASH}, None),
    ],
)
def test_routes_by_language_tier_and_alternatives(
    wishes: dict[str, Any], alert_changes: dict[str, Any], reason: DeliveryReason | None
) -> None:
    [found] = routes(alert(theme_id="defence-spending", **alert_changes), [desk(**wishes)])
    assert found == (Send("desk") if reason is None else Suppress("desk", reason))


def test_a_silence_comes_before_a_disabled_receiver_and_after_what_is_not_wanted() -> None:
    assert routes(alert(), [desk()], silenced={"desk"}, disabled={"desk"}) == (Suppress("desk", DeliveryReason.SILENCED),)
    assert routes(alert(), [desk(min_severity="flash")], silenced={"desk"}) == (Suppress("desk", DeliveryReason.BELOW_MIN_SEVERITY),)
