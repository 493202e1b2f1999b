"""The circuit breaker of a receiver: when to stop sending to it, and when to try again.

After several failures in a row nothing is sent for a while; then one delivery, the probe, closes the circuit or opens it for longer.
What waits meanwhile stays pending and uses up no attempt of its retry schedule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class CircuitPolicy:
    """The circuit opens at `threshold` failures in a row; each failed probe takes the next rest, and the last one repeats."""

    threshold: int = 5
    rests_s: tuple[float, ...] = (10.0, 30.0, 60.0, 120.0, 300.0)


@dataclass(frozen=True, slots=True)
class Circuit:
    """The circuit of one receiver; `open_until` None means closed."""

    failure_count: int = 0  # in a row
    open_until: datetime | None = None


def shifted(circuit: Circuit, by: timedelta) -> Circuit:
    """The circuit after the clock was set by `by`: its rest goes on for as long as it would have."""
    return circuit if circuit.open_until is None else Circuit(circuit.failure_count, circuit.open_until + by)


class Permit(StrEnum):
    """The amount that may be sent now."""

    ALL = "all"
    PROBE = "probe"  # one at a time
    NONE = "none"


MOST_ATTEMPTS_OF_ONE = 11
STANDARD_POLICY = CircuitPolicy()
CLOSED = Circuit()


def permit(circuit: Circuit, *, now: datetime) -> Permit:
    """The amount the circuit allows at `now`."""
    if circuit.open_until is None:
        return Permit.ALL
    return Permit.NONE if now < circuit.open_until else Permit.PROBE


def after_attempt(
    circuit: Circuit, *, succeeded: bool, now: datetime, asked_rest_s: float = 0.0, policy: CircuitPolicy = STANDARD_POLICY
) -> Circuit:
    """The circuit after one more attempt ended at `now`; `asked_rest_s` is the receiver's Retry-After, which holds for all its alerts.

    Attempts that were under way when the circuit opened do not lengthen the rest.
    """
    if succeeded:
        return CLOSED
    asked_until = now + timedelta(seconds=asked_rest_s) if asked_rest_s > 0 else None
    if permit(circuit, now=now) is Permit.NONE:
        assert circuit.open_until is not None
        return Circuit(circuit.failure_count, max(circuit.open_until, asked_until or circuit.open_until))
    failure_count = circuit.failure_count + 1
    if failure_count < policy.threshold:
        return Circuit(failure_count, asked_until)
    rest = timedelta(seconds=policy.rests_s[min(failure_count - policy.threshold, len(policy.rests_s) - 1)])
    return Circuit(failure_count, max(now + rest, asked_until or now))


def failing_too_long(since: datetime | None, circuit: Circuit, *, now: datetime, limit: timedelta) -> bool:
    """True when nothing was accepted for `limit` despite more failures than one alert's whole schedule.

    Two alerts a week apart that both fell into a restart do not disable a receiver.
    """
    return since is not None and now - since >= limit and circuit.failure_count > MOST_ATTEMPTS_OF_ONE
