"""Waits until a dependency answers: healthy, not ready, and saying why, instead of ending and being started again and again.

In: an attempt. Out: its result, reasons on /readyz, a log line at first and then seldom. I/O: the attempt's, on a thread of its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from newsmon.errors import DependencyError, RefusedError
from newsmon.logs import get_logger
from newsmon.net.monitoring import Health

T = TypeVar("T")

BACKOFF_FIRST_S = 0.5
BACKOFF_LONGEST_S = 5.0  # a dependency that is back is noticed within this time
SAID_AGAIN_AFTER_S = 300.0
TURN_S = 0.1

log = get_logger(__name__)


class Stopped(Exception):
    """The process was asked to end before the dependency answered."""


class SeldomSaid:
    """Says whether a state that lasts is due to be logged: when it begins or its reason changes, and every few minutes."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._said_at_s: float | None = None

    def is_due(self) -> bool:
        now_s = self._monotonic()
        if self._said_at_s is not None and now_s - self._said_at_s < SAID_AGAIN_AFTER_S:
            return False
        self._said_at_s = now_s
        return True

    def over(self) -> bool:
        """True when something had been said; the next time is a first time again."""
        said, self._said_at_s = self._said_at_s is not None, None
        return said


def wait_for(what: str, attempt: Callable[[], T], health: Health, stop: threading.Event) -> T:
    """The result of the first attempt that ends without DependencyError; Stopped as soon as `stop` is set.

    RefusedError and SettingsError are raised: waiting cannot help. Until then /readyz names `what` and the reason.
    """
    seldom, backoff_s = SeldomSaid(), BACKOFF_FIRST_S
    health.waiting_for(what, f"waiting for {what}")
    while True:
        try:
            found = _attempted(attempt, health, stop)
        except RefusedError:
            raise
        except DependencyError as error:
            health.waiting_for(what, str(error))
            if seldom.is_due():
                log.warning("start.waiting", what=what, reason=str(error))
        else:
            health.has(what)
            if seldom.over():
                log.info("start.found", what=what)
            return found
        _pause(backoff_s, health, stop)
        backoff_s = min(BACKOFF_LONGEST_S, backoff_s * 2)


def _attempted(attempt: Callable[[], T], health: Health, stop: threading.Event) -> T:
    """Run the attempt on a thread, so that a signal is obeyed at once although the attempt blocks for many seconds."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(attempt())
        except BaseException as error:  # noqa: BLE001 - raised on the thread that waits
            errors.append(error)

    thread = threading.Thread(target=run, name="start-attempt", daemon=True)
    thread.start()
    while thread.is_alive():
        health.beat()
        thread.join(TURN_S)
        if stop.is_set():
            raise Stopped
    if errors:
        raise errors[0]
    return results[0]


def _pause(seconds: float, health: Health, stop: threading.Event) -> None:
    until_s = time.monotonic() + seconds
    while (left_s := until_s - time.monotonic()) > 0:
        health.beat()
        if stop.wait(min(left_s, 1.0)):
            raise Stopped
