"""The condition behind the notice that the system clock was set.

In: a step. Out: a Condition.
"""

from __future__ import annotations

from newsmon.clock import ClockStep
from newsmon.records import NoticeKind, Severity
from sinks.policy.conditions import Condition


def clock_condition(step: ClockStep) -> Condition:
    """The condition to tell of for a while after a step."""
    direction = "forward" if step.seconds > 0 else "back"
    text = (
        f"The system clock of the deliver stage was set {direction} by {_span(abs(step.seconds))}. What waits was rescheduled; times "
        "stored before that are off by as much. Check the time service of the machine, for example with `timedatectl`."
    )
    return Condition(NoticeKind.CLOCK_STEPPED, "clock", text, step.at, Severity.URGENT)


def _span(seconds: float) -> str:
    for size, unit in ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
