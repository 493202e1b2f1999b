"""Decides when to restart a process that ended.

In: exit code, lifetime, failures in a row. Out: a delay, or the decision to stop everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from newsmon.errors import DependencyError, SettingsError

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 60.0
LONGEST_KAFKA_DELAY_S = 10.0  # everything waits for it, and a start costs little beside that
STEADY_AFTER_S = 30.0  # a process that lived this long is no longer in a crash loop


class RestartReason(StrEnum):
    CRASHED = "crashed"
    ENDED = "ended"  # exit code 0, unasked
    DEPENDENCY = "dependency_out_of_reach"
    WRONG_SETTINGS = "wrong_settings"
    STALLED = "stalled"  # it stood still, and ended itself or was killed by the supervisor


@dataclass(frozen=True, slots=True)
class RestartDecision:
    """The time of a restart. `delay_s` None: a restart cannot help, so stop everything."""

    reason: RestartReason
    delay_s: float | None
    failures_in_row: int


EXIT_STALLED = 70  # of a stage that ended itself because its work stood still

REASONS = {
    0: RestartReason.ENDED,
    SettingsError.exit_code: RestartReason.WRONG_SETTINGS,
    DependencyError.exit_code: RestartReason.DEPENDENCY,
    EXIT_STALLED: RestartReason.STALLED,
}  # fmt: skip


def is_steady(lived_s: float, failures_in_row: int) -> bool:
    """Whether a process that works can be trusted to go on: one that ended before must first outlive the delays of a crash loop."""
    return failures_in_row == 0 or lived_s >= STEADY_AFTER_S


def decide_restart(
    exit_code: int,
    *,
    lived_s: float,
    failures_in_row: int,
    was_stalled: bool = False,
    has_worked: bool = False,
    longest_delay_s: float = LONGEST_DELAY_S,
) -> RestartDecision:
    """Decides about a process that has ended; negative exit codes are signals, as in subprocess.

    The delay doubles from half a second to a minute, and starts over once the process has lived for half a minute. Settings that
    are wrong at the start do not fix themselves: no restart. Those of a stage that `has_worked` in this run were right before, so
    somebody is changing a file now: the other stages go on, and it starts once the file is right again.
    """
    reason = RestartReason.STALLED if was_stalled else REASONS.get(exit_code, RestartReason.CRASHED)
    if reason is RestartReason.WRONG_SETTINGS and not has_worked:
        return RestartDecision(reason, None, failures_in_row)
    before = 0 if lived_s >= STEADY_AFTER_S else failures_in_row
    delay_s = min(FIRST_DELAY_S * 2.0 ** min(before, 16), longest_delay_s)
    return RestartDecision(reason, delay_s, before + 1)
