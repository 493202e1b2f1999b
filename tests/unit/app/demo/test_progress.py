"""When the demo may end: only when every feed was polled enough, everything was counted through, and nothing moves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newsmon.app.demo.findings.progress import SETTLE_MISSING_S, SETTLE_S, Flow, Needs, Wait, waiting_for

NEEDS = Needs(feeds=frozenset({"post", "gone"}), good_polls={"post": 2}, read_polls={"post": 2})
DONE = Flow(
    polls={"post": 3, "gone": 2}, good_polls={"post": 3}, read_polls={"post": 2}, published=10, sightings=10, classified=10, themes_named=4,
    matches=4, members=4, alerts=3, fanned_out=3, unfinished=0, delivered=3,
)  # fmt: skip


def wait(flow: Flow | None, *, unchanged_s: float = 60.0, complete: bool = True) -> Wait:
    return waiting_for(flow, NEEDS, unchanged_s=unchanged_s, alerts_complete=complete)


def test_all_counted_through_and_still_is_the_end() -> None:
    assert wait(DONE) is Wait.QUIET


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"polls": {"post": 3, "gone": 1}}, Wait.POLLING),
        ({"polls": {"post": 3}}, Wait.POLLING),
        ({"good_polls": {"post": 1}}, Wait.POLLING),
        ({"read_polls": {"post": 1}}, Wait.POLLING),
        ({"read_polls": {}}, Wait.POLLING),
        ({"sightings": 9}, Wait.CLASSIFYING),
        ({"classified": 9}, Wait.CLASSIFYING),
        ({"matches": 3, "members": 3}, Wait.GROUPING),
        ({"members": 3}, Wait.GROUPING),
        ({"fanned_out": 2}, Wait.DELIVERING),
        ({"unfinished": 1}, Wait.DELIVERING),
    ],
)
def test_anything_still_to_come_is_waited_for(change: dict[str, object], expected: Wait) -> None:
    assert wait(replace(DONE, **change)) is expected  # type: ignore[arg-type]


def test_a_database_that_is_not_there_yet_is_waited_for() -> None:
    assert wait(None) is Wait.STARTING


def test_a_flow_that_still_moves_is_left_to_settle() -> None:
    assert wait(DONE, unchanged_s=SETTLE_S - 0.1) is Wait.SETTLING


def test_a_missing_alert_gets_more_time_but_not_for_ever() -> None:
    assert wait(DONE, unchanged_s=SETTLE_S + 0.1, complete=False) is Wait.SETTLING
    assert wait(DONE, unchanged_s=SETTLE_MISSING_S, complete=False) is Wait.QUIET


def test_polls_are_progress_as_far_as_they_are_wanted() -> None:
    """Else the feeds that are polled for ever would keep a demo alive that stands still."""
    behind = replace(DONE, good_polls={"post": 1})
    assert behind.progress != DONE.progress
    assert behind.moved == DONE.moved
    assert replace(DONE, polls={"post": 300, "gone": 200}, good_polls={"post": 300}).progress == DONE.progress
