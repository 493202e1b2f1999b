"""When the supervisor starts an ended process again."""

from __future__ import annotations

import pytest

from newsmon.app.supervisor.restart import LONGEST_DELAY_S, LONGEST_KAFKA_DELAY_S, RestartReason, decide_restart, is_steady


def test_the_delay_doubles_up_to_a_minute() -> None:
    delays, failures = [], 0
    for _ in range(12):
        decision = decide_restart(-9, lived_s=1.0, failures_in_row=failures)
        delays.append(decision.delay_s)
        failures = decision.failures_in_row
    assert delays[:4] == [0.5, 1.0, 2.0, 4.0]
    assert delays[-1] == LONGEST_DELAY_S


def test_a_process_that_lived_long_starts_over_at_once() -> None:
    assert decide_restart(1, lived_s=3600, failures_in_row=9).delay_s == 0.5


def test_wrong_settings_are_not_tried_again() -> None:
    decision = decide_restart(2, lived_s=0.1, failures_in_row=0)
    assert decision.delay_s is None
    assert decision.reason is RestartReason.WRONG_SETTINGS


def test_settings_that_go_wrong_while_it_runs_do_not_stop_the_other_stages() -> None:
    decision = decide_restart(2, lived_s=0.1, failures_in_row=0, has_worked=True)
    assert decision.delay_s == 0.5
    assert decision.reason is RestartReason.WRONG_SETTINGS


def test_one_good_answer_between_two_crashes_is_not_being_well() -> None:
    assert is_steady(2.0, failures_in_row=0)
    assert not is_steady(5.0, failures_in_row=3)
    assert is_steady(31.0, failures_in_row=3)


def test_a_stage_killed_because_it_stood_still_is_told_from_one_that_crashed() -> None:
    decision = decide_restart(-9, lived_s=3600, failures_in_row=0, was_stalled=True)
    assert (decision.reason, decision.delay_s) == (RestartReason.STALLED, 0.5)


def test_kafka_is_never_waited_for_long_because_everything_waits_for_it() -> None:
    decision = decide_restart(1, lived_s=1.0, failures_in_row=12, longest_delay_s=LONGEST_KAFKA_DELAY_S)
    assert decision.delay_s == LONGEST_KAFKA_DELAY_S


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (0, RestartReason.ENDED),
        (3, RestartReason.DEPENDENCY),
        (-9, RestartReason.CRASHED),
        (1, RestartReason.CRASHED),
        (70, RestartReason.STALLED),
    ],
)
def test_the_exit_code_becomes_a_reason(code: int, reason: RestartReason) -> None:
    assert decide_restart(code, lived_s=1, failures_in_row=0).reason is reason
