"""Waiting for a dependency: what is waited out, what is not, and what the process says meanwhile."""

from __future__ import annotations

import threading

import pytest
from structlog.testing import capture_logs

from newsmon.errors import DependencyError, Problem, RefusedError, SettingsError
from newsmon.liveness.dependencies import SAID_AGAIN_AFTER_S, SeldomSaid, Stopped, wait_for
from newsmon.net.monitoring import Health


def test_it_waits_until_the_dependency_answers_and_says_so_once() -> None:
    health, stop = Health("store"), threading.Event()
    reasons: list[str] = []

    def attempt() -> str:
        reasons.append(health.unready_because()["database"])
        if len(reasons) < 3:
            raise DependencyError("database", f"refused for the {len(reasons)}. time")
        return "engine"

    with capture_logs() as lines:
        assert wait_for("database", attempt, health, stop) == "engine"
    assert reasons[1:] == ["database: refused for the 1. time", "database: refused for the 2. time"]
    assert [line["event"] for line in lines] == ["start.waiting", "start.found"]
    assert health.unready_because() == {}
    assert health.unhealthy_because() == {}


@pytest.mark.parametrize("error", [RefusedError("Kafka", "wrong password"), SettingsError([Problem("kafka:t", "has 1 partition")])])
def test_what_waiting_cannot_mend_ends_the_start(error: Exception) -> None:
    def attempt() -> None:
        raise error

    with pytest.raises(type(error)):
        wait_for("kafka", attempt, Health("store"), threading.Event())


def test_a_stop_is_obeyed_while_the_attempt_hangs() -> None:
    stop, hanging, release = threading.Event(), threading.Event(), threading.Event()

    def attempt() -> None:
        hanging.set()
        release.wait(120)

    def stop_soon() -> None:
        hanging.wait(60)
        stop.set()

    threading.Thread(target=stop_soon, daemon=True).start()
    try:
        with pytest.raises(Stopped):
            wait_for("kafka", attempt, Health("store"), stop)
    finally:
        release.set()


def test_a_lasting_state_is_said_at_first_and_then_seldom() -> None:
    now_s = 0.0
    seldom = SeldomSaid(lambda: now_s)
    assert [seldom.is_due() for _ in range(3)] == [True, False, False]
    now_s = SAID_AGAIN_AFTER_S
    assert seldom.is_due()
    assert seldom.over()
    assert not seldom.over()
    assert seldom.is_due(), "the next time is a first time again"
