"""Keeps a long trouble from becoming many lines: what repeats is counted, and the count is said with the next line.

In: log records and events. Out: those worth a line. The clock is an argument where a test needs it.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

import structlog

FIRST_QUIET_S, LONGEST_QUIET_S = 60.0, 600.0
FORGOTTEN_AFTER_S = 180.0  # the next one is a new trouble; waits back off to a minute at most
# Events of waiting for something that is away, besides those that carry `retry_in_s`.
WAITS = frozenset(
    {
        "deliveries.not_published",
        "kafka.client_abandoned",
        "lag.unknown",
        "notice.not_published",
        "run.kafka_not_back",
        "watchdog.blind",
        "websub.not_published",
    }
)
WORD = re.compile(r"[a-z][a-z0-9_]*")
EXAMPLES = 3


class RateLimit(logging.Filter):
    """Limits the lines per minute of a noisy logger, and counts the rest."""

    def __init__(self, per_minute: int) -> None:
        super().__init__()
        self._per_minute = per_minute
        self._minute = 0
        self._said = 0
        self._held = 0

    def filter(self, record: logging.LogRecord) -> bool:
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            if self._held:
                record.msg = f"{record.getMessage()} [{self._held} lines dropped in the previous minute]"
                record.args = ()
            self._minute, self._said, self._held = minute, 0, 0
        self._said += 1
        if self._said <= self._per_minute:
            return True
        self._held += 1
        return False


class ClientLines(logging.Filter):
    """Holds back what the Kafka clients say of single connections while a KafkaWatch runs: that says once that the broker is away.

    What they say while it answers is told in one line, so that no other trouble of theirs stays hidden.
    """

    def __init__(self) -> None:
        super().__init__()
        self.held_back = False
        self._lock = threading.Lock()
        self._count = 0
        self._examples: list[str] = []

    def filter(self, record: logging.LogRecord) -> bool:
        if not self.held_back:
            return True
        with self._lock:
            self._count += 1
            said = record.getMessage()[:200]
            if len(self._examples) < EXAMPLES and said not in self._examples:
                self._examples.append(said)
        return False

    def take(self) -> tuple[int, tuple[str, ...]]:
        """How many lines were held back since the last call, and the first that differ."""
        with self._lock:
            taken = self._count, tuple(self._examples)
            self._count, self._examples = 0, []
        return taken


@dataclass(slots=True)
class _Trouble:
    said_s: float
    seen_s: float
    quiet_s: float
    held: int = 0


class Repeats:
    """A structlog processor: of events that say the same wait again, the first is said, then one a minute, later one in ten.

    They are the warnings and errors with `retry_in_s`, and those in WAITS. The next line says how many were `repeated`. Two kinds are
    never held back: attempts at a delivery, each of which belongs to one alert, and restarts, which are few.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._troubles: dict[tuple[str, str, str, str], _Trouble] = {}

    def __call__(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        name = str(event.get("event"))
        waits = name in WAITS or ("retry_in_s" in event and "receiver" not in event and not name.startswith("run."))
        if not waits or event.get("level") not in ("warning", "error"):
            return event
        reason = str(event.get("reason", ""))
        with self._lock:
            waited_for = str(event.get("setting") or event.get("what") or "")  # two ports, or Kafka and the database, are two waits
            held = self._held((name, str(event.get("stage")), reason if WORD.fullmatch(reason) else "", waited_for))
        if held is None:
            raise structlog.DropEvent
        if held:
            event["repeated"] = held
        return event

    def _held(self, key: tuple[str, str, str, str]) -> int | None:
        """How many were held back before this one; None to hold back this one too."""
        now_s = self._monotonic()
        trouble = self._troubles.get(key)
        if trouble is None or now_s - trouble.seen_s > FORGOTTEN_AFTER_S:
            self._troubles[key] = _Trouble(now_s, now_s, FIRST_QUIET_S)
            return 0
        trouble.seen_s = now_s
        if now_s - trouble.said_s < trouble.quiet_s:
            trouble.held += 1
            return None
        held, trouble.held = trouble.held, 0
        trouble.said_s, trouble.quiet_s = now_s, min(trouble.quiet_s * 2, LONGEST_QUIET_S)
        return held
