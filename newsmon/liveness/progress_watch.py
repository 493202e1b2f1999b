"""A thread that ends a stage whose work stands still although what it depends on answers, whatever state its clients are in.

It trusts only what it asks the broker and the database itself, with connections of its own. In: a measurement of waiting work.
Out: a reason on /healthz, a notice, exit code 70 with every stack on stderr; the supervisor starts the stage again.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import NoReturn

from newsmon.errors import DependencyError
from newsmon.host.stderr import finish_stderr
from newsmon.liveness.stall import Progress, Waiting, stall_of
from newsmon.liveness.stalled_notice import tell_stall
from newsmon.logs import get_logger, thread_stacks
from newsmon.net.monitoring import Health
from newsmon.settings import Settings

EXIT_STALLED = 70  # EX_SOFTWARE: the supervisor starts us again
LONGEST_CHECK_INTERVAL_S = 10.0
CHECKS_PER_STALL = 6
PAUSE_FACTOR, PAUSE_S = 2, 5.0  # a wait that takes longer was not a busy machine: the process was suspended
TELL_WITHIN_S = 10.0
UNTOLD_LIMITS = 3  # a stage that cannot even publish the notice is ended after so many limits

log = get_logger(__name__)

Measure = Callable[[], Sequence[Waiting]]


def end_hard(stage: str, why: str) -> NoReturn:
    """End the process at once, after logging the reason and where every thread stands.

    It skips every clean-up on purpose: an orderly stop would commit unfinished work.
    """
    event = f"{stage}.ends_hard"
    log.critical(event, reason=why, stacks=thread_stacks())
    finish_stderr()
    os._exit(EXIT_STALLED)


class ProgressWatch(threading.Thread):
    """Checks every few seconds until stopped. `measure` raises DependencyError when a dependency does not answer."""

    def __init__(
        self,
        settings: Settings,
        health: Health,
        measure: Measure,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        tell: Callable[[str], bool] | None = None,
        end_process: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(name="progress-watch", daemon=True)
        self._settings = settings
        self._health = health
        self._measure = measure
        self._monotonic = monotonic
        self._tell = tell or self._told
        self._end_process = end_process or partial(end_hard, health.stage)
        self._progress = Progress()
        self._stopped = threading.Event()
        self._noticed_at: datetime | None = None  # the stall under way

    def run(self) -> None:
        limit_s = self._settings.processor.stall_exit_s
        every_s = min(LONGEST_CHECK_INTERVAL_S, limit_s / CHECKS_PER_STALL)
        while not self._paused(every_s):
            stalled_s = self._look()
            why = stall_of(stalled_s, limit_s)
            if why is None:
                self._health.well("progress")
                self._noticed_at = None
                continue
            self._noticed_at = self._noticed_at or datetime.now(UTC)
            self._health.sick("progress", why)
            # A broker that answers questions but takes no records keeps everybody waiting, and no restart would help. The notice tells.
            if self._tell(why) or max(stalled_s.values()) >= UNTOLD_LIMITS * limit_s:
                self._end_process(why)
                return

    def stop(self) -> None:
        self._stopped.set()

    def __enter__(self) -> ProgressWatch:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def _paused(self, every_s: float) -> bool:
        """Wait for the next look; True once stopped. When the whole machine stood still meanwhile, nothing could move: begin again."""
        asked_s = self._monotonic()
        stopped = self._stopped.wait(every_s)
        if self._monotonic() - asked_s > PAUSE_FACTOR * every_s + PAUSE_S:
            self._progress.start_over()
        return stopped

    def _look(self) -> dict[str, float]:
        """Measure once. A dependency that does not answer makes the process unready, and whatever waits is not to blame."""
        try:
            waiting = self._measure()
        except DependencyError as error:
            self._health.waiting_for("dependencies", str(error))
            self._progress.start_over()
            return {}
        except Exception as error:  # noqa: BLE001 - a surprise in a client library must not end the watch
            log.warning("watch.failed", error=f"{type(error).__name__}: {error}"[:300])
            self._progress.start_over()
            return {}
        self._health.has("dependencies")
        return self._progress.stalled_s(waiting, self._monotonic())

    def _told(self, why: str) -> bool:
        """Publish the notice with a client of its own: Kafka has just answered us, and the process that follows may not know."""
        told: list[bool] = []
        tell = partial(tell_stall, self._settings, self._health.stage, why, noticed_at=self._noticed_at)
        telling = threading.Thread(target=lambda: told.append(tell()), daemon=True)
        telling.start()
        telling.join(TELL_WITHIN_S)
        return told == [True]
