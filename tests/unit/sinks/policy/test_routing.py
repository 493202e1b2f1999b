"""Who gets an alert and why the others do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.alerts import alert

from newsmon.records import AlertState, Origin, Severity
from newsmon.records.delivery_reasons import SUPPRESSIONS, DeliveryReason
from newsmon.settings import ReceiverSettings
from sinks.policy.routing import NO_RECEIVER, Send, Suppress, routes


def receiver(name: str = "desk", **changes: Any) -> ReceiverSettings:
    return ReceiverSettings(id=name, url="https://desk.example/hook", secret_files=(Path("s"),), **changes)


@pytest.mark.parametrize(
    ("alert_changes", "receiver_changes", "reason"),
    [
        ({}, {}, None),
        ({"theme_id": "us-trade"}, {"themes": ("us-trade", "defence-spending")}, None),
        ({"theme_id": "us-trade"}, {"themes": ("defence-spending",)}, DeliveryReason.THEME_NOT_WANTED),
        ({"severity": Severity.NOTICE}, {"min_severity": "urgent"}, DeliveryReason.BELOW_MIN_SEVERITY),
        ({"severity": Severity.URGENT}, {"min_severity": "urgent"}, None),
        ({"severity": Severity.FLASH}, {"min_severity": "urgent"}, None),
        ({"severity": Severity.URGENT}, {"min_severity": "flash"}, DeliveryReason.BELOW_MIN_SEVERITY),
        ({"state": AlertState.CLOSED}, {}, DeliveryReason.CLOSED_NOT_WANTED),
        ({"state": AlertState.CLOSED}, {"notify_closed": True}, None),
        ({"state": AlertState.UPDATED}, {}, None),
        ({"origin": Origin.BACKFILL}, {}, DeliveryReason.NOT_LIVE),
        ({"origin": Origin.REPLAY}, {"notify_closed": True}, DeliveryReason.NOT_LIVE),
        ({"origin": Origin.REPLAY, "theme_id": "x"}, {"themes": ("y",)}, DeliveryReason.NOT_LIVE),
    ],
)
def test_each_rule_of_routing(alert_changes: dict[str, Any], receiver_changes: dict[str, Any], reason: DeliveryReason | None) -> None:
    expected = Send("desk") if reason is None else Suppress("desk", reason)
    assert routes(alert(**alert_changes), [receiver(**receiver_changes)], told={"desk"}) == (expected,)


def test_the_end_of_an_alert_goes_to_those_who_were_told_of_it_and_an_update_to_all() -> None:
    given = [receiver("a", notify_closed=True), receiver("b", notify_closed=True), receiver("c")]
    assert routes(alert(state=AlertState.CLOSED), given, told={"a", "c"}) == (
        Send("a"),
        Suppress("b", DeliveryReason.NEVER_TOLD),
        Suppress("c", DeliveryReason.CLOSED_NOT_WANTED),
    )
    assert routes(alert(state=AlertState.UPDATED), given) == (Send("a"), Send("b"), Send("c"))
    assert not Suppress("b", DeliveryReason.NEVER_TOLD).may_replay


def test_every_receiver_gets_its_own_answer_in_the_order_of_the_settings() -> None:
    given = [receiver("a"), receiver("b", min_severity="flash"), receiver("c")]
    assert routes(alert(), given, disabled={"c"}) == (
        Send("a"),
        Suppress("b", DeliveryReason.BELOW_MIN_SEVERITY),
        Suppress("c", DeliveryReason.RECEIVER_DISABLED),
    )


def test_without_receivers_the_alert_is_counted_under_none() -> None:
    assert routes(alert(), []) == (Suppress(NO_RECEIVER, DeliveryReason.NO_RECEIVER),)


def test_a_filter_wins_over_being_disabled_so_that_enabling_replays_only_what_was_wanted() -> None:
    [route] = routes(alert(), [receiver(themes=("another",))], disabled={"desk"})
    assert route == Suppress("desk", DeliveryReason.THEME_NOT_WANTED)
    assert isinstance(route, Suppress)
    assert not route.may_replay
    assert Suppress("desk", DeliveryReason.RECEIVER_DISABLED).may_replay
    assert DeliveryReason.RECEIVER_DISABLED in SUPPRESSIONS
