"""The quarantine wrapper: runs one pure decision and turns whatever goes wrong into a value. [pure but for the timer]

An `except Exception` stands here (elsewhere only around one page and one chat plug-in). It sees decisions alone, no I/O: trouble
with Kafka can never be mistaken for a bad record and skipped.
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
class Judged(Generic[T]):
    """What the decision returned."""

    value: T


@dataclass(frozen=True, slots=True)
class Failed:
    """Why the record has no answer; `trace` is None when the bytes were at fault, else it shows where our code was."""

    reason: QuarantineReason
    error: str
    trace: str | None

    @property
    def poison(self) -> bool:
        return self.reason is not QuarantineReason.HANDLER_FAILED


def judge(decision: Callable[[], T], *, deadline_s: float) -> Judged[T] | Failed:
    """The decision's value, or why there is none: unreadable bytes, a fault of our code, too much processor time."""
    try:
        with cpu_deadline(deadline_s):
            return Judged(decision())
    except RecordError as error:
        return Failed(reason_of(error), str(error), None)
    except Exception as error:  # noqa: BLE001 - one bad record must cost only itself
        return Failed(reason_of(error), f"{type(error).__name__}: {error}", traceback.format_exc())
