"""`newsmon run` answers /readyz and /healthz for the whole, and its /healthz fails only for what a restart from outside may heal."""

from __future__ import annotations

from dataclasses import replace

from newsmon.app.supervisor.stall import Answer
from newsmon.app.supervisor.whole import (
    KAFKA_SILENT_AFTER_S,
    STAGE_UNWELL_AFTER_S,
    KafkaPhase,
    KafkaView,
    StageView,
    unhealthy_whole,
    unready_whole,
)

UP = KafkaView(KafkaPhase.UP, 0.0, "", is_own=True)
FINE = tuple(
    StageView(name, is_running=True, has_answered=True, last=Answer.WELL) for name in ("producer", "processor", "deliver", "store")
)


def with_stage(**changes: object) -> tuple[StageView, ...]:
    return (*FINE[:3], replace(FINE[3], **changes))  # type: ignore[arg-type]


def test_with_everything_well_it_is_ready_and_healthy() -> None:
    assert unready_whole(UP, FINE) == {}
    assert unhealthy_whole(UP, FINE, now_s=1e6) == {}


def test_what_a_stage_waits_for_is_named_and_does_not_make_it_unhealthy() -> None:
    waiting = with_stage(unready={"database": "connection: refused", "partitions": "none yet"})
    assert unready_whole(UP, waiting) == {"store.database": "connection: refused", "store.partitions": "none yet"}
    assert unhealthy_whole(UP, waiting, now_s=1e6) == {}


def test_a_stage_that_does_not_run_or_answer_makes_it_not_ready() -> None:
    assert unready_whole(UP, with_stage(is_running=False, detail="crashed; starts in 3 s")) == {"store": "crashed; starts in 3 s"}
    for last, bad_count in ((None, 0), (Answer.NONE, 1), (Answer.NONE, 9)):  # busy with its start
        starting = with_stage(has_answered=False, last=last, bad_count=bad_count)
        assert unready_whole(UP, starting) == {"store": "it has not answered yet"}
    assert unready_whole(UP, with_stage(last=Answer.NONE, bad_count=2)) == {"store": "it does not answer"}
    assert unready_whole(UP, with_stage(last=Answer.NONE, bad_count=1)) == {}


def test_kafka_away_makes_it_not_ready_but_never_unhealthy_unless_our_own_broker_hangs() -> None:
    for phase in KafkaPhase:
        if phase is KafkaPhase.UP:
            continue
        view = replace(UP, phase=phase, detail="no response")
        assert unready_whole(view, FINE) == {"kafka": "no response"}
        assert unhealthy_whole(replace(view, is_own=False), FINE, now_s=1e6) == {}
        assert unhealthy_whole(view, FINE, now_s=KAFKA_SILENT_AFTER_S - 1) == {}
        assert ("kafka" in unhealthy_whole(view, FINE, now_s=KAFKA_SILENT_AFTER_S)) == (phase is KafkaPhase.SILENT)


def test_a_stage_that_stays_unwell_in_spite_of_restarts_makes_it_unhealthy_after_minutes() -> None:
    restarting = with_stage(is_running=False, detail="crashed; starts in 60 s", unwell_since_s=100.0)
    assert unhealthy_whole(UP, restarting, now_s=100.0 + STAGE_UNWELL_AFTER_S - 1) == {}
    assert "crashed" in unhealthy_whole(UP, restarting, now_s=100.0 + STAGE_UNWELL_AFTER_S)["store"]
    stuck = with_stage(last=Answer.UNHEALTHY, unhealthy="main_loop: stalled for 400 s", unwell_since_s=100.0)
    assert "main_loop" in unhealthy_whole(UP, stuck, now_s=100.0 + STAGE_UNWELL_AFTER_S)["store"]
