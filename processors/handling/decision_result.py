"""Runs one decision and turns any failure into a value.

In: a decision without I/O, its processor time. Out: `Succeeded` or `Failed`.

The `except Exception` here sees decisions only (CONTRIBUTING.md names the other places that have one).
Trouble with Kafka never passes through it, so it cannot be mistaken for a bad record and skipped.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from newsmon.errors import RecordError
from newsmon.quarantine import QuarantineReason, reason_of
from processors.handling.deadline import cpu_deadline

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Succeeded(Generic[T]):
    """The value that the decision returned."""

    value: T


@dataclass(frozen=True, slots=True)
class Failed:
    """The reason why a record has no answer; `trace` is None when the bytes were at fault, else it shows where our code failed."""

    reason: QuarantineReason
    error: str
    trace: str | None

    @property
    def is_unreadable(self) -> bool:
        """True when the bytes were at fault, not our code."""
        return self.reason is not QuarantineReason.HANDLER_FAILED


def run_decision(decision: Callable[[], T], *, deadline_s: float) -> Succeeded[T] | Failed:
    """The decision's value, or why there is none: unreadable bytes, a bug of ours, too much processor time."""
    try:
        with cpu_deadline(deadline_s):
            return Succeeded(decision())
    except RecordError as error:
        return Failed(reason_of(error), str(error), None)
    except Exception as error:  # noqa: BLE001 - one bad record must cost only itself
        return Failed(reason_of(error), f"{type(error).__name__}: {error}", traceback.format_exc())
