"""`newsmon doctor` names deliveries that wait for a person, and a clock that disagrees with the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from newsmon.app.cli.health.doctor_checks import Verdict
from newsmon.app.cli.health.doctor_memory import clock_check, held_check

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_held_deliveries_are_to_be_fixed_and_the_commands_are_named() -> None:
    assert held_check({}, None).verdict is Verdict.GOOD
    check = held_check({"desk": 72, "chat": 3}, NOW)
    assert check.verdict is Verdict.BAD
    for said in ("75 old deliveries", "chat 3, desk 72", "2026-11-30 12:00Z", "newsmon deliveries release", "newsmon deliveries discard"):
        assert said in check.detail


def test_a_clock_behind_the_database_is_to_be_fixed_and_a_step_is_noted() -> None:
    assert clock_check(None, None, now=NOW).verdict is Verdict.GOOD
    assert clock_check(NOW + timedelta(seconds=20), None, now=NOW).verdict is Verdict.GOOD
    behind = clock_check(NOW + timedelta(days=10), None, now=NOW)
    assert behind.verdict is Verdict.BAD
    assert "2026-12-10 12:00Z" in behind.detail
    told = clock_check(NOW, "The system clock was set back.", now=NOW)
    assert (told.verdict, told.detail) == (Verdict.NOTE, "The system clock was set back.")
