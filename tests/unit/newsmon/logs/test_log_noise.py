"""A trouble that lasts is a few lines with a count; two different troubles are two."""

from __future__ import annotations

import logging

import pytest
import structlog

from newsmon.log_noise import FORGOTTEN_AFTER_S, ClientLines, Repeats


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def said(repeats: Repeats, **event: object) -> dict[str, object] | None:
    try:
        return dict(repeats(None, "warning", {"level": "warning", "stage": "store", **event}))
    except structlog.DropEvent:
        return None


def test_an_hour_of_waiting_is_a_few_lines_and_counts_all() -> None:
    clock = Clock()
    repeats = Repeats(clock)
    lines = []
    for _ in range(3600 // 15):
        lines.append(said(repeats, event="sink.waiting", reason="connection", error=f"no {clock.now_s}", retry_in_s=15.0))
        clock.now_s += 15
    told = [line for line in lines if line is not None]
    assert lines[0] is not None
    assert len(told) <= 10
    assert sum(int(str(line.get("repeated", 0))) + 1 for line in told) >= len(lines) - 600 // 15


def test_another_reason_and_another_stage_are_other_troubles() -> None:
    repeats = Repeats(Clock())
    assert said(repeats, event="sink.waiting", reason="connection", retry_in_s=1.0)
    assert said(repeats, event="sink.waiting", reason="connection", retry_in_s=2.0) is None
    assert said(repeats, event="sink.waiting", reason="full", retry_in_s=1.0)
    assert said(repeats, event="sink.waiting", reason="connection", retry_in_s=1.0, stage="deliver")


def test_a_trouble_that_comes_again_later_is_said_at_once() -> None:
    clock = Clock()
    repeats = Repeats(clock)
    assert said(repeats, event="kafka.waiting", retry_in_s=1.0)
    clock.now_s += FORGOTTEN_AFTER_S + 1
    assert said(repeats, event="kafka.waiting", retry_in_s=1.0) == {
        "event": "kafka.waiting", "level": "warning", "stage": "store", "retry_in_s": 1.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    "event",
    [
        {"event": "delivery.failed", "receiver": "desk", "retry_in_s": 5.0},  # each belongs to one alert
        {"event": "run.stage_ended", "retry_in_s": 0.5},
        {"event": "record.quarantined"},
    ],
)
def test_what_happens_once_each_is_always_said(event: dict[str, object]) -> None:
    repeats = Repeats(Clock())
    assert all(said(repeats, **event) for _ in range(5))


def test_waits_without_a_delay_are_counted_too() -> None:
    repeats = Repeats(Clock())
    assert said(repeats, event="lag.unknown", reason="no response from 127.0.0.1:1")
    assert said(repeats, event="lag.unknown", reason="no response from 127.0.0.1:2") is None


def test_client_lines_are_held_back_only_while_a_watch_runs() -> None:
    lines = ClientLines()
    record = logging.LogRecord("kafka.net", logging.WARNING, "", 0, "Connection failed: %s", ("refused",), None)
    assert lines.filter(record)
    lines.held_back = True
    assert not any(lines.filter(record) for _ in range(7))
    assert lines.take() == (7, ("Connection failed: refused",))
    assert lines.take() == (0, ())


def test_two_ports_in_use_are_two_waits() -> None:
    repeats = Repeats(Clock())
    waits = [said(repeats, event="port.taken", setting=setting, retry_in_s=2.0) for setting in ("ack.port", "feeds_out.port", "ack.port")]
    assert [line is not None for line in waits] == [True, True, False]
