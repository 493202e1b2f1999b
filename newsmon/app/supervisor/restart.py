"""Decides when to restart a process that ended.

In: exit code, lifetime, failures in a row. Out: a delay, or the decision to stop everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from newsmon.errors import DependencyError, SettingsError

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 60.0
STEADY_AFTER_S = 60.0  # a process that lived this long is no longer in a crash loop


class RestartReason(StrEnum):
    CRASHED = "crashed"
    ENDED = "ended"  # exit code 0, unasked
    DEPENDENCY = "dependency_out_of_reach"
    WRONG_SETTINGS = "wrong_settings"


@dataclass(frozen=True, slots=True)
class RestartDecision:
    """The time of a restart. `delay_s` None: a restart cannot help, so stop everything."""

    reason: RestartReason
    delay_s: float | None
    failures_in_row: int


def decide_restart(exit_code: int, *, lived_s: float, failures_in_row: int) -> RestartDecision:
    """Decides about a process that ended by itself; negative exit codes are signals, as in subprocess.

    The delay doubles from half a second to a minute, and starts over once the process has lived for a minute.
    Wrong settings do not fix themselves: no restart.
    """
    if exit_code == SettingsError.exit_code:
        return RestartDecision(RestartReason.WRONG_SETTINGS, None, failures_in_row)
    reason = {0: RestartReason.ENDED, DependencyError.exit_code: RestartReason.DEPENDENCY}.get(exit_code, RestartReason.CRASHED)
    before = 0 if lived_s >= STEADY_AFTER_S else failures_in_row
    delay_s = min(FIRST_DELAY_S * 2.0 ** min(before, 16), LONGEST_DELAY_S)
    return RestartDecision(reason, delay_s, before + 1)
