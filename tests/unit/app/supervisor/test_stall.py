"""When a stage counts as standing still: from its answers to /healthz, not from one bad moment."""

from __future__ import annotations

import pytest

from newsmon.app.supervisor.stall import STALLED_AFTER_COUNT, STALLED_AFTER_S, START_LIMIT_S, Answer, StallReason, Watch, after, stall_of

EVERY_S = 5.0


def told(*answers: Answer) -> tuple[Watch, float]:
    watch, now_s = Watch(0.0), 0.0
    for answer in answers:
        watch = after(watch, answer, "main_loop: stalled", asked_s=now_s)
        now_s += EVERY_S
    return watch, now_s


@pytest.mark.parametrize(
    ("answer", "reason"), [(Answer.NONE, StallReason.NO_ANSWER), (Answer.UNHEALTHY, StallReason.UNHEALTHY)]
)  # fmt: skip
def test_a_stage_that_was_well_and_then_answers_badly_for_a_minute_stands_still(answer: Answer, reason: StallReason) -> None:
    watch, _ = told(Answer.WELL, *[answer] * STALLED_AFTER_COUNT)
    assert stall_of(watch, now_s=EVERY_S + STALLED_AFTER_S - 1) is None
    stall = stall_of(watch, now_s=EVERY_S + STALLED_AFTER_S)
    assert stall is not None
    assert (stall.reason, stall.for_s, stall.detail) == (reason, STALLED_AFTER_S, "main_loop: stalled")


def test_one_good_answer_starts_everything_over() -> None:
    watch, now_s = told(*[Answer.NONE, Answer.UNHEALTHY] * 20, Answer.WELL, *[Answer.NONE] * STALLED_AFTER_COUNT)
    assert stall_of(watch, now_s=now_s) is None


def test_after_a_pause_of_the_whole_machine_one_missing_answer_is_not_enough() -> None:
    watch, _ = told(Answer.WELL, *[Answer.NONE] * (STALLED_AFTER_COUNT - 1))
    assert stall_of(watch, now_s=10_000.0) is None


def test_a_stage_may_take_minutes_to_answer_for_the_first_time_but_not_forever() -> None:
    watch, _ = told(*[Answer.NONE] * 40)
    assert stall_of(watch, now_s=START_LIMIT_S - 1) is None
    stall = stall_of(watch, now_s=START_LIMIT_S)
    assert stall is not None
    assert stall.reason is StallReason.NEVER_ANSWERED


def test_a_stage_that_was_unhealthy_from_the_start_and_fell_silent_did_answer() -> None:
    watch, now_s = told(Answer.UNHEALTHY, *[Answer.NONE] * 13)
    stall = stall_of(watch, now_s=now_s)
    assert stall is not None
    assert stall.reason is StallReason.NO_ANSWER


def test_who_was_never_asked_does_not_stand_still() -> None:
    assert stall_of(Watch(0.0), now_s=1e9) is None
