"""The campaign's deciding parts: the same plan for the same seed, and an oracle that names whatever is lost, doubled or astray."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import pytest
from support.campaign.arrival import Arrival
from support.campaign.core_hands import CORE_HANDS
from support.campaign.edge_hands import EDGE_HANDS
from support.campaign.figures import Happened, by_kind, percentile, recoveries
from support.campaign.items import PLACES, Item, item, number_of, theme_files
from support.campaign.kinds import SPECS, Kind, Lane, Need, kinds_with
from support.campaign.oracle import Astray, Finding, Stored, missing, verdict
from support.campaign.plan import faults, short_plan

DESKS = ("north", "east")
TOLD, QUIET = item(1, 4), item(1, 5)  # one in five belongs to no theme
SERVED = {one.number: one for one in (TOLD, QUIET)}
STORED = {
    TOLD.number: Stored(frozenset({TOLD.theme or ""}), frozenset({TOLD.theme or ""}), ("open",)),
    QUIET.number: Stored(frozenset()),
}


def arrival(one: Item, desk: str, **changes: object) -> Arrival:
    made = Arrival(
        desk=desk, at_s=10.0, webhook_id=f"{one.number}-{desk}", kind="newsmon.alert.opened", verified=True, accepted=True,
        numbers=(one.number,), body_hash=one.number,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


ARRIVALS = [arrival(TOLD, desk) for desk in DESKS]


def found(
    stored: dict[int, Stored] = STORED, arrivals: list[Arrival] = ARRIVALS, served: dict[int, Item] = SERVED
) -> set[tuple[int | None, Astray]]:
    return {(one.number, one.what) for one in verdict(served, stored, arrivals, DESKS)}


def test_nothing_astray_is_no_finding() -> None:
    assert verdict(SERVED, STORED, ARRIVALS, DESKS) == ()


def test_a_repeat_under_the_same_id_is_no_finding() -> None:
    refused = arrival(TOLD, "north", accepted=False, at_s=9.0)
    assert found(arrivals=[refused, *ARRIVALS, ARRIVALS[0]]) == set()


@pytest.mark.parametrize(
    ("stored", "what"),
    [
        (None, Astray.NOT_PUBLISHED),
        (Stored(None), Astray.NOT_CLASSIFIED),
        (Stored(frozenset()), Astray.WRONG_THEMES),
        (replace(STORED[TOLD.number], matched=frozenset()), Astray.NO_MATCH),
        (replace(STORED[TOLD.number], decisions=()), Astray.NO_STORY),
    ],
)
def test_an_item_that_is_lost_on_its_way_into_the_database_is_named(stored: Stored | None, what: Astray) -> None:
    rows = {QUIET.number: STORED[QUIET.number]} | ({} if stored is None else {TOLD.number: stored})
    assert found(stored=rows) == {(TOLD.number, what)}


def test_an_item_that_matches_though_it_must_not_is_named() -> None:
    rows = STORED | {QUIET.number: Stored(frozenset({"zandor"}), frozenset({"zandor"}), ("open",))}
    assert found(stored=rows) == {(QUIET.number, Astray.WRONG_THEMES)}


def test_an_alert_that_one_receiver_did_not_accept_is_named_with_the_receiver() -> None:
    arrivals = [ARRIVALS[0], arrival(TOLD, "east", accepted=False)]
    assert verdict(SERVED, STORED, arrivals, DESKS) == (Finding(TOLD.number, Astray.NOT_DELIVERED, "east"),)


def test_an_alert_told_under_two_ids_is_named() -> None:
    assert found(arrivals=[*ARRIVALS, arrival(TOLD, "east", webhook_id="another")]) == {(TOLD.number, Astray.TWO_IDS)}


def test_one_id_for_two_items_is_named() -> None:
    other = item(1, 6)
    served, stored = SERVED | {6: other}, STORED | {6: Stored(frozenset({other.theme or ""}), frozenset({other.theme or ""}), ("open",))}
    arrivals = [*ARRIVALS, *(arrival(other, desk, webhook_id=f"{TOLD.number}-{desk}", body_hash=TOLD.number) for desk in DESKS)]
    assert found(stored, arrivals, served) == {(TOLD.number, Astray.ONE_ID_FOR_TWO)}


def test_a_repeat_with_another_body_is_named() -> None:
    assert (None, Astray.REPEAT_DIFFERS) in found(arrivals=[*ARRIVALS, arrival(TOLD, "north", body_hash=99)])


def test_an_alert_about_an_item_that_no_feed_served_is_named() -> None:
    unknown = item(1, 77)
    assert found(arrivals=[*ARRIVALS, arrival(unknown, "north")]) == {(77, Astray.NEVER_SERVED)}
    assert found(arrivals=[*ARRIVALS, arrival(TOLD, "north", webhook_id="x", numbers=(None,))]) == {(None, Astray.NEVER_SERVED)}
    assert found(stored=STORED | {77: Stored()}) == {(77, Astray.NEVER_SERVED)}


def test_an_alert_about_an_item_that_must_not_alert_is_named() -> None:
    assert found(arrivals=[*ARRIVALS, arrival(QUIET, "north")]) == {(QUIET.number, Astray.NOT_MEANT)}


def test_a_signature_that_the_foreign_library_refuses_is_named() -> None:
    assert (TOLD.number, Astray.BAD_SIGNATURE) in found(arrivals=[*ARRIVALS, arrival(TOLD, "north", verified=False, accepted=False)])
    notice = arrival(TOLD, "north", numbers=(), kind="newsmon.notice", verified=False, accepted=False, webhook_id="n")
    assert found(arrivals=[*ARRIVALS, notice]) == {(None, Astray.BAD_SIGNATURE)}


def test_what_is_missing_is_counted_per_receiver() -> None:
    assert missing({4, 6}, [arrival(TOLD, "north"), arrival(TOLD, "east", accepted=False)], DESKS) == {"north": {6}, "east": {4, 6}}


def test_an_item_is_the_same_in_every_run_and_knows_its_number() -> None:
    assert item(7, 12) == item(7, 12) != item(8, 12)
    assert number_of(item(7, 12).link) == 12
    assert number_of("https://elsewhere.example/item/12") is number_of(None) is number_of("https://outlet.example/item/x") is None
    assert len(set(PLACES)) == len(PLACES)
    assert {f"{one.theme}.toml" for one in (item(7, number) for number in range(200)) if one.theme} == theme_files().keys()


@pytest.mark.parametrize("lane", Lane)
def test_the_same_seed_gives_the_same_faults_and_another_seed_others(lane: Lane) -> None:
    plan = short_plan(5, lane, SPECS, 30)
    assert plan == short_plan(5, lane, SPECS, 30)
    assert [one.kind for one in plan] != [one.kind for one in short_plan(6, lane, SPECS, 30)]


def test_a_short_campaign_tries_every_kind_that_it_can() -> None:
    available = kinds_with(frozenset({Need.SQLITE}))
    planned = [fault for lane, count in ((Lane.CORE, 30), (Lane.EDGE, 36)) for fault in short_plan(1, lane, available, count)]
    assert {one.kind for one in planned} == available.keys()
    assert len(planned) >= 60
    assert len(available) >= 20


def test_a_long_campaign_repeats_every_kind_and_outlasts_the_clients_time_outs() -> None:
    found = list(itertools.islice(faults(3, Lane.CORE, SPECS, is_long=True), 300))
    counts = Counter(one.kind for one in found)
    assert min(counts.values()) >= 10
    assert min(one.lasts_s for one in found if one.kind is Kind.BROKER_STOPPED_LONG) > 120


def test_each_kind_has_one_hand_in_its_lane() -> None:
    assert CORE_HANDS.keys() == {kind for kind, spec in SPECS.items() if spec.lane is Lane.CORE}
    assert EDGE_HANDS.keys() == {kind for kind, spec in SPECS.items() if spec.lane is Lane.EDGE}


def happened(kind: Kind, began_s: float, over_s: float, **changes: object) -> Happened:
    return replace(Happened(lane=SPECS[kind].lane, number=0, kind=kind, began_s=began_s, over_s=over_s), **changes)  # type: ignore[arg-type]


def test_recovery_is_the_first_accepted_webhook_of_an_item_that_came_after_the_fault() -> None:
    fault = happened(Kind.BROKER_KILLED, 10.0, 10.0)
    arrivals = [
        arrival(item(1, 1), "north", at_s=11.0),  # it was there before the fault
        arrival(item(1, 2), "north", at_s=12.0, accepted=False),
        arrival(item(1, 2), "east", at_s=14.5),
    ]
    (recovery,) = recoveries([fault], {1: 9.0, 2: 10.5}, arrivals)
    assert (recovery.seconds, recovery.alone) == (4.5, True)


def test_a_fault_of_one_receiver_is_over_when_that_receiver_accepts_again() -> None:
    fault = happened(Kind.RECEIVER_ERROR, 10.0, 12.0, desk="east")
    (recovery,) = recoveries([fault], {2: 12.5}, [arrival(item(1, 2), "north", at_s=13.0), arrival(item(1, 2), "east", at_s=18.0)])
    assert recovery.seconds == 6.0


def test_a_fault_of_one_feed_is_over_when_an_item_of_that_feed_arrives() -> None:
    fault = happened(Kind.FEED_ERROR, 10.0, 12.0, feed_numbers=(1, 3))
    (recovery,) = recoveries(
        [fault], {2: 12.5, 4: 13.0}, [arrival(item(1, 2), "north", at_s=13.0), arrival(item(1, 4), "north", at_s=15.0)]
    )
    assert recovery.seconds == 3.0


def test_faults_that_overlap_are_not_alone_and_one_that_nothing_follows_never_recovered() -> None:
    first, second = happened(Kind.BROKER_KILLED, 10.0, 10.0), happened(Kind.FEED_ERROR, 11.0, 12.0)
    found = recoveries([first, second], {2: 10.5}, [arrival(item(1, 2), "north", at_s=13.0)])
    assert [(one.seconds, one.alone) for one in found] == [(3.0, False), (None, False)]
    assert [(row.kind, row.not_recovered) for row in by_kind(found)] == [(Kind.BROKER_KILLED, 0), (Kind.FEED_ERROR, 1)]


def test_a_percentile_is_one_of_the_values() -> None:
    assert [percentile([4, 1, 3, 2], share) for share in (0.0, 0.5, 0.95, 1.0)] == [1, 2, 4, 4]
